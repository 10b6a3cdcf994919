"""Several workers: with Redis at once, without it a second later, and never wrong."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from chatapp.realtime.ordering import PATIENCE_SECONDS
from tests.measures import note
from tests.realtime.browsers import eventually

pytestmark = pytest.mark.both_databases


def pair(make_server, make_place, **environment):
    """Two servers over the same data, and a person at each."""
    first = make_server(**environment)
    second = make_server(share=first, **environment)
    place = make_place(first)
    return place, place.person("ann"), place.person("bob", server=second)


def hears_at_once(tab, author, room) -> bool:
    """Whether what that person posts now comes by Redis: a lost hint only has the head told."""
    seq = author.post(room, "does it come?")["seq"]
    try:
        return bool(tab.expect("message", 0.5, room=room, seq=seq))
    except AssertionError:
        return False


def test_a_hint_that_never_came_is_healed_within_three_seconds(make_server, make_place):
    place, ann, bob = pair(make_server, make_place)
    room, other = place.room(ann, bob), place.room(ann, bob)
    viewer, elsewhere = bob.open(room), bob.open(other)
    viewer.expect("beat", seconds=7)
    answer = ann.post(room, "one")
    began = time.monotonic()
    for tab in (viewer, elsewhere):
        head = tab.expect("head", seconds=3, room=room, seq=answer["seq"])
        assert head["number"] == answer["number"]
        assert head["author"] == ann.id
    note("C6", "a lost hint", time.monotonic() - began)


def test_joining_at_one_worker_lets_subscribe_at_the_other(make_server, make_place):
    place, ann, bob = pair(make_server, make_place)
    room = place.room(ann)
    tab = bob.open()
    bobs_cookies = ann.visitor.__class__(place.server.url)
    bobs_cookies.sign_in(bob.user_name)
    assert bobs_cookies.submit(f"/rooms/{room}/join").status_code < 400
    tab.say("subscribe", room=room)
    assert tab.expect("subscribed", room=room)


def test_presence_is_one_over_all_workers(make_server, make_place):
    _place, ann, bob = pair(make_server, make_place)
    watcher = ann.open()
    first = bob.open()
    eventually(lambda: bob.id in watcher.expect("presence", seconds=3)["online"])
    first.leave()
    eventually(lambda: bob.id in watcher.expect("presence", seconds=8)["offline"], 8)


def test_a_killed_worker_takes_its_people_along(make_server, make_place):
    first = make_server()
    second = make_server(share=first)
    place = make_place(first)
    ann, bob = place.person("ann"), place.person("bob", server=second)
    watcher = ann.open()
    bob.open()
    eventually(lambda: bob.id in watcher.expect("presence", seconds=3)["online"])
    began = time.monotonic()
    second.kill()
    eventually(lambda: bob.id in watcher.expect("presence", seconds=20)["offline"], 20)
    took = time.monotonic() - began
    note("C19", "a killed worker's people", took)
    assert took < 20


def test_redis_carries_messages_typing_and_read_marks_at_once(make_server, make_place, redis_url):
    place, ann, bob = pair(make_server, make_place, REDIS_URL=redis_url)
    room = place.room(ann, bob)
    anns, bobs = ann.open(room), bob.open(room)
    eventually(lambda: hears_at_once(bobs, ann, room))
    eventually(lambda: hears_at_once(anns, bob, room))
    began = time.monotonic()
    answer = ann.post(room, "one")
    assert bobs.expect("message", room=room, seq=answer["seq"])["html"] == answer["html"]
    assert time.monotonic() - began < 0.5
    answer = bob.post(room, "two")
    assert anns.expect("message", room=room, seq=answer["seq"])["author"] == bob.id
    bobs.say("typing", room=room)
    assert anns.expect("typing", user=bob.id)


def test_messages_of_two_workers_come_in_order(make_server, make_place, redis_url):
    place, ann, bob = pair(make_server, make_place, REDIS_URL=redis_url)
    room = place.room(ann, bob)
    tabs = [ann.open(room), bob.open(room)]
    eventually(lambda: hears_at_once(tabs[1], ann, room))
    eventually(lambda: hears_at_once(tabs[0], bob, room))
    before = ann.post(room, "now")["seq"]
    answered: dict[int, float] = {}
    with ThreadPoolExecutor(len(tabs)) as listeners:
        listening = [listeners.submit(twenty_messages, tab, before) for tab in tabs]
        for number in range(20):
            answer = (ann, bob)[number % 2].post(room, f"number {number}")
            answered[answer["seq"]] = time.monotonic()
    for each in listening:
        heard, newest = each.result(), 0
        assert sorted(seq for seq, _ in heard) == sorted(answered)
        for seq, at in heard:
            # What follows waits for one that is late, but not for longer than this.
            assert seq > newest or at - answered[seq] >= PATIENCE_SECONDS, heard
            newest = max(newest, seq)


def twenty_messages(tab, after: int) -> list[tuple[int, float]]:
    """The seq of each as it comes, and when that was, of those that follow that one."""
    heard: list[tuple[int, float]] = []
    while len(heard) < 20:
        seq = tab.expect("message", 10)["seq"]
        if seq > after:
            heard.append((seq, time.monotonic()))
    return heard


def test_redis_may_go_and_come_back(make_server, make_place, redis_url):
    if os.environ.get("REDIS_URL"):
        pytest.skip("the Redis of REDIS_URL is not ours to stop")
    place, ann, bob = pair(make_server, make_place, REDIS_URL=redis_url)
    room = place.room(ann, bob)
    tab = bob.open(room)
    with redis.Redis.from_url(redis_url) as client:
        pid = client.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        answer = ann.post(room, "while it is away")
        assert time.monotonic() - began < 2
        assert tab.expect("head", seconds=3, seq=answer["seq"])
    finally:
        os.kill(pid, signal.SIGCONT)
    # Whatever waited may come late; then new ones come at once again.
    eventually(lambda: hears_at_once(tab, ann, room), 8)


def test_whose_line_to_redis_broke_has_pages_ask_for_what_it_may_have_missed(
    make_server, make_place, redis_url
):
    place, ann, bob = pair(make_server, make_place, REDIS_URL=redis_url)
    room = place.room(ann, bob)
    tab = bob.open(room)
    eventually(lambda: hears_at_once(tab, ann, room))
    assert not [frame for frame in tab.all if frame["type"] == "rooms"]
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    assert tab.expect("rooms", seconds=10)
