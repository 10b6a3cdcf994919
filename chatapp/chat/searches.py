"""Looking for words in one's rooms."""

from flask import g, render_template, request

from chatapp.chat import chat
from chatapp.chat.answers import number_in
from chatapp.domain import search
from chatapp.rendering.hits import hit_rows


@chat.get("/searches")
def search_messages() -> str:
    """The messages that have all the words of `q`, newest first; `before` pages on."""
    query = request.args.get("q", "").strip()
    before = number_in(request.args, "before") if "before" in request.args else None
    hits = search.find(g.user, query, before)
    rows = hit_rows(hits.rows, hits.words)
    return render_template("searches/index.html", query=query, hits=hits, rows=rows)
