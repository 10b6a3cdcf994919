"""Messages: saying, reading, changing and deleting them."""

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chatapp.chat import chat
from chatapp.chat.answers import as_json, see, wants_json
from chatapp.chat.forms import MessageForm, show_problems
from chatapp.chat.pages import asked_page
from chatapp.contexts import app_context, request_context
from chatapp.domain import access, messages
from chatapp.domain.errors import Invalid, Outdated
from chatapp.models import Message
from chatapp.rendering.messages import article_of, message_html, text_html
from chatapp.request import client_network


@chat.post("/rooms/<int:room_id>/messages")
def post_message(room_id: int) -> Response:
    """Say something: 201 when this request stored it, 200 when an earlier try had."""
    form, user = request_context().request.form, app_context().g.user
    body, key = form.get("body", ""), form.get("client_key", "")
    posted = messages.post(user, room_id, body, key, network=client_network())
    if not wants_json():
        return see(url_for("chat.show_room", room_id=room_id))
    facts = {
        "id": posted.id,
        "room": room_id,
        "seq": posted.seq,
        "number": posted.number,
        "html": article_of(posted.shown) if posted.shown else message_html(posted.id),
    }
    return as_json(facts, 201 if posted.created else 200)


@chat.get("/rooms/<int:room_id>/messages")
def browse_messages(room_id: int) -> Response:
    """A page of history: `before` or `after` a number, or `around` a message's id."""
    room = access.joined_room_for(g.user, room_id)
    return as_json(asked_page(room.id)._asdict())


@chat.get("/messages/<int:message_id>")
def show_message(message_id: int) -> Response:
    """The message in its place in the room; for scripts, its source."""
    message = access.message_for(g.user, message_id)
    if not wants_json():
        return redirect(place_of(message))
    facts = {"id": message.id, "room": message.room_id, "source": message.source}
    return as_json(facts | {"version": messages.version_of(message.source), "html": message.html})


@chat.route("/messages/<int:message_id>/edit", methods=["GET", "POST"])
def edit_message(message_id: int) -> Response | str | tuple[str, int]:
    message = access.message_for(g.user, message_id)
    if wants_json() and request.method == "POST":
        seq = _edit(message, request.form.get("body", ""), request.form.get("made_from", ""))
        return changed_message(message, seq)
    if message.author_id != g.user.id:
        raise messages.not_yours()
    form = MessageForm(body=message.source, made_from=messages.version_of(message.source))
    newer = ""
    if form.validate_on_submit():
        try:
            _edit(message, form.body.data, form.made_from.data)
            return see(place_of(message))
        except Invalid as error:
            show_problems(form, error)
        except Outdated as error:
            form.form_errors.append(str(error))
            # Shown with it, and replaced knowingly from here on.
            newer = text_html(message)
            form.made_from.data = messages.version_of(message.source)
    page = render_template("messages/edit.html", message=message, form=form, newer=newer)
    refused = Outdated if newer else Invalid
    return page, refused.status if form.errors else 200


def _edit(message: Message, body: str, made_from: str) -> int:
    network = client_network()
    return messages.edit(g.user, message, body, made_from=made_from, network=network)


@chat.post("/messages/<int:message_id>/delete")
def delete_message(message_id: int) -> Response:
    message = access.message_for(g.user, message_id)
    return changed_message(message, messages.delete_message(g.user, message))


def changed_message(message: Message, seq: int) -> Response:
    """The answer to a change: the message as it is now, or a look at it in its place."""
    if not wants_json():
        return see(place_of(message))
    facts = {"id": message.id, "room": message.room_id, "seq": seq, "number": message.number}
    return as_json(facts | {"html": message_html(message.id)})


def place_of(message: Message) -> str:
    """The address of a message in the room around it."""
    place = url_for("chat.show_room", room_id=message.room_id, around=message.id)
    return f"{place}#message-{message.author_id}-{message.client_key}"
