"""Whoever may not hear any more hears nothing more, on every worker, within two seconds."""

import time

import pytest

from tests.builders.people import PASSWORD
from tests.measures import note
from tests.realtime.browsers import Browser, HandshakeRefusedError
from tests.visitors import Visitor

BOUND = 2.0


@pytest.fixture
def admin(place):
    return place.person("boss", role="admin")


def post(visitor, path, **values):
    answer = visitor.submit(path, values)
    assert answer.status_code < 400, answer.text


def test_signing_out_ends_the_tabs_of_that_device_only(place):
    ann = place.person("ann")
    tabs = [ann.open(), ann.open()]
    other = Browser(place.server.visitor(ann.user_name))
    other.expect("welcome")
    post(ann.visitor, "/sign-out")
    for tab in tabs:
        assert tab.expect_end(BOUND).code == 4001
    assert other.expect("beat", seconds=7)


def test_a_signed_out_browser_cannot_come_back(place):
    ann = place.person("ann")
    ann.visitor.submit("/sign-out")
    with pytest.raises(HandshakeRefusedError) as refused:
        Browser(ann.visitor)
    assert refused.value.status == 401


def test_a_new_password_ends_the_other_devices(place):
    ann = place.person("ann")
    other = Browser(place.server.visitor(ann.user_name))
    other.expect("welcome")
    mine = ann.open()
    change_password(ann.visitor)
    assert other.expect_end(BOUND).code == 4001
    assert mine.expect_end(BOUND).code == 1012
    assert ann.open().expect("beat", seconds=7)


def change_password(visitor):
    new = PASSWORD + " new"
    values = {"password": PASSWORD, "current_password": PASSWORD, "new_password": new}
    post(visitor, "/password", **values, repeat=new, confirm=new)


def test_a_copied_cookie_hears_nothing_after_a_new_password(place):
    ann = place.person("ann")
    thief = ann.visitor.copied()
    heard = Browser(thief)
    heard.expect("welcome")
    change_password(ann.visitor)
    assert heard.expect_end(BOUND).code == 1012
    with pytest.raises(HandshakeRefusedError):
        Browser(thief)


def test_a_banned_person_is_barred(place, admin):
    ann = place.person("ann")
    room = place.room(ann, admin)
    tabs = [ann.open(room), ann.open()]
    post(admin.visitor, f"/people/{ann.id}/ban")
    for tab in tabs:
        assert tab.expect_end(BOUND).code == 4003
    with pytest.raises(HandshakeRefusedError):
        Browser(ann.visitor)


def test_a_deactivated_person_is_barred(place, admin):
    ann = place.person("ann")
    tab = ann.open()
    post(admin.visitor, f"/people/{ann.id}/deactivate")
    assert tab.expect_end(BOUND).code == 4003


def test_a_removed_member_hears_nothing_more(place):
    ann, bob = place.person("ann"), place.person("bob")
    room = place.room(ann, bob, kind="closed")
    tab, elsewhere = bob.open(room), bob.open()
    ann.post(room, "before")
    assert tab.expect("message")
    post(ann.visitor, f"/rooms/{room}/members/{bob.id}/remove")
    ann.post(room, "canary")
    assert tab.expect("error", seconds=BOUND, room=room)["code"] == "not_found"
    assert elsewhere.expect("rooms", seconds=BOUND)
    for one in (tab, elsewhere):
        one.listen(1.5)
        assert "canary" not in str(one.all)
        assert not [f for f in one.all if f["type"] == "head" and f["author"] == ann.id][1:]
    tab.say("subscribe", room=room)
    assert tab.expect("error", room=room)["code"] == "not_found"


def test_revocation_reaches_the_other_worker_without_redis(make_server, make_place):
    first = make_server()
    second = make_server(share=first)
    place = make_place(first)
    ann, bob = place.person("ann"), place.person("bob", server=second)
    room = place.room(ann, bob, kind="closed")
    tab = bob.open(room)
    post(ann.visitor, f"/rooms/{room}/members/{bob.id}/remove")
    began = time.monotonic()
    assert tab.expect("error", seconds=BOUND, room=room)["code"] == "not_found"
    took = time.monotonic() - began
    note("C20", "removed, on the other worker", took)
    assert took < BOUND
    ann.post(room, "canary")
    tab.listen(2)
    assert "canary" not in str(tab.all)
    # The same sign-in, at the other worker.
    elsewhere = Visitor(first.url)
    elsewhere.cookies.update(bob.visitor.cookies)
    post(elsewhere, "/sign-out")
    assert tab.expect_end(BOUND).code == 4001
