"""Saying something in a room, once; changing it; taking it back.

Posting is the hottest path of the product: everything that can be done before the transaction is
done before it, and posting.py does the rest.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from chatapp.domain import posting, rates, search_entries
from chatapp.domain.access import no_message, no_room
from chatapp.domain.errors import Conflict, Forbidden, Invalid, Outdated, TooMany
from chatapp.domain.sequences import lock_room, next_room_seq
from chatapp.domain.transaction import record, transaction
from chatapp.events import MessageDeleted, MessageEdited
from chatapp.extensions import db
from chatapp.models import Membership, Message, User, tables
from chatapp.models.columns import AnyRow, now
from chatapp.models.message import ShownMessage
from chatapp.text import markdown
from chatapp.text.source import MAX_SOURCE, clean, is_blank

CLIENT_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class Posted:
    """A stored message. `created` is False when an earlier try had already stored it."""

    id: int
    room_id: int
    seq: int
    number: int
    created: bool
    # What its article is made of, when this try stored it.
    shown: ShownMessage | None = field(default=None, compare=False, repr=False)


def post(user: User, room_id: int, body: str, client_key: str, *, network: str = "") -> Posted:
    """Say `body` (markdown) in a room. The same key with the same body gets the same answer, ever.

    `network`: where it comes from, to be counted together with others from there.
    Raises `Invalid` (body, client_key), `NotFound` (no such room, or not a member), `Conflict`
    (the key was used for something else), `TooMany`, `Busy`.
    """
    values = _told(user, room_id, body, client_key)
    try:
        # Before the text is rendered, which is the dearest step that a refused try could cost.
        _count(user, network)
    except TooMany:
        # What is stored already was acknowledged, or should have been: its retry is answered.
        stored = _stored(values)
        if stored is None:
            raise
        return stored
    try:
        return _store(values | {"html": markdown.to_html(values["source"])})
    except posting.NotThereError:
        raise no_room() from None
    except posting.StoredBeforeError:
        stored = _stored(values)
        if stored is None:
            raise no_room() from None
        return stored


def _count(user: User, network: str) -> None:
    """Their own count goes first: one person must not use up that of all who are with them."""
    rates.spend("POST", f"user:{user.id}")
    if network:
        rates.spend("POST_ADDRESS", f"address:{network}")


def version_of(source: str) -> str:
    """What stands for this text of a message: another text has another one."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def edit(user: User, message: Message, body: str, *, made_from: str = "", network: str = "") -> int:
    """Give one's own message another text; returns its seq. The same text changes nothing.

    `made_from`: the version of the text that was changed into this one. Where another device has
    saved another text since, that one stays; whoever names no version replaces what there is.
    Raises `Forbidden` (another's), `Invalid` (body), `Conflict` (deleted meanwhile), `Outdated`
    (changed meanwhile), `NotFound`, `TooMany` (changing counts as posting).
    """
    if message.author_id != user.id:
        raise not_yours()
    source = clean_body(body)
    _count(user, network)
    html = markdown.to_html(source)
    with transaction():
        stored = locked(user, message)
        if stored.deleted_at is not None:
            raise Conflict(_("This message was deleted meanwhile."))
        if stored.source == source:
            return stored.seq
        if made_from and made_from != version_of(stored.source):
            raise Outdated(
                _(
                    "This message was changed meanwhile, on another device or page."
                    " Save again, and your text replaces what it says now."
                )
            )
        seq = changed(message, source=source, html=html, edited_at=now())
        search_entries.replace(message.id, message.room_id, stored.source, source)
        record(MessageEdited(message.room_id, seq, message.id))
    return seq


def delete_message(user: User, message: Message) -> int:
    """Take a message back: its text, search entry and reactions go; returns its seq.

    Raises `Forbidden` (neither the author nor an admin), `NotFound`, `TooMany`.
    """
    if message.author_id != user.id and not user.is_admin:
        raise Forbidden(_("Only the person who wrote a message, or an admin, can delete it."))
    rates.spend("CHANGE", f"user:{user.id}")
    with transaction() as session:
        stored = locked(user, message)
        if stored.deleted_at is not None:
            return stored.seq
        seq = changed(message, source="", html="", deleted_at=now())
        search_entries.replace(message.id, message.room_id, stored.source, "")
        session.execute(delete(tables.reactions).where(tables.reactions.c.message_id == message.id))
        record(MessageDeleted(message.room_id, seq, message.id))
    return seq


def not_yours() -> Forbidden:
    """What somebody hears who would change another person's message."""
    return Forbidden(_("Only the person who wrote a message can change it."))


def locked(user: User, message: Message) -> AnyRow:
    """The message's `source`, `seq` and `deleted_at` as they are, held until the commit.

    Raises `NotFound` when this person is not a member any more, or was barred meanwhile.
    """
    lock_room(message.room_id)
    statement = (
        select(tables.messages.c.source, tables.messages.c.seq, tables.messages.c.deleted_at)
        .join(tables.memberships, tables.memberships.c.room_id == tables.messages.c.room_id)
        .join(tables.users, tables.users.c.id == tables.memberships.c.user_id)
        .where(tables.messages.c.id == message.id, tables.memberships.c.user_id == user.id)
        .where(tables.users.c.status == "active")
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise no_message()
    return row


def changed(message: Message, **values: str | datetime) -> int:
    """Give the message the next seq of its room, and these values; returns the seq."""
    seq = next_room_seq(message.room_id)
    statement = (
        update(tables.messages).where(tables.messages.c.id == message.id).values(seq=seq, **values)
    )
    db.session.execute(statement)
    return seq


def clean_body(body: str) -> str:
    """The body as it is kept. Raises `Invalid`: empty, or longer than `MAX_SOURCE`."""
    if len(body) > 2 * MAX_SOURCE:
        raise _too_long()
    source = clean(body).strip()
    if is_blank(source):
        raise Invalid({"body": _("Write something first.")})
    if len(source) > MAX_SOURCE:
        raise _too_long()
    return source


def _too_long() -> Invalid:
    text = _("This is too long: a message has at most %(most)s characters.", most=MAX_SOURCE)
    return Invalid({"body": text})


def _told(user: User, room_id: int, body: str, client_key: str) -> dict[str, Any]:
    if not CLIENT_KEY.fullmatch(client_key):
        raise Invalid({"client_key": _("The form was incomplete. Reload the page and try again.")})
    source = clean_body(body)
    return {
        "room_id": room_id,
        "author_id": user.id,
        "client_key": client_key,
        "fingerprint": hashlib.sha256(f"{room_id}\n{source}".encode()).digest(),
        "source": source,
    }


def _store(values: dict[str, Any]) -> Posted:
    shown = posting.store(values)
    return Posted(shown.id, shown.room_id, shown.seq, shown.number, created=True, shown=shown)


def _stored(values: dict[str, Any]) -> Posted | None:
    statement = (
        select(Message.id, Message.posted_seq, Message.number, Message.fingerprint)
        .join(Membership, Membership.room_id == Message.room_id)
        .where(
            Message.author_id == values["author_id"],
            Message.client_key == values["client_key"],
            Membership.user_id == values["author_id"],
        )
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    if row.fingerprint != values["fingerprint"]:
        raise Conflict(_("This was already sent with another text. Send it again as a new one."))
    return Posted(row.id, values["room_id"], row.posted_seq, row.number, created=False)
