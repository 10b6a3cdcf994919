"""What is new: counts, the title, the line."""

import re
import time

import pytest
from playwright.sync_api import APIResponse, Route, expect

from tests.builders.people import PASSWORD, new_user
from tests.builders.rooms import new_room
from tests.system.barred import Barred
from tests.system.people import wait_for_turbo


def room_link(page, room):
    return page.locator(f".room-link[data-room='{room.id}']")


def test_another_room_shows_its_count_and_the_title_too(scene):
    other = scene.server.build(
        new_room, f"other of {scene.room.id}", members=[scene.ann, scene.bob]
    )
    ann, bob = scene.enter(scene.ann), scene.enter(scene.bob)
    ann.open_room(other.id)
    bob.say("Anybody?")
    link = room_link(ann.page, scene.room)
    expect(link).to_contain_class("is-unread")
    expect(link.locator(".unread-count")).to_have_text("1")
    expect(ann.page).to_have_title(f"(1) {other.name}")
    expect(ann.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("unread"))
    bob.say("Hello?")
    expect(ann.page).to_have_title(f"(2) {other.name}")
    tab = ann.open_tab(f"/rooms/{other.id}")
    expect(room_link(tab, scene.room)).to_contain_class("is-unread")
    link.click()
    ann.sees("Hello?")
    expect(ann.page.locator(".new-line")).to_have_count(1)
    expect(room_link(ann.page, scene.room)).not_to_contain_class("is-unread")
    expect(ann.page).to_have_title(scene.room.name)
    expect(ann.page.locator("link[rel=icon]")).not_to_have_attribute("href", re.compile("unread"))
    # Read in one tab, read in all.
    expect(room_link(tab, scene.room)).not_to_contain_class("is-unread")


def test_what_the_server_did_not_hear_was_read_stays_counted(scene):
    other = scene.server.build(new_room, f"quiet of {scene.room.id}", members=[scene.ann])
    ann = scene.enter(scene.ann)
    wait_for_turbo(ann.page)
    room_link(ann.page, other).click()
    expect(ann.page).to_have_title(other.name)
    ann.page.route("**/reads", lambda route: route.abort())
    scene.write(scene.bob, "Anybody?")
    link = room_link(ann.page, scene.room)
    expect(link.locator(".unread-count")).to_have_text("1")
    with ann.page.expect_request("**/reads"):
        link.click()
    room_link(ann.page, other).click()
    expect(ann.page).to_have_title(f"(1) {other.name}")
    expect(link.locator(".unread-count")).to_have_text("1")


def test_whoever_leaves_a_room_hears_that_they_did(scene):
    ann = scene.enter(scene.ann)
    wait_for_turbo(ann.page)
    with ann.page.expect_response(re.compile(r"/changes\?")):
        ann.page.locator("form[action$='/leave']").evaluate("form => form.requestSubmit()")
    expect(ann.page.get_by_text(f"You have left {scene.room.name}")).to_be_visible()
    expect(ann.page.get_by_text("You are not in that room any more")).to_have_count(0)


def test_the_sidebar_follows_the_rooms_one_is_in(scene):
    ann = scene.enter(scene.ann)
    other = scene.server.build(new_room, f"party of {scene.room.id}", members=[scene.bob])
    expect(room_link(ann.page, other)).to_have_count(0)
    bob = scene.server.visitor(scene.bob.user_name)
    bob.submit(f"/rooms/{other.id}/members", {"user_name": scene.ann.user_name})
    expect(room_link(ann.page, other)).to_have_count(1)
    current = room_link(ann.page, scene.room)
    expect(current).to_have_attribute("aria-current", "page")


