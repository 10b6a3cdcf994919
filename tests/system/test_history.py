"""A long timeline: older pages, jumping, and a place that stays."""

import re

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from tests.system.barred import Barred
from tests.system.people import hold_back, wait_for_one, wait_for_turbo


def top_of(locator: Locator) -> float:
    return locator.evaluate("element => element.getBoundingClientRect().top")


def scroll_to_top(page) -> None:
    page.locator(".timeline").evaluate("element => { element.scrollTop = 0; }")


def gap_below(page) -> float:
    return page.locator(".timeline").evaluate("e => e.scrollHeight - e.scrollTop - e.clientHeight")


def test_older_pages_come_when_scrolled_to_and_nothing_jumps(scene):
    scene.fill(150)
    ann = scene.enter(scene.ann)
    expect(ann.message("message 150 of before")).to_be_in_viewport()
    row = ann.message("message 115 of before")
    row.scroll_into_view_if_needed()
    before = top_of(row)
    expect(ann.message("message 75 of before")).to_have_count(1)
    assert abs(top_of(row) - before) < 2
    for _ in range(6):
        scroll_to_top(ann.page)
        ann.page.wait_for_timeout(250)
    expect(ann.page.locator("article")).to_have_count(150)
    bodies = [text.strip() for text in ann.texts()]
    assert bodies == [f"message {n} of before" for n in range(1, 151)]
    expect(ann.page.locator(".day")).to_have_count(1)


def test_a_reader_of_old_messages_is_told_and_not_moved(scene):
    scene.fill(60)
    ann, bob = scene.enter_both()
    scroll_to_top(ann.page)
    row = ann.page.locator("article").first
    ann.page.wait_for_timeout(500)
    scroll_to_top(ann.page)
    before = top_of(row)
    bob.say("Down here")
    jump = ann.page.locator(".jump-to-latest")
    expect(jump).to_have_text("1 new message")
    assert top_of(row) == before
    jump.click()
    expect(ann.message("Down here")).to_be_in_viewport()
    expect(jump).to_be_hidden()


def test_the_end_is_followed(scene):
    scene.fill(60)
    ann, bob = scene.enter_both()
    for number in range(5):
        bob.say(f"line {number}\n\nand more\n\nand more")
        expect(ann.message(f"line {number}")).to_be_in_viewport()
    assert gap_below(ann.page) < 2


def test_what_changes_while_an_old_page_is_on_its_way_is_shown_in_it(scene):
    scene.fill(200)
    ann = scene.enter(scene.ann)
    held: list[tuple[Route, APIResponse]] = []
    ann.page.wait_for_load_state("networkidle")
    ann.page.route("**/messages?before=*", lambda route: held.append((route, route.fetch())))
    scroll_to_top(ann.page)
    while not held:
        ann.page.wait_for_timeout(50)
    route, answer = held[0]
    message_id = answer.json()["rows"].rsplit('data-message="', 1)[1].split('"')[0]
    visitor = scene.server.visitor(scene.bob.user_name)
    visitor.submit(f"/messages/{message_id}/edit", {"body": "changed meanwhile"})
    scene.write(scene.bob, "said meanwhile")
    ann.sees("said meanwhile")
    expect(ann.message("changed meanwhile")).to_have_count(0)
    route.fulfill(response=answer)
    ann.sees("changed meanwhile")


def test_a_long_room_keeps_a_bounded_page(scene):
    scene.fill(420)
    ann = scene.enter(scene.ann)
    for _ in range(14):
        scroll_to_top(ann.page)
        ann.page.wait_for_timeout(200)
    expect(ann.message("message 1 of before")).to_have_count(1)
    assert ann.page.locator("article").count() <= 340
    ann.page.locator(".jump-to-latest").click()
    expect(ann.message("message 420 of before")).to_be_in_viewport()
    ann.say("still in order")
    ann.sees("still in order")
    numbers = ann.page.locator("article").evaluate_all("all => all.map(a => +a.dataset.number)")
    assert numbers == list(range(numbers[0], 422))


