"""Rooms: finding, making, showing and changing them."""

from flask import g, render_template, request, url_for
from werkzeug.wrappers import Response

from chatapp.chat import chat
from chatapp.chat.answers import number_in, see
from chatapp.chat.forms import RoomDetailsForm, RoomForm, show_problems
from chatapp.chat.last_room import last_room, remember_room
from chatapp.chat.room_pages import room_page
from chatapp.chat.sidebar import current_sidebar
from chatapp.contexts import app_context
from chatapp.domain import access, rooms
from chatapp.domain.errors import Invalid

PAGE = 100


@chat.get("/")
def home() -> Response:
    """To the room one was last in, or where there is something to read."""
    room_id = rooms.start_room(g.user, last_room())
    if room_id is None:
        return see(url_for("chat.browse_rooms"))
    return see(url_for("chat.show_room", room_id=room_id))


@chat.get("/rooms")
def browse_rooms() -> str:
    """The rooms one may know of, 100 at a time."""
    after = number_in(request.args, "after") if "after" in request.args else 0
    found = rooms.listed(g.user, after, PAGE + 1)
    return render_template("rooms/index.html", rooms=found[:PAGE], more=len(found) > PAGE)


@chat.get("/rooms/new")
def new_room() -> str:
    return render_template("rooms/new.html", form=RoomForm())


@chat.post("/rooms")
def create_room() -> Response | tuple[str, int]:
    form = RoomForm()
    if form.validate():
        try:
            room_id = rooms.create(
                g.user, form.name.data, form.topic.data or "", form.kind.data or ""
            )
            return see(url_for("chat.show_room", room_id=room_id))
        except Invalid as error:
            show_problems(form, error)
    return render_template("rooms/new.html", form=form), Invalid.status


@chat.get("/rooms/<int:room_id>")
def show_room(room_id: int) -> str | bytes:
    """The room with its newest messages, or those `around` one; for strangers, how to join."""
    room = access.visit(app_context().g.user, room_id, current_sidebar().rooms)
    if room.read_number is None:
        return render_template("rooms/join.html", room=room)
    remember_room(room_id)
    return room_page(room)


@chat.route("/rooms/<int:room_id>/edit", methods=["GET", "POST"])
def edit_room(room_id: int) -> str | Response | tuple[str, int]:
    room = access.joined_room_for(g.user, room_id)
    if not room.is_run_by(g.user):
        raise rooms.not_yours()
    form = RoomDetailsForm(obj=room)
    if request.method == "GET":
        return render_template("rooms/edit.html", room=room, form=form)
    if form.validate():
        try:
            rooms.rename(g.user, room, form.name.data, form.topic.data or "")
            return see(url_for("chat.show_room", room_id=room_id))
        except Invalid as error:
            show_problems(form, error)
    return render_template("rooms/edit.html", room=room, form=form), Invalid.status
