"""The frames, and that a stranger can read about each of them."""

import json
import re

import msgspec
import pytest

from chatapp.realtime import protocol
from chatapp.realtime.allowance import FRAME_BYTES
from chatapp.realtime.connection import Limits
from chatapp.realtime.heartbeat import MESSAGE_SECONDS
from tests.architecture.source import ROOT

DOCUMENT = (ROOT / "docs" / "protocol.md").read_text()
FROM_SERVER = protocol.ServerFrame.__subclasses__()
FROM_BROWSER = list(protocol.BrowserFrame.__args__)


def tag(kind: type) -> str:
    return str(msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"]["type"]["enum"][0])


def row(kind: type, document: str = DOCUMENT) -> str:
    """The table row of that frame, in the section of its direction."""
    section = "From the client" if kind in FROM_BROWSER else "From the server"
    part = document.split(f"### {section}")[1].split("\n#")[0]
    found = re.search(rf"^\| `{tag(kind)}` \|.*$", part, re.M)
    return found.group() if found else ""


@pytest.mark.parametrize("kind", FROM_SERVER + FROM_BROWSER, ids=lambda kind: kind.__name__)
def test_each_frame_and_field_is_documented(kind):
    assert row(kind), f"docs/protocol.md has no row for {tag(kind)}"
    for field in kind.__struct_fields__:
        assert f"`{field}`" in row(kind), f"{tag(kind)}.{field}"


def test_a_missing_frame_would_be_noticed():
    assert row(protocol.Head)
    assert not row(protocol.Head, DOCUMENT.replace("`head`", "`tail`"))


def test_nothing_else_is_documented():
    tables = DOCUMENT.split("### From the server")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", tables, re.M)) == {
        tag(kind) for kind in FROM_SERVER + FROM_BROWSER
    }


@pytest.mark.parametrize(
    "code",
    [value for name, value in vars(protocol).items() if name.isupper() and isinstance(value, int)],
)
def test_each_close_code_is_documented(code):
    if code != protocol.NO_CODE:
        assert re.search(rf"^\|[^|]*\b{code}\b", DOCUMENT, re.M)


def test_each_close_code_for_a_broken_protocol_is_documented():
    source = (ROOT / "chatapp" / "realtime" / "frames.py").read_text()
    codes = set(re.findall(r"ProtocolError\((\d{4}),", source))
    assert {"1002", "1007", "1009"} <= codes
    for code in codes:
        assert re.search(rf"^\|[^|]*\b{code}\b", DOCUMENT, re.M), code


def test_the_documented_limits_are_the_real_ones():
    limits = Limits()
    assert limits.message_bytes == 64 * 1024
    assert "at most 64 KiB" in DOCUMENT
    assert f"bursts of {limits.burst} frames and {limits.frames_a_second:.0f} a" in DOCUMENT
    assert f"whole within {MESSAGE_SECONDS:.0f} s" in DOCUMENT
    assert FRAME_BYTES == 1024
    assert "each KiB counts as a frame more" in " ".join(DOCUMENT.split())
    assert f"{limits.outbox_frames} frames or {limits.outbox_bytes >> 20} MiB" in DOCUMENT


def test_a_frame_is_one_text_message_with_its_type():
    wire = protocol.encode_frame(protocol.Read(room=7, number=9))
    assert wire[0] == 0x81
    assert json.loads(wire[2:]) == {"type": "read", "room": 7, "number": 9}


def test_a_browsers_frame_is_understood():
    assert protocol.decode_frame('{"type":"subscribe","room":7}') == protocol.Subscribe(7)
    text = '{"type":"subscribe","room":7,"since":9,"epoch":"e"}'
    assert protocol.decode_frame(text) == protocol.Subscribe(7, since=9, epoch="e")
    assert protocol.decode_frame('{"type":"presence","state":"away","new":1}').state == "away"


@pytest.mark.parametrize(
    "text",
    [
        *("", "7", '{"type":"presence","state":"asleep"}', '{"type":1}'),
        *('{"type":"subscribe"}', '{"type":"subscribe","room":7,"since":"9"}'),
        *('{"type":"subscribe","room":7,"since":true}', '{"type":"subscribe","room":7,"epoch":1}'),
    ],
)
def test_what_is_not_understood_is_one_kind_of_error(text):
    with pytest.raises(ValueError, match=r".+"):
        protocol.decode_frame(text)


def test_what_is_nested_deeper_than_anybody_reads_is_an_error_like_others():
    nested = "[" * 30_000 + "]" * 30_000
    with pytest.raises(ValueError, match=r".+"):
        protocol.decode_frame(f'{{"type":"typing","room":1,"x":{nested}}}')
