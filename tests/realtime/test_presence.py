"""Who is online is what the sockets say, over tabs, reloads, crashes and sign-outs."""

import time

import pytest

from tests.measures import note
from tests.realtime.browsers import Browser, eventually


@pytest.fixture
def watcher(place):
    """Somebody who watches; frames about themselves are out of the way."""
    tab = place.person("watcher").open()
    tab.expect("presence", seconds=3)
    return tab


def changes(tab, user, seconds):
    """What is heard of that person within that time."""
    heard = [frame for frame in tab.listen(seconds) if frame["type"] == "presence"]
    return [
        state for frame in heard for state in ("online", "away", "offline") if user in frame[state]
    ]


def expect_state(tab, user, state, seconds=3.0):
    deadline = time.monotonic() + seconds
    while True:
        frame = tab.expect("presence", seconds=deadline - time.monotonic())
        if user in frame[state]:
            return


def test_arriving_is_seen_within_two_seconds(watcher, ann):
    ann.open()
    began = time.monotonic()
    expect_state(watcher, ann.id, "online", 2)
    note("C17", "arriving is seen", time.monotonic() - began)


def test_the_welcome_tells_who_is_there(watcher, ann, place):
    ann.open()
    expect_state(watcher, ann.id, "online", 2)
    bob = place.person("bob")
    # Another worker may hear of it a second later than the watcher's.
    eventually(lambda: ann.id in bob.open().welcome["presence"]["online"], 2)


def test_leaving_is_seen_after_a_moments_grace(watcher, ann):
    tab = ann.open()
    expect_state(watcher, ann.id, "online")
    tab.leave()
    began = time.monotonic()
    assert changes(watcher, ann.id, 3.5) == []
    expect_state(watcher, ann.id, "offline", 3.5)
    note("C19", "a closed tab", time.monotonic() - began)


def test_a_crash_is_a_leaving(watcher, ann):
    tab = ann.open()
    expect_state(watcher, ann.id, "online")
    tab.drop()
    expect_state(watcher, ann.id, "offline", 7)


def test_a_pulled_cable_is_seen_within_half_a_minute(watcher, ann):
    # Nobody reads this tab, so nobody answers its pings, and nothing says that it is gone.
    ann.open()
    began = time.monotonic()
    expect_state(watcher, ann.id, "online")
    expect_state(watcher, ann.id, "offline", 30)
    took = time.monotonic() - began
    note("C19", "a pulled cable", took)
    assert took < 28


def test_a_reload_is_not_seen(watcher, ann):
    tab = ann.open()
    expect_state(watcher, ann.id, "online")
    tab.leave()
    time.sleep(1)
    ann.open()
    assert changes(watcher, ann.id, 7) == []


def test_one_of_two_tabs_may_close(watcher, ann):
    first, _second = ann.open(), ann.open()
    expect_state(watcher, ann.id, "online")
    first.leave()
    assert changes(watcher, ann.id, 7) == []


def test_who_is_away_in_all_tabs_is_away(watcher, ann):
    first, second = ann.open(), ann.open()
    expect_state(watcher, ann.id, "online")
    first.say("presence", state="away")
    assert changes(watcher, ann.id, 2) == []
    second.say("presence", state="away")
    expect_state(watcher, ann.id, "away", 2)
    first.say("presence", state="active")
    expect_state(watcher, ann.id, "online", 2)


@pytest.mark.parametrize(
    ("query", "state"),
    [("state=away", "away"), ("room=x&state=active", "online"), ("state=invisible", "online")],
)
def test_a_new_tab_is_in_the_state_that_its_address_says(watcher, ann, query, state):
    ann.open(path=f"/ws?{query}")
    # And in no other before.
    assert changes(watcher, ann.id, 3) == [state]


def test_a_hidden_tab_that_comes_back_is_not_seen(watcher, ann):
    tab = ann.open(path="/ws?state=away")
    expect_state(watcher, ann.id, "away")
    tab.drop()
    ann.open(path="/ws?state=away").say("presence", state="away")
    assert changes(watcher, ann.id, 7) == []


def test_a_reload_that_is_hidden_meanwhile_has_its_grace(watcher, ann):
    tab = ann.open()
    expect_state(watcher, ann.id, "online")
    tab.leave()
    ann.open(path="/ws?state=away")
    assert changes(watcher, ann.id, 3) == []
    expect_state(watcher, ann.id, "away", 4)


def test_signing_out_is_seen_at_once(watcher, ann):
    ann.open()
    expect_state(watcher, ann.id, "online")
    ann.visitor.submit("/sign-out")
    expect_state(watcher, ann.id, "offline", 2)


def test_signing_out_on_one_device_leaves_the_other(watcher, ann, place):
    ann.open()
    Browser(place.server.visitor(ann.user_name)).expect("welcome")
    expect_state(watcher, ann.id, "online")
    ann.visitor.submit("/sign-out")
    assert changes(watcher, ann.id, 3) == []


def test_a_page_shows_it_too(watcher, ann, place):
    room = place.room(ann)
    ann.open()
    expect_state(watcher, ann.id, "online")
    page = ann.visitor.get(f"/rooms/{room}").text
    assert f'data-presence-of="{ann.id}" data-state="online"' in " ".join(page.split())


def test_a_storm_of_arrivals_is_at_most_one_frame_a_second(watcher, place):
    people = [place.person(f"person{number}") for number in range(12)]
    began = time.monotonic()
    for person in people:
        person.open()
    heard = [frame for frame in watcher.listen(3) if frame["type"] == "presence"]
    arrived = {user for frame in heard for user in frame["online"]}
    assert arrived == {person.id for person in people}
    assert len(heard) <= time.monotonic() - began + 2
