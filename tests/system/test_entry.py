"""The smallest whole path: a browser, a server, a person."""

from playwright.sync_api import expect

from tests.builders.people import new_user
from tests.builders.rooms import new_room


def test_a_person_signs_in_and_reaches_a_room(server, enter):
    ann = server.build(new_user, "ann")
    room = server.build(new_room, "kitchen", members=[ann])
    person = enter(server, "ann")
    person.open_room(room.id)
    assert person.problems == []


def test_nothing_moves_while_a_room_opens(server, enter):
    ann = server.build(new_user, "ann")
    room = server.build(new_room, "kitchen", members=[ann])
    person = enter(server, "ann")
    person.page.add_init_script(
        "window.shifts = []; new PerformanceObserver((list) => shifts.push(...list.getEntries()))"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    person.open_room(room.id)
    expect(person.page.locator(".composer textarea")).to_be_focused()
    assert person.page.evaluate("() => window.shifts.length") == 0


def test_a_room_is_whole_before_turbo_comes(server, enter):
    ann = server.build(new_user, "ann")
    rooms = [server.build(new_room, name, members=[ann]) for name in ("garden", "kitchen")]
    person = enter(server, "ann")
    person.page.route("**/turbo.js", lambda _route: None)
    person.open_room(rooms[0].id)
    person.say("Still here")
    expect(person.message("Still here")).to_be_visible()
    person.page.locator(".room-link", has_text="kitchen").click()
    person.page.wait_for_url(f"**/rooms/{rooms[1].id}")
    assert person.problems == []
