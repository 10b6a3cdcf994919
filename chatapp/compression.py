"""Pages and JSON go out compressed, for most people read them over thin lines.

A page holds secrets (its CSRF token) beside text that others may choose (a search, a message). How
long it is, compressed, would tell one from the other after enough tries (the BREACH attack): a file
name of random length inside the gzip header blurs that. See "Heal the Breach", IEEE Access 2022.
"""

import secrets
from functools import lru_cache

from flask import Flask, Response
from isal import igzip_lib
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from chatapp.contexts import request_context
from chatapp.request import LONGEST_ACCEPT

# Below this the headers outweigh the saving.
SMALLEST = 1_000
# ISA-L's: a page of 60 KB becomes 11, as with zlib's quickest, in a quarter of its time. What makes
# it smaller still takes longer than making the page.
LEVEL = 1
# Its tables: no larger ones, which make nothing smaller here and push out of the processor's caches
# what the rest of the page needs.
MEMORY = igzip_lib.MEM_LEVEL_SMALL
BLUR = 64
# RFC 1952: gzip's mark, deflate, a file name follows; no time, the quickest way, no system named.
HEAD = b"\x1f\x8b\x08\x08" + bytes(4) + b"\x04\xff"
COMPRESSIBLE = frozenset({"text/html", "application/json"})


def init_app(app: Flask) -> None:
    """Compress after everything else has looked at the answer: register it before the others."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """The same answer in gzip, where the client takes it and it is worth it.

    That it hangs on what the client takes is said by what every answer carries (headers.py).
    """
    if response.mimetype not in COMPRESSIBLE or response.is_streamed:
        return response
    if not takes_gzip():
        return response
    # To ask for one that is not there makes an exception each time.
    if any(name == "Content-Encoding" for name, _ in response.headers):
        return response
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    response.set_data(_packed(body))
    response.headers["Content-Encoding"] = "gzip"
    return response


def takes_gzip() -> bool:
    """Whether whoever asks takes an answer in gzip."""
    accepted = request_context().request.environ.get("HTTP_ACCEPT_ENCODING", "")
    return _accepts_gzip(accepted[:LONGEST_ACCEPT])


@lru_cache(maxsize=1_000)
def _accepts_gzip(encodings: str) -> bool:
    # Named with "q=0", it is what they don't accept.
    return parse_accept_header(encodings, Accept).quality("gzip") > 0


def _packed(body: bytes) -> bytes:
    name = b"x" * secrets.randbelow(BLUR) + b"\0"
    packed = igzip_lib.compress(body, LEVEL, igzip_lib.COMP_GZIP_NO_HDR, MEMORY)
    return b"".join((HEAD, name, packed))