def test_a_reader_of_the_past_keeps_a_bounded_page_while_much_is_said(scene):
    scene.fill(60)
    ann = scene.enter(scene.ann)
    scroll_to_top(ann.page)
    expect(ann.message("message 1 of before")).to_have_count(1)
    scroll_to_top(ann.page)
    row = ann.message("message 1 of before")
    before = top_of(row)
    scene.write(scene.bob, *[f"said meanwhile {n}" for n in range(1, 301)])
    jump = ann.page.locator(".jump-to-latest")
    expect(jump).to_have_text("300 new messages")
    assert ann.page.locator("article").count() <= 320
    assert abs(top_of(row) - before) < 2
    # By keyboard: what had the focus goes, and writing is next.
    jump.press("Enter")
    expect(ann.message("said meanwhile 300")).to_be_in_viewport()
    expect(jump).to_be_hidden()
    expect(ann.page.locator(".composer textarea")).to_be_focused()
    numbers = ann.page.locator("article").evaluate_all("all => all.map(a => +a.dataset.number)")
    assert numbers == list(range(numbers[0], 361))


def test_long_messages_in_a_long_room_are_read_to_the_first(scene):
    for _ in range(2):
        scene.write(scene.bob, *["a log\n" * 800] * 2)
    scene.fill(340)
    ann = scene.enter(scene.ann)
    first = ann.page.locator("article[data-number='1']")
    for _ in range(14):
        scroll_to_top(ann.page)
        ann.page.wait_for_timeout(200)
    expect(first).to_have_count(1)
    assert ann.page.locator("article").count() <= 340
    numbers = ann.page.locator("article").evaluate_all("all => all.map(a => +a.dataset.number)")
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_room_that_was_left_fetches_nothing_more(scene):
    scene.fill(200)
    ann = scene.enter(scene.ann)
    wait_for_turbo(ann.page)
    ann.page.wait_for_load_state("networkidle")
    held = hold_back(ann.page, "**/messages?before=*")
    scroll_to_top(ann.page)
    asked = wait_for_one(ann.page, held)
    ann.page.locator(".sidebar input[name=q]").fill("nothing")
    ann.page.keyboard.press("Enter")
    expect(ann.page.locator("chat-room")).to_have_count(0)
    with ann.page.expect_response("**/messages?before=*"):
        asked.continue_()
    with ann.page.expect_response("**/sidebar"):
        ann.page.evaluate("fetch('/sidebar')")
    assert len(held) == 1
    assert "q=nothing" in ann.page.url


def test_an_old_page_that_could_not_be_had_comes_when_the_network_is_back(scene):
    scene.fill(150)
    ann = scene.enter(scene.ann)
    ann.page.wait_for_load_state("networkidle")
    first = ann.page.locator("article").first
    before = int(first.get_attribute("data-number") or 0)
    network = Barred(ann.page, "**/messages?before=*")
    with ann.page.expect_event("requestfailed"):
        scroll_to_top(ann.page)
    network.let_through()
    ann.page.evaluate("dispatchEvent(new Event('online'))")
    expect(first).not_to_have_attribute("data-number", str(before))
    assert before > 1


def test_an_old_page_that_was_refused_is_asked_for_again_at_the_edge(scene):
    scene.fill(150)
    ann = scene.enter(scene.ann)
    ann.page.wait_for_load_state("networkidle")
    first = ann.page.locator("article").first
    before = first.get_attribute("data-number") or ""
    refused: list[Route] = []

    def refuse_two(route: Route) -> None:
        if len(refused) == 2:
            return route.continue_()
        refused.append(route)
        return route.fulfill(status=503, body="")

    ann.page.route("**/messages?before=*", refuse_two)
    # No move of the reader's comes after this one.
    scroll_to_top(ann.page)
    expect(first).not_to_have_attribute("data-number", before)
    assert len(refused) == 2


def test_a_refused_old_page_is_not_asked_for_with_each_move(scene):
    scene.fill(150)
    ann = scene.enter(scene.ann)
    ann.page.wait_for_load_state("networkidle")
    asked: list[Route] = []

    def refuse(route: Route) -> None:
        asked.append(route)
        route.fulfill(status=503, body="", headers={"Retry-After": "60"})

    ann.page.route("**/messages?before=*", refuse)
    with ann.page.expect_response("**/messages?before=*"):
        scroll_to_top(ann.page)
    for top in range(1, 21):
        ann.page.locator(".timeline").evaluate("(box, top) => { box.scrollTop = top; }", top)
        ann.page.evaluate("new Promise(requestAnimationFrame)")
    assert len(asked) == 1
    ann.page.unroute("**/messages?before=*")
    with ann.page.expect_response("**/messages?before=*"):
        ann.page.evaluate("dispatchEvent(new Event('online'))")