def test_words_in_the_search_and_folded_rooms_stay_when_the_rooms_change(scene):
    ann = scene.enter(scene.ann)
    search = ann.page.locator(".sidebar input[name=q]")
    search.fill("kettle")
    search.evaluate("field => field.setSelectionRange(1, 4, 'backward')")
    rename(scene, "other words")
    expect(room_link(ann.page, scene.room).locator(".room-name")).to_have_text("other words")
    expect(search).to_have_value("kettle")
    expect(search).to_be_focused()
    selected = "f => [f.selectionStart, f.selectionEnd, f.selectionDirection]"
    assert search.evaluate(selected) == [1, 4, "backward"]
    ann.page.locator(".sidebar-section summary").click()
    expect(room_link(ann.page, scene.room)).to_be_hidden()
    rename(scene, "words again")
    name = room_link(ann.page, scene.room).locator(".room-name")
    expect(name).to_have_text("words again")
    expect(name).to_be_hidden()


def test_a_page_that_was_made_before_the_rooms_changed_shows_them_as_they_are(scene):
    other = scene.server.build(new_room, f"other of {scene.room.id}", members=[scene.ann])
    ann = scene.enter(scene.ann)
    wait_for_turbo(ann.page)
    made: list[tuple[Route, APIResponse]] = []
    ann.page.route(f"**/rooms/{other.id}", lambda route: made.append((route, route.fetch())))
    room_link(ann.page, other).click()
    while not made:
        ann.page.wait_for_timeout(50)
    rename(scene, "changed meanwhile")
    name = room_link(ann.page, scene.room).locator(".room-name")
    expect(name).to_have_text("changed meanwhile")
    route, page = made[0]
    route.fulfill(response=page)
    ann.page.wait_for_url(f"**/rooms/{other.id}")
    expect(ann.page.locator(f"chat-room[data-room='{other.id}']")).to_be_visible()
    expect(name).to_have_text("changed meanwhile")


def rename(scene, name: str) -> None:
    ann = scene.server.visitor(scene.ann.user_name)
    ann.submit(f"/rooms/{scene.room.id}/edit", {"name": name, "topic": ""})


@pytest.mark.parametrize("name", ["$& $' $$ 2", "3", "(3) things", "{room}"])
def test_another_name_of_the_room_is_in_its_title_and_at_the_composer(scene, name):
    other = scene.server.build(new_room, f"busy {scene.room.id}", members=[scene.ann, scene.bob])
    rename(scene, name)
    ann = scene.enter(scene.ann)
    bob = scene.server.visitor(scene.bob.user_name)
    for n in range(3):
        bob.submit(
            f"/rooms/{other.id}/messages", {"body": "news", "client_key": f"title-{other.id}-{n}"}
        )
    expect(ann.page).to_have_title(f"(3) {name}")
    field = ann.page.locator(".composer textarea")
    expect(field).to_have_attribute("placeholder", f"Message to {name}")
    for after in (f"{name} and more", f"$` {scene.room.id}", f"calm {scene.room.id}"):
        rename(scene, after)
        expect(ann.page).to_have_title(f"(3) {after}")
        expect(field).to_have_attribute("placeholder", f"Message to {after}")
        expect(field).to_have_accessible_name(f"Message to {after}")
    ann.page.reload()
    expect(ann.page).to_have_title(f"(3) calm {scene.room.id}")
    # Without a count nothing is left of it.
    room_link(ann.page, other).click()
    ann.page.wait_for_url(f"**/rooms/{other.id}")
    expect(ann.page).to_have_title(f"busy {scene.room.id}")


def test_however_often_a_room_is_renamed_its_members_ask_now_and_then_only(scene):
    ann = scene.enter(scene.ann)
    asked: list[float] = []
    ann.page.on(
        "request", lambda request: "/sidebar" in request.url and asked.append(time.monotonic())
    )
    for number in range(8):
        rename(scene, f"name {number} of {scene.room.id}")
        ann.page.wait_for_timeout(100)
    link = room_link(ann.page, scene.room)
    expect(link).to_contain_text(f"name 7 of {scene.room.id}")
    assert len(asked) <= 2
    # A room of one's own is there at once.
    other = scene.server.build(new_room, f"other of {scene.room.id}", members=[scene.bob])
    began = time.monotonic()
    with ann.page.expect_request("**/sidebar*"):
        scene.server.visitor(scene.ann.user_name).submit(f"/rooms/{other.id}/join")
    expect(room_link(ann.page, other)).to_have_count(1)
    assert asked[-1] >= began


