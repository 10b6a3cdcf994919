"""Who is in a room: joining, leaving, adding and removing."""

from typing import NamedTuple

from flask import flash, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from chatapp.chat import chat
from chatapp.chat.answers import number_in, see
from chatapp.chat.forms import MemberForm, show_problems
from chatapp.domain import access, memberships
from chatapp.domain.errors import Invalid
from chatapp.domain.memberships import Person
from chatapp.recent import recent
from chatapp.rendering.languages import current_language
from chatapp.rendering.people import people_rows, presence_changes

PAGE = 100
# Of so many rooms it is remembered who is in them: at most 50 people each, 4 MB.
KEPT_PEOPLE = 512
# Of so many how the list looks: 6 MB.
KEPT_LISTS = 256


@chat.post("/rooms/<int:room_id>/join")
def join_room(room_id: int) -> Response:
    memberships.join(g.user, access.room_for(g.user, room_id))
    return see(url_for("chat.show_room", room_id=room_id))


@chat.post("/rooms/<int:room_id>/leave")
def leave_room(room_id: int) -> Response:
    room = access.joined_room_for(g.user, room_id)
    memberships.leave(g.user, room)
    flash(_("You have left %(room)s.", room=room.name))
    return see(url_for("chat.browse_rooms"))


@chat.get("/rooms/<int:room_id>/members")
def browse_members(room_id: int) -> str:
    """Everybody in the room, 100 at a time."""
    return _members_page(room_id, MemberForm(formdata=None))


@chat.post("/rooms/<int:room_id>/members")
def add_member(room_id: int) -> Response | tuple[str, int]:
    room = access.joined_room_for(g.user, room_id)
    form = MemberForm()
    if form.validate():
        try:
            memberships.add(g.user, room, form.user_name.data)
            return see(url_for("chat.show_room", room_id=room_id))
        except Invalid as error:
            show_problems(form, error)
    return _members_page(room_id, form), Invalid.status


@chat.post("/rooms/<int:room_id>/members/<int:user_id>/remove")
def remove_member(room_id: int, user_id: int) -> Response:
    memberships.remove(g.user, access.joined_room_for(g.user, room_id), user_id)
    return see(url_for("chat.browse_members", room_id=room_id))


class PeopleList(NamedTuple):
    """The people pane: the rows that fit, encoded, and how many people there are."""

    rows: bytes
    count: int
    more: bool


def people_list(room_id: int, version: tuple[int, int]) -> PeopleList:
    """The first members of a room, with their presence at this moment.

    `version` is the room's `details_seq` and the workspace's seq: nobody comes, goes or changes
    their name without a change of it, so who it is need not be asked again.
    """
    kept = recent("people_lists", KEPT_LISTS)
    key = room_id, version, presence_changes(), current_language()
    return kept.get(key) or kept.put(key, _listed(room_id, version))


def _listed(room_id: int, version: tuple[int, int]) -> PeopleList:
    kept = recent("people", KEPT_PEOPLE)
    found = kept.get((room_id, version))
    people, count = found or kept.put((room_id, version), _members(room_id, version))
    return PeopleList(str(people_rows(people)).encode(), count, count > len(people))


def _members(room_id: int, version: tuple[int, int]) -> tuple[list[Person], int]:
    people, most = memberships.people(room_id), memberships.SHOWN
    if len(people) <= most:
        return people, len(people)
    # Counting ten thousand takes a while. Only who comes or goes changes it, so it outlives the
    # sign-outs and new names of a busy workspace.
    kept, key = recent("members", KEPT_PEOPLE), (room_id, version[0])
    return people[:most], kept.get(key) or kept.put(key, memberships.count(room_id))


def _members_page(room_id: int, form: MemberForm) -> str:
    room = access.joined_room_for(g.user, room_id)
    after = number_in(request.args, "after") if "after" in request.args else 0
    people = memberships.people(room_id, after, PAGE + 1)
    return render_template(
        "members/index.html",
        room=room,
        form=form,
        people=people[:PAGE],
        more=len(people) > PAGE,
    )