def test_a_newest_page_that_cannot_be_had_is_told_and_leaves_the_reader_where_they_are(
    in_the_past,
):
    page = in_the_past.page
    address = page.url
    page.route("**/messages?", lambda route: route.fulfill(status=503, body=""))
    jump = page.locator(".jump-to-latest")
    jump.click()
    in_the_past.is_told("The server didn't answer. Try again.")
    expect(page.locator(".is-found")).to_be_in_viewport()
    assert page.url == address
    page.unroute("**/messages?")
    jump.click()
    expect(in_the_past.message("message 300 of before")).to_be_in_viewport()
    assert "around" not in page.url


def test_search_finds_a_word_just_written_and_jumps_to_it(scene):
    scene.fill(30)
    scene.write(scene.bob, f"the zeppelin {scene.room.id} landed")
    scene.fill(100)
    ann = scene.enter(scene.ann)
    ann.page.keyboard.press("Control+k")
    expect(ann.page.locator(".sidebar input[name=q]")).to_be_focused()
    ann.page.keyboard.type(f"zeppelin {scene.room.id}")
    ann.page.keyboard.press("Enter")
    ann.page.locator(".hit-link").first.click()
    found = ann.message("zeppelin")
    expect(found).to_be_in_viewport()
    expect(found).to_contain_class("is-found")
    # The other way of the window: newer pages come until it is live again.
    scene.write(scene.bob, "written while reading the past")
    expect(ann.message("written while reading the past")).to_have_count(0)
    ann.page.locator(".jump-to-latest").click()
    expect(ann.message("written while reading the past")).to_be_in_viewport()
    ann.say("and I am here")
    ann.sees("and I am here")


def test_scrolling_down_from_the_past_reaches_the_present(scene):
    scene.write(scene.bob, "the very first")
    scene.fill(120)
    ann = scene.enter(scene.ann)
    first = scene.server.visitor(scene.ann.user_name).get(
        f"/rooms/{scene.room.id}/messages?before=2"
    )
    message_id = first.json()["rows"].split('data-message="')[1].split('"')[0]
    ann.page.goto(f"{scene.server.url}/messages/{message_id}")
    expect(ann.message("the very first")).to_be_in_viewport()
    for _ in range(12):
        ann.page.locator(".timeline").evaluate("e => { e.scrollTop = e.scrollHeight; }")
        ann.page.wait_for_timeout(200)
    expect(ann.message("message 120 of before")).to_be_in_viewport()
    expect(ann.page.locator("article")).to_have_count(121)
    scene.write(scene.bob, "now live")
    expect(ann.message("now live")).to_be_in_viewport()


def test_a_message_is_found_through_its_own_address(scene):
    scene.fill(120)
    ann = scene.enter(scene.ann)
    number = ann.page.locator("article.message").first.get_attribute("data-number")
    # By its number: on the way there, older ones come in before it.
    oldest = ann.page.locator(f'article.message[data-number="{number}"]')
    oldest.scroll_into_view_if_needed()
    expect(ann.page.locator("article.message")).to_have_count(120)
    oldest.locator(".message-time").click()
    found = ann.page.locator(".is-found")
    expect(found).to_have_attribute("data-number", number or "")
    expect(found).to_be_in_viewport()
    ann.page.locator(".jump-to-latest").click()
    expect(ann.message("message 120 of before")).to_be_in_viewport()
    # A reload stays at the newest.
    expect(ann.page).to_have_url(f"{scene.server.url}/rooms/{scene.room.id}")


class Held:
    """Pages of history that are asked for and held back: each is let go when the test says so."""

    def __init__(self, page: Page, pattern: str):
        self.page = page
        self.routes: list[tuple[Route, APIResponse]] = []
        page.route(pattern, lambda route: self.routes.append((route, route.fetch())))

    def wait_for(self, number: int) -> None:
        while len(self.routes) < number:
            self.page.wait_for_timeout(50)

    def let_go(self, number: int) -> None:
        """The page asked for as `number`, from 0, arrives."""
        route, answer = self.routes[number]
        with self.page.expect_response(answer.url):
            route.fulfill(response=answer)


