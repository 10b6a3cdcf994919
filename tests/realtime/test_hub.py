"""Who listens to what: what the sets hold is what may be heard."""

import pytest

from chatapp.realtime.hub import Hub
from tests.realtime.listeners import enter


@pytest.fixture
def hub():
    return Hub()


def test_only_members_view_a_room(hub):
    member, outsider = enter(hub, 1, [7]), enter(hub, 2)
    assert hub.subscribe(member, 7)
    assert hub.subscribe(outsider, 7) is None
    assert hub.viewers(7) == {member}


def test_leaving_a_room_ends_the_view_in_every_tab(hub):
    tabs = [enter(hub, 1, [7], views=7), enter(hub, 1, [7], views=7)]
    other = enter(hub, 2, [7], views=7)
    assert set(hub.leave(1, 7)) == set(tabs)
    assert hub.viewers(7) == {other}
    assert all(tab.viewing == frozenset() for tab in tabs)
    assert hub.subscribe(tabs[0], 7) is None


def test_the_live_set_forgets_at_once_who_may_not_hear(hub):
    tab = enter(hub, 1, [7], views=7)
    viewers = hub.viewers(7)
    hub.leave(1, 7)
    assert tab not in viewers


def test_others_are_the_members_who_do_not_view(hub):
    viewer, elsewhere = enter(hub, 1, [7], views=7), enter(hub, 1, [7])
    member = enter(hub, 2, [7, 8], views=8)
    enter(hub, 3, [8])
    assert set(hub.channels[7].others()) == {elsewhere, member}
    assert viewer in hub.viewers(7)


def test_who_leaves_the_room_meanwhile_is_no_other_any_more(hub):
    enter(hub, 1, [7])
    enter(hub, 2, [7])
    others = hub.channels[7].others()
    first = next(others)
    hub.leave(3 - first.user_id, 7)
    assert list(others) == []


def test_with_its_last_listener_everything_is_forgotten(hub):
    first, second = enter(hub, 1, [7], views=7), enter(hub, 1, [7])
    hub.exit(first)
    assert hub.people
    hub.exit(second)
    hub.exit(second)
    assert (hub.people, hub.channels, hub.connections) == ({}, {}, set())


def test_a_room_remembers_the_newest_head(hub):
    enter(hub, 1, [7])
    channel = hub.channels[7]
    channel.advance(5, 3)
    channel.advance(4, 0)
    assert (channel.seq, channel.number) == (5, 3)


def test_joining_without_a_socket_here_changes_nothing(hub):
    hub.join(1, 7)
    assert hub.leave(1, 7) == []
    assert hub.channels == {}
