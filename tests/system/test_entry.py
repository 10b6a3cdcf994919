"""The smallest whole path: a browser, a server, a person."""

from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.builders.messages import new_message
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
    for body in ("Good morning.", "Is there coffee?"):
        server.build(new_message, room, ann, body)
    person = enter(server, "ann", timezone_id="Asia/Tokyo")
    person.page.add_init_script(
        "window.shifts = []; new PerformanceObserver((list) => shifts.push(...list.getEntries()))"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    person.open_room(room.id)
    expect(person.page.locator(".composer textarea")).to_be_focused()
    expect(person.page.locator(".day time[title], .message-time time[title]")).to_have_count(2)
    assert person.page.evaluate("() => window.shifts.length") == 0


def test_hours_are_the_viewers_own_even_where_no_socket_answers(server, enter):
    ann = server.build(new_user, "ann")
    room = server.build(new_room, "kitchen", members=[ann])
    server.build(new_message, room, ann)
    person = enter(server, "ann", timezone_id="Asia/Tokyo")
    person.page.add_init_script("window.WebSocket = class { send() {} close() {} };")
    person.open_room(room.id)
    time = person.page.locator(".message-time time")
    posted = datetime.fromisoformat(time.get_attribute("datetime") or "")
    expect(time).to_have_text(f"{posted.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}")
    expect(time).to_be_visible()


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