def test_whoever_is_removed_leaves_the_page(scene):
    closed = scene.closed_room()
    ann = scene.enter(scene.ann)
    ann.open_room(closed.id)
    scene.put_ann_out(closed)
    ann.page.wait_for_url(lambda url: f"/rooms/{closed.id}" not in url)
    expect(room_link(ann.page, closed)).to_have_count(0)


def test_who_is_removed_while_typing_does_not_go_on_in_another_room(scene):
    closed = scene.closed_room()
    ann = scene.enter(scene.ann)
    ann.open_room(closed.id)
    wait_for_turbo(ann.page)
    field = ann.page.locator(".composer textarea")
    expect(field).to_be_focused()
    ann.page.keyboard.type("not for ")
    scene.put_ann_out(closed)
    expect(ann.page).to_have_title(scene.room.name)
    ann.page.keyboard.type("everybody")
    ann.page.keyboard.press("Enter")
    expect(field).to_have_value("")
    expect(ann.page.locator("article")).to_have_count(0)
    # Who goes to a room by themselves writes there at once.
    room_link(ann.page, scene.room).click()
    expect(field).to_be_focused()


def test_the_unread_of_ones_last_room_go_with_it(scene):
    carla = scene.server.build(new_user, f"carla{scene.room.id}")
    elsewhere = scene.server.visitor(carla.user_name)
    elsewhere.submit(f"/rooms/{scene.room.id}/join")
    her = scene.enter(carla)
    her.page.goto(f"{scene.server.url}/people")
    scene.write(scene.bob, "hello")
    expect(her.page).to_have_title("(1) People")
    elsewhere.submit(f"/rooms/{scene.room.id}/leave")
    expect(her.page).to_have_title("People")


def test_a_room_that_was_fetched_ahead_of_the_click_is_where_one_begins_next_time(scene):
    other = scene.server.build(new_room, f"other of {scene.room.id}", members=[scene.ann])
    ann = scene.enter(scene.ann)
    wait_for_turbo(ann.page)
    ahead: list[str] = []
    ann.page.on(
        "request",
        lambda request: (
            ahead.append(request.headers.get("x-sec-purpose", ""))
            if request.url.endswith(f"/rooms/{other.id}")
            else None
        ),
    )
    with ann.page.expect_response(f"**/rooms/{other.id}"):
        room_link(ann.page, other).hover()
    with ann.page.expect_response(f"**/rooms/{other.id}/visits"):
        room_link(ann.page, other).click()
    assert ahead == ["prefetch"]
    ann.page.goto(scene.server.url)
    expect(ann.page).to_have_title(other.name)


def test_people_who_join_are_listed(scene):
    ann = scene.enter(scene.ann)
    cy = scene.server.build(new_user, f"cy{scene.room.id}")
    visitor = scene.server.visitor(cy.user_name)
    visitor.submit(f"/rooms/{scene.room.id}/join")
    expect(ann.page.locator(f".people [data-person='{cy.id}']")).to_have_count(1)
    expect(ann.page.locator("[data-people-count]").first).to_have_text("3")
    visitor.submit(f"/rooms/{scene.room.id}/leave")
    expect(ann.page.locator(f".people [data-person='{cy.id}']")).to_have_count(0)
    expect(ann.page.locator("[data-people-count]").first).to_have_text("2")


