"""Looking for words that are everywhere, here and there, and hardly anywhere."""

import html
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.http_clients import Client, Outcome, run
from benchmarks.load.text import word
from benchmarks.product import Product
from chatapp.domain.search_terms import window_of, word_term
from chatapp.text.words import fold

PAGE = 30
HIT = b'<li class="hit">'
# A page that ran out of time has fewer hits than it could: who wants them all goes on there.
CUT_OFF = re.compile(rb'have been looked through so far.*?href="([^"]+)">Older hits', re.DOTALL)
_FOUND = "SELECT rowid FROM message_search WHERE message_search MATCH ? LIMIT ?"
QUERIES = (
    word(1),
    word(20),
    word(500),
    word(15_000),
    f"{word(3)} {word(40)}",
    f"{word(300)} {word(2_000)}",
    f"{word(2)} {word(5_000)}",
    word(700)[:3],
    word(30)[:2],
    "nobodyeversaidthis",
)


@dataclass
class Search:
    """One person who looks for one after the other, and is shown a page of the hits that exist.

    Where time ran out, they are on more than one, and each counts as long as it took.
    """

    ours: Product

    def run(self) -> Outcome:
        """Every query once."""
        asked = iter([(query, self._hits(query)) for query in QUERIES])
        person = self.ours.clients[-1]
        query, hits, shown, older = "", 0, 0, ""

        def request() -> bytes | None:
            nonlocal query, hits, shown
            if older:
                return person.get(older)
            (query, hits), shown = next(asked, ("", 0)), 0
            return person.get(f"/searches?q={query.replace(' ', '+')}") if query else None

        def check(status: int, body: bytes) -> str | None:
            nonlocal shown, older
            shown, cut_off = shown + body.count(HIT), CUT_OFF.search(body)
            older = html.unescape(cut_off[1].decode()) if cut_off and shown < hits else ""
            right = status == 200 and (older or min(shown, PAGE) == hits)
            return None if right else f"{query!r}: {status}, {shown} hits, not {hits}"

        return run(self.ours.server.port, [Client(request, check)])

    def _hits(self, query: str) -> int:
        """How many a first page has to show. Everybody here is in all rooms."""
        path = Path(self.ours.environment["INSTANCE_PATH"]) / "chatapp.sqlite3"
        with closing(sqlite3.connect(path)) as store:
            (newest,) = store.execute("SELECT max(id) FROM messages").fetchone()
            found = 0
            for window in range(window_of(newest), -1, -1):
                terms = [f'"{word_term(window, fold(word))}" *' for word in query.split()]
                rows = store.execute(_FOUND, (" AND ".join(terms), PAGE - found))
                found += len(rows.fetchall())
                if found == PAGE:
                    break
            return found
