"""A message as its article: the same for every viewer and language, made once for each seq.

A page, an answer and a frame carry the very same text, so that they meet in one node.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from flask import current_app
from markupsafe import Markup
from sqlalchemy import bindparam, select

from chatapp.extensions import db
from chatapp.models import Message, Reaction
from chatapp.models.columns import AnyRow
from chatapp.models.message import ShownMessage, shown_messages
from chatapp.models.user import hue_of, initials_of
from chatapp.recent import Recent, recent
from chatapp.rendering.frames import fill_wordless

# About 1 KB each; of long ones fewer fit.
KEPT_ARTICLES = 4096
ARTICLE_BYTES = 4 << 20

Reactions = Mapping[str, Sequence[int]]
Shown = AnyRow | ShownMessage

_BY_ID = shown_messages().where(Message.id == bindparam("message_id"))


def message_html(message_id: int) -> str:
    """The article of that message as it is now; empty when there is none."""
    row = db.session.execute(_BY_ID, {"message_id": message_id}).one_or_none()
    return str(articles([row])[0]) if row else ""


def article_of(shown: ShownMessage) -> str:
    """The article of what was just posted, without asking the database."""
    kept, key = _articles(), _key(shown)
    return str(kept.get(key) or kept.put(key, _article(shown, {})))


def articles(rows: Sequence[Shown]) -> list[Markup]:
    """The articles of these rows of `shown_messages`; one query at most, for reactions."""
    kept = _articles()
    found = [kept.get(_key(row)) for row in rows]
    missing = [row for row, article in zip(rows, found, strict=True) if article is None]
    if missing:
        reactions = _reactions(missing)
        made = {row.id: kept.put(_key(row), _article(row, reactions[row.id])) for row in missing}
        found = [article or made[row.id] for row, article in zip(rows, found, strict=True)]
    return [article for article in found if article is not None]


def text_html(message: Message) -> Markup:
    """What the message says, without who and when."""
    return Markup(message.html)  # noqa: S704  It was sanitised when it was stored.


def posted_text(row: Shown) -> str:
    """When it was posted, as a `datetime` attribute says it: "2026-11-20T16:13:05Z"."""
    # Of a moment in UTC. `strftime` takes six times as long.
    return f"{row.posted_at.isoformat()[: len('2026-11-20T16:13:05')]}Z"


def _articles() -> Recent:
    return recent("articles", KEPT_ARTICLES, ARTICLE_BYTES)


def _key(row: Shown) -> tuple[int, int, str]:
    return row.id, row.seq, row.author_name


def _reactions(rows: Iterable[Shown]) -> Mapping[int, Reactions]:
    # A message that never changed since it was posted has none.
    ids = [row.id for row in rows if row.seq != row.posted_seq]
    found: dict[int, Reactions] = defaultdict(dict)
    if not ids:
        return found
    columns = Reaction.message_id, Reaction.emoji, Reaction.user_id
    statement = select(*columns).where(Reaction.message_id.in_(ids))
    order = Reaction.message_id, Reaction.created_at, Reaction.user_id
    people: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for message_id, emoji, user_id in db.session.execute(statement.order_by(*order)):
        people[message_id][emoji].append(user_id)
    found.update(people)
    return found


def _article(row: Shown, reactions: Reactions) -> Markup:
    posted = posted_text(row)
    slots = {
        "message.id": row.id,
        "message.seq": row.seq,
        "message.number": row.number,
        "message.author_id": row.author_id,
        "message.author_name": row.author_name,
        "message.client_key": row.client_key,
        # It was sanitised when it was stored.
        "message.html": row.html.encode(),
        "posted": posted,
        "time": posted[len("2026-11-20T") : len("2026-11-20T16:13")],
        "hue": hue_of(row.author_id),
        "initials": initials_of(row.author_name),
        "reactions": _reactions_html(reactions) if reactions else b"",
    }
    shape = {
        "message.is_deleted": row.deleted_at is not None,
        "message.is_edited": row.edited_at is not None,
    }
    html = fill_wordless("messages/_message.html", slots, shape)
    return Markup(html.decode())  # noqa: S704  The template has escaped the rest.


def _reactions_html(reactions: Reactions) -> bytes:
    template = current_app.jinja_env.get_template("messages/_reactions.html")
    return template.render(reactions=reactions).strip().encode()