def test_what_was_read_while_nothing_could_be_said_is_told_on_return(scene, make_line):
    line = make_line(scene.server)
    ann, bob = scene.enter(scene.ann, line), scene.enter(scene.bob)
    ann.is_at(scene.ann.id, "online")
    ann.page.bring_to_front()
    reads = Barred(ann.page, "**/reads", lambda route: route.fulfill(status=503, body=""))
    with ann.page.expect_response("**/reads"):
        bob.say("Read this")
    ann.sees("Read this")
    reads.let_through()
    with ann.page.expect_response("**/reads") as said:
        line.mend()
    assert said.value.ok


def test_whoever_signs_in_next_has_unread_messages_of_their_own(scene):
    scene.write(scene.ann, "Anybody?")
    ann = scene.enter(scene.ann)
    # Only what the pages say: the socket would end this document with the sign-in.
    ann.page.add_init_script("window.WebSocket = class { send() {} close() {} };")
    ann.page.goto(f"{scene.server.url}/sessions")
    wait_for_turbo(ann.page)
    ann.page.evaluate("window.isSame = true")
    ann.page.locator("form[action$='/sign-out'] button").first.click()
    expect(ann.page.locator("[name=password]")).to_be_visible()
    # Not to the room, where it would be read.
    ann.page.evaluate("Turbo.visit('/sign-in?next=/rooms')")
    ann.page.wait_for_url("**next=/rooms")
    ann.page.fill("[name=user_name]", scene.bob.user_name)
    ann.page.fill("[name=password]", PASSWORD)
    ann.page.press("[name=password]", "Enter")
    ann.page.wait_for_url("**/rooms")
    expect(ann.page).to_have_title(re.compile(r"^\(1\) "))
    expect(room_link(ann.page, scene.room).locator(".unread-count")).to_have_text("1")
    assert ann.page.evaluate("window.isSame")


def read_up_to(scene, number: int) -> None:
    """Ann has, somewhere else."""
    reads = f"/rooms/{scene.room.id}/reads"
    scene.server.visitor(scene.ann.user_name).submit(reads, {"number": str(number)})


def way_up(page):
    return page.get_by_role("button", name="Jump to the first unread")


def first_new(page):
    """The row below the line."""
    return page.locator(".new-line + .message-row")


def test_of_more_than_a_page_nothing_counts_as_read_before_its_first_was_come_to(scene):
    scene.fill(150)
    read_up_to(scene, 50)
    ann = scene.enter(scene.ann)
    marks: list[str] = []
    ann.page.on("request", lambda sent: sent.url.endswith("/reads") and marks.append(sent.url))
    jump = way_up(ann.page)
    badge = room_link(ann.page, scene.room).locator(".unread-count")
    # However often one looks, and whatever comes in before one's eyes.
    for _ in range(2):
        ann.page.reload()
        expect(ann.message("message 150 of before")).to_be_in_viewport()
        expect(jump).to_be_visible()
    scene.write(scene.bob, "and one more")
    ann.sees("and one more")
    ann.page.wait_for_timeout(1_200)
    expect(badge).to_have_text("99+")
    assert marks == []
    jump.press("Enter")
    expect(first_new(ann.page)).to_contain_text("message 51 of before")
    expect(first_new(ann.page)).to_be_in_viewport()
    expect(first_new(ann.page)).to_be_focused()
    expect(ann.message("message 50 of before")).to_be_in_viewport()
    expect(jump).to_be_hidden()
    ann.page.locator(".jump-to-latest").click()
    expect(badge).to_have_text("")
    assert len(marks) == 1
    expect(jump).to_be_hidden()


def test_the_line_comes_with_the_older_page_that_its_place_is_in(scene):
    scene.fill(150)
    read_up_to(scene, 90)
    ann = scene.enter(scene.ann)
    badge = room_link(ann.page, scene.room).locator(".unread-count")
    expect(way_up(ann.page)).to_be_visible()
    ann.page.wait_for_load_state("networkidle")
    # On the page by now, but nobody has come to it.
    expect(badge).to_have_text("60")
    for _ in range(2):
        ann.page.locator(".timeline").evaluate("element => { element.scrollTop = 0; }")
        ann.page.wait_for_timeout(300)
    expect(first_new(ann.page)).to_contain_text("message 91 of before")
    expect(way_up(ann.page)).to_be_hidden()
    ann.page.locator(".jump-to-latest").click()
    expect(badge).to_have_text("")