def open_the_past(scene, person, number: int) -> None:
    """The page around the message with that number."""
    found = person.context.request.get(
        f"{scene.server.url}/rooms/{scene.room.id}/messages?before={number + 1}",
        headers={"Accept": "application/json"},
    )
    message_id = found.json()["rows"].rsplit('data-message="', 1)[1].split('"')[0]
    person.page.goto(f"{scene.server.url}/messages/{message_id}")
    expect(person.page.locator(".is-found")).to_be_in_viewport()
    person.page.wait_for_load_state("networkidle")


@pytest.fixture
def in_the_past(scene):
    """Ann, who looks at the middle of a long history."""
    scene.fill(300)
    ann = scene.enter(scene.ann)
    open_the_past(scene, ann, 150)
    return ann


def numbers_of(page: Page) -> list[int]:
    return page.locator("article[data-number]").evaluate_all(
        "all => all.map(a => +a.dataset.number)"
    )


def test_an_older_page_that_arrives_after_the_newest_leaves_no_hole(scene, in_the_past):
    ann = in_the_past
    held = Held(ann.page, "**/messages?before=*")
    scroll_to_top(ann.page)
    held.wait_for(1)
    ann.page.locator(".jump-to-latest").click()
    expect(ann.message("message 300 of before")).to_be_in_viewport()
    held.let_go(0)
    ann.page.wait_for_timeout(200)
    numbers = numbers_of(ann.page)
    assert numbers == list(range(numbers[0], 301))
    scene.write(scene.bob, "and still live")
    ann.sees("and still live")


def test_what_is_said_while_the_newest_page_is_on_its_way_is_not_lost(scene, in_the_past):
    ann = in_the_past
    held = Held(ann.page, "**/messages?*")
    scroll_to_top(ann.page)
    held.wait_for(1)
    ann.page.locator(".jump-to-latest").click()
    held.wait_for(2)
    held.let_go(0)
    scene.write(scene.bob, "said meanwhile")
    expect(ann.page.locator(".jump-to-latest")).to_contain_text("1 new message")
    held.let_go(1)
    ann.sees("said meanwhile")


def test_a_second_newest_page_that_is_older_takes_nothing_away(scene, in_the_past):
    ann = in_the_past
    held = Held(ann.page, "**/messages?")
    jump = ann.page.locator(".jump-to-latest")
    jump.click()
    held.wait_for(1)
    jump.click()
    held.wait_for(2)
    held.let_go(0)
    scene.write(scene.bob, "said meanwhile")
    ann.page.wait_for_timeout(500)
    held.let_go(1)
    ann.sees("said meanwhile")
    scene.write(scene.bob, "said after")
    ann.sees("said after")
    numbers = numbers_of(ann.page)
    assert numbers == list(range(numbers[0], 303))


def test_the_beginning_that_went_out_of_a_live_page_comes_back(scene):
    scene.fill(30)
    ann = scene.enter(scene.ann)
    ann.page.locator(".jump-to-latest").click()
    expect(ann.message("message 30 of before")).to_be_in_viewport()
    scene.write(scene.bob, *[f"later {n}" for n in range(310)])
    ann.sees("later 309")
    assert numbers_of(ann.page)[0] > 1
    first = first_message(scene)
    scene.server.visitor(scene.bob.user_name).submit(
        f"/messages/{first}/reactions", {"emoji": "🎉", "on": "1"}
    )
    scene.write(scene.bob, "the last")
    ann.sees("the last")
    numbers = numbers_of(ann.page)
    assert numbers == list(range(numbers[0], 342))
    scroll_to_top(ann.page)
    expect(ann.message("message 1 of before")).to_have_count(1)
    assert numbers_of(ann.page)[0] == 1


def first_message(scene) -> str:
    """The id of the room's first message."""
    first = scene.server.visitor(scene.ann.user_name).get(
        f"/rooms/{scene.room.id}/messages?before=2"
    )
    return first.json()["rows"].split('data-message="')[1].split('"')[0]


def test_what_is_written_offline_in_the_past_is_shown_until_it_is_sent(scene):
    scene.fill(300)
    ann, bob = scene.enter_both()
    open_the_past(scene, ann, 150)
    network = Barred(ann.page, "**/rooms/*/messages*")
    ann.say("from the past")
    copy = ann.page.locator(".is-pending")
    expect(copy).to_have_text(re.compile("from the past"))
    expect(copy).to_be_in_viewport()
    network.let_through()
    ann.page.evaluate("dispatchEvent(new Event('online'))")
    bob.sees("from the past")
    expect(copy).to_have_count(0)
    ann.page.locator(".jump-to-latest").click()
    ann.sees("from the past")


