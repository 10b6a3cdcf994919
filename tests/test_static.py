import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pygments.lexer import Lexer
from pygments.lexers.css import CssLexer
from pygments.lexers.javascript import JavascriptLexer
from pygments.token import Comment

from chatapp.assets import Assets
from chatapp.labels import css_string, labels
from chatapp.language import LANGUAGES
from chatapp.static import asset, import_map, labels_url

Builder = Callable[..., Any]
STYLE_SHEET_LIMIT = 20_000
FIRST_LOAD_LIMIT = 100_000
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def address(app: Flask) -> str:
    with app.test_request_context():
        return asset("css/app.css")


def test_a_file_is_kept_for_ever_under_its_fingerprint(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Permissions-Policy" not in answer.headers


def test_an_old_fingerprint_gets_the_current_file_uncached(
    client: FlaskClient, address: str
) -> None:
    answer = client.get(re.sub(r"/static/\w+/", "/static/0123456789ab/", address))
    assert answer.data == client.get(address).data
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_is_compressed_for_who_accepts_it(client: FlaskClient, address: str) -> None:
    plain = client.get(address, headers={"Accept-Encoding": "gzip;q=0"})
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_an_unchanged_file_is_not_sent_twice(client: FlaskClient, address: str) -> None:
    first = client.get(address)
    second = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 304
    assert second.data == b""


@pytest.mark.parametrize(
    "path",
    [
        "../static.py",
        "css/../../static.py",
        "%2e%2e/static.py",
        "/etc/passwd",
        "css/index.txt",
        "css/none.css",
        "css/room.css",
        "js/room/rows.js",
        "vendor/vendor.json/",
        "css\\app.css",
        "css/app.css\x00.png",
    ],
)
def test_only_the_folders_own_files_are_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/0123456789ab/{path}").status_code in (308, 404)


def test_the_style_sheet_is_all_its_parts_in_order(client: FlaskClient, address: str) -> None:
    folder = Path(__file__).resolve().parent.parent / "chatapp" / "static" / "css"
    listed = (folder / "index.txt").read_text().split()
    assert sorted(listed) == sorted(path.name for path in folder.glob("*.css"))
    assert client.get(address).text.startswith("@layer ")


def test_the_style_sheet_stays_small(client: FlaskClient, address: str) -> None:
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert len(packed.data) < STYLE_SHEET_LIMIT


def test_only_comments_are_left_out_of_what_is_sent() -> None:
    folder = Path(__file__).resolve().parent.parent / "chatapp" / "static"
    sent, written = Assets(folder), Assets(folder, watch=True)
    for path in sent.paths():
        lexer = {".js": JavascriptLexer, ".css": CssLexer}.get(Path(path).suffix)
        short, whole = sent.get(path), written.get(path)
        assert short
        assert whole
        if lexer:
            assert _code(lexer(), short.body) == _code(lexer(), whole.body), path
            assert len(short.body) <= len(whole.body)
        else:
            assert short.body == whole.body


def _code(lexer: Lexer, body: bytes) -> str:
    """The source without its comments and spaces between things."""
    tokens = lexer.get_tokens(body.decode())
    kept = (text for kind, text in tokens if kind not in Comment)
    return " ".join("".join(kept).split())


def test_a_licence_stays_with_what_it_covers(client: FlaskClient, app: Flask) -> None:
    with app.test_request_context():
        url = asset("vendor/turbo/turbo.js")
    assert "Copyright © 2026 37signals LLC" in client.get(url).text


def test_the_first_load_of_a_room_is_light(
    client: FlaskClient,
    make_user: Builder,
    make_room: Builder,
    make_message: Builder,
    sign_in: Builder,
) -> None:
    ann = make_user("ann")
    room = make_room("kitchen", members=[ann])
    for number in range(40):
        make_message(room, ann, f"{number}: " + "a message of an ordinary length, " * 3)
    page = sign_in(client, ann).get(f"/rooms/{room.id}", headers=GZIP)
    html = gzip.decompress(page.data).decode()
    urls = set(re.findall(r'(?:href|src)="(/(?:static|labels)/[^"]+)"', html))
    assert any("/js/app.js" in url for url in urls)
    sizes = [len(client.get(url, headers=GZIP).data) for url in urls]
    assert len(page.data) + sum(sizes) < FIRST_LOAD_LIMIT


def test_the_import_map_names_what_can_be_imported(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        names = json.loads(import_map())["imports"]
    assert names.keys() == {"chatapp/app", "@hotwired/turbo"}
    for url in names.values():
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer.mimetype == "text/javascript"


def test_the_script_is_all_modules_in_one_file(client: FlaskClient, app: Flask) -> None:
    with app.test_request_context():
        url = asset("js/app.js")
    answer = client.get(url)
    assert 'customElements.define("chat-room", ChatRoom)' in answer.text
    assert "class ChatRoom extends HTMLElement" in answer.text
    assert client.get("/static/0123456789ab/js/room/chat_room.js").status_code == 404


def test_a_template_that_names_a_missing_file_hears_of_it(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(FileNotFoundError, match=r"css/none\.css"):
        asset("css/none.css")


def test_a_changed_file_shows_at_once_while_developing(tmp_path: Path) -> None:
    sheet = tmp_path / "css" / "one.css"
    sheet.parent.mkdir()
    (tmp_path / "css" / "index.txt").write_text("one.css\n")
    sheet.write_text("a {}")
    watching, fixed = Assets(tmp_path, watch=True), Assets(tmp_path)
    before = watching.get("css/app.css"), fixed.get("css/app.css")
    assert before[0] == before[1] is not None
    sheet.write_text("b {}")
    # Two writes may fall into one tick of the clock of a file system.
    os.utime(sheet, (1, 1))
    changed = watching.get("css/app.css")
    assert changed is not None
    assert changed.body == b"b {}"
    assert fixed.get("css/app.css") == before[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_labels(app: Flask, client: FlaskClient, language: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        url = labels_url()
    answer = client.get(url)
    assert url.startswith(f"/labels/{language}/")
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert re.search(r'--label-edited: "\w+', answer.text)


def test_a_language_that_is_not_spoken_has_no_labels(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        assert labels("tlh") is None
    assert client.get("/labels/tlh/0123456789ab.css").status_code == 404


def test_a_label_cannot_end_its_string() -> None:
    assert css_string('a"; } b\\\n é') == '"a\\22 \\3b  \\7d  b\\5c \\a  é"'


def test_the_icon_and_the_manifest_have_fixed_addresses(client: FlaskClient) -> None:
    icon, manifest = client.get("/favicon.ico"), client.get("/manifest.webmanifest")
    assert icon.mimetype == "image/png"
    assert manifest.mimetype == "application/manifest+json"
    for picture in json.loads(manifest.data)["icons"]:
        assert client.get(picture["src"]).mimetype == picture["type"]
