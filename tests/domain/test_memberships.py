"""Who is in a room, and what everybody hears of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from chatapp.domain import access, accounts, memberships, messages, rooms
from chatapp.domain.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from chatapp.domain.transaction import transaction
from chatapp.events import MemberJoined, MemberLeft
from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, User, WorkspaceChange


def members(room_id: int) -> set[int]:
    statement = select(Membership.user_id).where(Membership.room_id == room_id)
    return set(db.session.execute(statement).scalars())


def changes() -> list[tuple[int, str, int, int | None]]:
    columns = (WorkspaceChange.seq, WorkspaceChange.kind, WorkspaceChange.user_id)
    statement = select(*columns, WorkspaceChange.room_id).order_by(WorkspaceChange.seq)
    return [tuple(row) for row in db.session.execute(statement)]


def head(room_id: int) -> tuple[int, int]:
    statement = select(Room.head_seq, Room.details_seq).where(Room.id == room_id)
    return tuple(db.session.execute(statement).one())


def test_joining_takes_a_seq_is_kept_for_every_process_and_told(context, room, make_user, told):
    heard, eve, before = told(MemberJoined), make_user("eve"), head(room.id)[0]
    memberships.join(eve, room)
    assert eve.id in members(room.id)
    assert head(room.id) == (before + 1, before + 1)
    [(seq, kind, user_id, room_id)] = changes()[-1:]
    assert (kind, user_id, room_id) == ("member_joined", eve.id, room.id)
    assert heard == [MemberJoined(room.id, before + 1, eve.id, seq)]


def test_leaving_takes_a_seq_is_kept_for_every_process_and_told(context, room, bob, told):
    heard, before = told(MemberLeft), head(room.id)[0]
    memberships.leave(bob, room)
    assert bob.id not in members(room.id)
    [(seq, kind, user_id, room_id)] = changes()[-1:]
    assert (kind, user_id, room_id) == ("member_left", bob.id, room.id)
    assert heard == [MemberLeft(room.id, before + 1, bob.id, seq)]


def test_joining_and_leaving_twice_changes_nothing(context, room, ann, make_user, told):
    heard, eve, before = told(MemberJoined, MemberLeft), make_user("eve"), head(room.id)
    memberships.join(ann, room)
    memberships.leave(eve, room)
    assert head(room.id) == before
    assert heard == []


def test_the_last_member_cannot_leave_a_closed_room_to_nobody(context, ann, bob, make_room):
    attic = make_room("attic", members=[ann, bob], kind="closed")
    memberships.leave(bob, attic)
    for leave in (
        lambda: memberships.leave(ann, attic),
        lambda: memberships.remove(ann, attic, ann.id),
    ):
        with pytest.raises(Conflict, match="last one"):
            leave()
    assert members(attic.id) == {ann.id}
    memberships.add(ann, attic, "bob")
    memberships.leave(ann, attic)
    assert members(attic.id) == {bob.id}


def test_who_is_barred_keeps_no_closed_room_for_the_others(context, ann, bob, make_room):
    attic = make_room("attic", members=[ann, bob], kind="closed")
    with transaction() as session:
        session.execute(update(User).where(User.id == bob.id).values(status="banned"))
    with pytest.raises(Conflict, match="last one"):
        memberships.leave(ann, attic)


def test_an_open_room_may_be_empty(context, ann, make_room):
    deck = make_room("deck", members=[ann])
    memberships.leave(ann, deck)
    assert members(deck.id) == set()


def test_a_closed_room_is_not_joined(context, ann, make_room, make_user):
    attic, eve = make_room("attic", members=[ann], kind="closed"), make_user("eve")
    with pytest.raises(NotFound):
        memberships.join(eve, attic)
    assert eve.id not in members(attic.id)


def test_whoever_is_barred_meanwhile_does_nothing_more_in_rooms(
    context, ann, room, make_room, make_user
):
    eve = make_user("eve")
    memberships.add(ann, room, "eve")
    before, zoe = head(room.id), make_user("zoe")
    with transaction() as session:
        session.execute(update(User).where(User.id == ann.id).values(status="banned"))
    open_room = make_room("deck", members=[eve])
    for change in (
        lambda: memberships.join(ann, open_room),
        lambda: rooms.create(ann, "Mine"),
        lambda: memberships.add(ann, room, "zoe"),
        lambda: memberships.remove(ann, room, eve.id),
        lambda: rooms.rename(ann, room, "Mine", ""),
    ):
        with pytest.raises(NotFound):
            change()
    assert head(room.id) == before
    assert ann.id not in members(open_room.id)
    assert zoe.id not in members(room.id)


def test_outsiders_add_nobody(context, room, make_user):
    eve = make_user("eve")
    with pytest.raises(NotFound):
        memberships.add(eve, room, "eve")
    assert eve.id not in members(room.id)


def test_a_person_is_added_by_their_user_name_in_any_case(context, room, ann, make_user):
    eve = make_user("eve")
    assert memberships.add(ann, room, "  EVE ") == eve.id
    assert eve.id in members(room.id)


def test_nobody_can_be_added_who_has_no_account(context, room, ann):
    with pytest.raises(Invalid) as refusal:
        memberships.add(ann, room, "nobody")
    assert set(refusal.value.fields) == {"user_name"}


def test_an_admin_removes_the_creator(context, room, ann, make_user, make_member):
    boss = make_user("boss", role="admin")
    with pytest.raises(NotFound):
        memberships.remove(boss, room, ann.id)
    make_member(room, boss)
    memberships.remove(boss, room, ann.id)
    assert ann.id not in members(room.id)


def test_members_remove_nobody_but_themselves(context, room, ann, bob):
    with pytest.raises(Forbidden):
        memberships.remove(bob, room, ann.id)
    memberships.remove(bob, room, bob.id)
    assert members(room.id) == {ann.id}


def test_a_new_person_joins_the_oldest_open_room(context, ann, make_room, make_user):
    make_room("attic", members=[ann], kind="closed")
    first, second = make_room("alpha", members=[ann]), make_room("beta", members=[ann])
    eve = make_user("eve")
    with transaction():
        memberships.join_first_rooms(eve)
    assert eve.id in members(first.id)
    assert eve.id not in members(second.id)


def test_a_new_person_without_an_open_room_joins_none(context, make_user):
    eve = make_user("eve")
    with transaction():
        memberships.join_first_rooms(eve)
    assert rooms.start_room(eve) is None


def test_coming_and_going_has_a_limit(app, context, room, ann, bob, make_user):
    app.config["RATE_CHANGE"] = "4 per 10 seconds"
    eve = make_user("eve")
    for _ in range(2):
        memberships.join(eve, room)
        memberships.leave(eve, room)
    for change in (memberships.join, memberships.leave):
        with pytest.raises(TooMany):
            change(eve, room)
    # Counted for whoever does it, not for those to whom it is done.
    memberships.add(ann, room, "eve")
    memberships.remove(ann, room, eve.id)
    rooms.rename(ann, room, "Galley", "")
    memberships.add(ann, room, "eve")
    with pytest.raises(TooMany):
        memberships.remove(ann, room, eve.id)
    with pytest.raises(TooMany):
        rooms.rename(ann, room, "Kitchen", "")
    with pytest.raises(TooMany):
        accounts.change_profile(ann, "Anna", None)


def test_whoever_joins_has_nothing_unread(context, room, ann, make_user, make_message):
    make_message(room, ann)
    eve = make_user("eve")
    memberships.join(eve, room)
    assert access.membership_of(eve, room.id).read_number == 1


def test_nobody_posts_after_their_removal(app, room, ann, bob):
    """A writer and a remover at once: all that is stored was stored before the removal."""

    def write():
        with app.app_context():
            for number in range(30):
                try:
                    messages.post(bob, room.id, f"m{number}", f"key-{number:08}")
                except NotFound:
                    return

    def remove():
        with app.app_context():
            memberships.remove(ann, db.session.get_one(Room, room.id), bob.id)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda work: work(), (write, remove)))
    with app.app_context():
        removed_at = head(room.id)[1]
        last = select(Message.posted_seq).where(Message.room_id == room.id)
        assert max(db.session.execute(last).scalars(), default=0) < removed_at