def test_what_is_unread_can_be_left_unseen(scene):
    scene.fill(150)
    ann = scene.enter(scene.ann)
    mark = ann.page.get_by_role("button", name="Mark as read")
    ann.page.route("**/reads", lambda route: route.fulfill(status=503, body=""))
    mark.click()
    ann.is_told("The server didn't answer. Try again.")
    ann.page.unroute("**/reads")
    mark.click()
    expect(mark).to_be_hidden()
    expect(room_link(ann.page, scene.room).locator(".unread-count")).to_have_text("")
    expect(ann.page.locator(".composer textarea")).to_be_focused()


def test_the_way_to_the_first_unread_goes_when_it_was_read_elsewhere_or_answered(scene):
    scene.fill(150)
    ann = scene.enter(scene.ann)
    jump = way_up(ann.page)
    expect(jump).to_be_visible()
    read_up_to(scene, 100)
    expect(room_link(ann.page, scene.room).locator(".unread-count")).to_have_text("50")
    jump.click()
    expect(first_new(ann.page)).to_contain_text("message 101 of before")
    ann.page.reload()
    expect(jump).to_be_visible()
    read_up_to(scene, 150)
    expect(jump).to_be_hidden()
    expect(ann.page.locator(".new-line")).to_have_count(0)
    scene.write(scene.ann, "from my phone")
    ann.sees("from my phone")
    expect(ann.page.locator(".new-line")).to_have_count(0)


def test_a_first_unread_that_cannot_be_had_is_told(scene):
    scene.fill(150)
    ann = scene.enter(scene.ann)
    ann.page.wait_for_load_state("networkidle")
    ann.page.route("**/messages?after=*", lambda route: route.abort())
    way_up(ann.page).click()
    ann.is_told("The server didn't answer. Try again.")
    expect(ann.message("message 150 of before")).to_be_in_viewport()
    expect(way_up(ann.page)).to_be_visible()


# What five minutes without a key or a pointer do, in a moment: `idle()`.
IDLENESS = """
    const [now, after] = [performance.now.bind(performance), setTimeout.bind(window)];
    const waiting = [];
    let passed = 0;
    performance.now = () => now() + passed;
    window.setTimeout = (act, pause, ...rest) =>
      pause > 200_000 ? waiting.push(act) : after(act, pause, ...rest);
    window.idle = () => {
      passed += 300_001;
      for (const act of waiting.splice(0)) act();
    };
"""


def test_what_comes_while_one_is_away_is_new_on_return(scene):
    scene.fill(3)
    read_up_to(scene, 3)
    ann = scene.enter(scene.ann)
    bob = scene.enter(scene.bob)
    ann.page.add_init_script(IDLENESS)
    ann.page.reload()
    bob.is_at(scene.ann.id, "online")
    ann.page.evaluate("idle()")
    bob.is_at(scene.ann.id, "away")
    scene.write(scene.bob, "Are you there?", "It seems not")
    ann.sees("It seems not")
    expect(first_new(ann.page)).to_contain_text("Are you there?")
    ann.page.wait_for_timeout(1_200)
    badge = room_link(ann.page, scene.room).locator(".unread-count")
    expect(badge).to_have_text("2")
    ann.page.mouse.move(200, 200)
    expect(badge).to_have_text("")
    expect(first_new(ann.page)).to_contain_text("Are you there?")
    # Here again: what comes now is seen.
    scene.write(scene.bob, "Welcome back")
    ann.sees("Welcome back")
    ann.page.wait_for_timeout(1_200)
    expect(badge).to_have_text("")
    expect(first_new(ann.page)).to_contain_text("Are you there?")