def test_what_could_not_be_sent_stays_however_far_one_looks_back(scene):
    scene.fill(420)
    ann, bob = scene.enter_both()
    open_the_past(scene, ann, 200)
    ann.page.route("**/rooms/*/messages", lambda route: route.fulfill(status=403, body=""))
    ann.say("wanted")
    failed = ann.page.locator(".is-failed")
    expect(failed).to_have_text(re.compile("wanted"))
    expect(ann.message("message 420 of before")).to_have_count(1)
    for _ in range(14):
        scroll_to_top(ann.page)
        ann.page.wait_for_timeout(200)
    expect(ann.message("message 1 of before")).to_have_count(1)
    expect(ann.message("message 420 of before")).to_have_count(0)
    expect(failed).to_have_count(1)
    ann.page.locator(".jump-to-latest").click()
    expect(failed).to_be_in_viewport()
    expect(ann.message("message 420 of before")).to_be_in_viewport()
    ann.page.unroute("**/rooms/*/messages")
    failed.get_by_role("button", name="Try again").click()
    ann.sees("wanted")
    bob.sees("wanted")
    numbers = numbers_of(ann.page)
    assert numbers == list(range(numbers[0], 422))
    expect(ann.page.locator(".day")).to_have_count(1)


def test_an_address_that_names_nothing_opens_the_room_at_its_end(scene):
    scene.fill(60)
    scene.server.visitor(scene.ann.user_name).submit(
        f"/rooms/{scene.room.id}/reads", {"number": "60"}
    )
    ann = scene.enter(scene.ann)
    for broken in ("#%", "#nobody", "#"):
        ann.page.goto("about:blank")
        ann.page.goto(f"{scene.server.url}/rooms/{scene.room.id}{broken}")
        expect(ann.message("message 60 of before")).to_be_in_viewport()
        expect(ann.page.locator(".composer textarea")).to_be_focused()
    assert ann.problems == []


def height_of(locator: Locator) -> float:
    return locator.evaluate("element => element.getBoundingClientRect().height")


def test_a_very_long_message_is_cut_until_the_reader_wants_all_of_it(scene):
    scene.fill(5)
    scene.write(scene.bob, "x\n" * 4_990 + "the end", "short\n" * 30)
    ann = scene.enter(scene.ann)
    long = ann.page.locator("article").filter(has_text="the end")
    more = ann.page.locator(".message-more")
    expect(more).to_have_count(1)
    expect(more).to_have_text("Show more")
    expect(more).to_have_attribute("aria-expanded", "false")
    assert height_of(long) < 1_100
    more.scroll_into_view_if_needed()
    before = top_of(long)
    more.press("Enter")
    expect(more).to_have_text("Show less")
    expect(more).to_have_attribute("aria-expanded", "true")
    assert height_of(long) > 50_000
    ann.page.wait_for_timeout(200)
    assert abs(top_of(long) - before) < 2
    # A reaction brings the article anew.
    message_id = long.get_attribute("data-message")
    bob = scene.server.visitor(scene.bob.user_name)
    bob.submit(f"/messages/{message_id}/reactions", {"emoji": "🎉", "on": "1"})
    expect(long.locator(".reaction")).to_have_count(1)
    expect(more).to_have_text("Show less")
    more.scroll_into_view_if_needed()
    before = top_of(more)
    more.press("Enter")
    expect(more).to_have_text("Show more")
    ann.page.wait_for_timeout(200)
    assert abs(top_of(more) - before) < 2
    assert height_of(long) < 1_100
    # Whoever follows its address gets all of it.
    ann.page.goto(f"{scene.server.url}/messages/{message_id}")
    found = ann.page.locator(".is-found")
    expect(found.locator(".message-more")).to_have_text("Show less")
    assert 0 < top_of(found) < 200


def test_what_gets_the_focus_in_a_cut_message_is_shown(scene):
    scene.write(scene.bob, "x\n" * 400 + "https://example.org/far")
    ann = scene.enter(scene.ann)
    link = ann.page.locator(".message-body a")
    expect(ann.page.locator(".message-more")).to_have_text("Show more")
    link.focus()
    expect(ann.page.locator(".message-more")).to_have_text("Show less")
    expect(link).to_be_in_viewport()