def test_the_line_comes_however_soon_after_a_message_one_looks_elsewhere(scene):
    ann = scene.enter(scene.ann)
    ann.is_at(scene.ann.id, "online")
    # The mark of what comes first is not sent before she has gone.
    ann.page.add_init_script("Math.random = () => 0.999;")
    ann.page.reload()
    ann.is_at(scene.ann.id, "online")
    ann.page.evaluate(
        """() => {
          const gone = () => { document.hasFocus = () => false; };
          const list = document.querySelector(".messages");
          new MutationObserver((_, self) => { self.disconnect(); gone(); })
            .observe(list, {childList: true});
        }"""
    )
    scene.write(scene.bob, "Seen")
    ann.sees("Seen")
    ann.page.wait_for_timeout(1_200)
    scene.write(scene.bob, "Not seen", "Nor this")
    ann.sees("Nor this")
    expect(first_new(ann.page)).to_contain_text("Not seen")
    badge = room_link(ann.page, scene.room).locator(".unread-count")
    expect(badge).to_have_text("2")


def stays_unread_until_its_beginning_is_seen(page, badge, count, first):
    """However long one looks at the end; the way up leads there."""
    expect(way_up(page)).to_be_visible()
    page.wait_for_timeout(1_200)
    expect(badge).to_have_text(count)
    way_up(page).click()
    expect(first_new(page)).to_contain_text(first)


def test_what_came_below_is_read_once_its_beginning_was_seen(scene):
    scene.fill(100)
    read_up_to(scene, 100)
    ann = scene.enter(scene.ann)
    ann.is_at(scene.ann.id, "online")
    ann.page.mouse.move(500, 300)
    ann.page.mouse.wheel(0, -600)
    expect(ann.page.locator(".jump-to-latest")).to_be_visible()
    scene.write(scene.bob, *(f"news {number}" for number in range(38)))
    expect(ann.message("news 37")).to_have_count(1)
    ann.page.locator(".jump-to-latest").click()
    expect(ann.message("news 37")).to_be_in_viewport()
    badge = room_link(ann.page, scene.room).locator(".unread-count")
    stays_unread_until_its_beginning_is_seen(ann.page, badge, "38", "news 0")
    ann.page.locator(".jump-to-latest").click()
    expect(badge).to_have_text("")


def test_what_a_catch_up_brings_is_read_once_its_beginning_was_seen(scene, make_line):
    scene.fill(50)
    read_up_to(scene, 50)
    line = make_line(scene.server)
    ann = scene.enter(scene.ann, line)
    ann.is_at(scene.ann.id, "online")
    line.cut()
    scene.write(scene.bob, *(f"missed {number}" for number in range(38)))
    line.mend()
    ann.page.evaluate("dispatchEvent(new Event('online'))")
    expect(ann.message("missed 37")).to_be_in_viewport()
    badge = room_link(ann.page, scene.room).locator(".unread-count")
    stays_unread_until_its_beginning_is_seen(ann.page, badge, "38", "missed 0")


def test_who_has_answered_elsewhere_has_read_what_stands_above(scene):
    scene.fill(150)
    read_up_to(scene, 50)
    ann = scene.enter(scene.ann)
    expect(way_up(ann.page)).to_be_visible()
    scene.write(scene.ann, "from the telephone")
    ann.sees("from the telephone")
    expect(way_up(ann.page)).to_be_hidden()
    scene.write(scene.bob, "Good to hear")
    ann.sees("Good to hear")
    badge = room_link(ann.page, scene.room).locator(".unread-count")
    expect(badge).to_have_text("")
    tab = ann.open_tab("/rooms")
    expect(room_link(tab, scene.room).locator(".unread-count")).to_have_text("")


def test_short_lists_have_nothing_to_unfold(scene):
    ann = scene.enter(scene.ann)
    scene.write(scene.bob, "\n".join(f"- item {n}\n  - a\n  - b" for n in range(10)))
    ann.sees("item 9")
    expect(ann.page.locator(".message-more")).to_have_count(0)
