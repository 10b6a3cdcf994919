"""The network goes, the server goes, and both come back."""

import re
import time

import pytest
from playwright.sync_api import Route, expect

from tests.builders.people import PASSWORD
from tests.faults.harness.bounds import allowed
from tests.measures import note
from tests.system.barred import Barred
from tests.system.people import Person, wait_for_turbo
from tests.system.scenes import Scene


def is_offline(person: Person, seconds: float = 15) -> None:
    strip = person.page.locator(".connection-strip")
    expect(strip).to_be_visible(timeout=seconds * 1_000)
    expect(strip).to_contain_text("offline")


def is_back(person: Person) -> None:
    expect(person.page.locator(".connection-strip")).to_be_hidden()


def test_a_silent_cut_is_shown_and_what_was_written_goes_out_in_order(scene, make_line):
    line = make_line(scene.server)
    ann, bob = scene.enter(scene.ann, line), scene.enter(scene.bob)
    ann.say("before")
    bob.sees("before")
    line.cut()
    began = time.monotonic()
    ann.say("one")
    ann.say("two")
    bob.say("meanwhile")
    # Silence is noticed after 12 s, and shown when it has lasted a moment more.
    is_offline(ann)
    note("C11", "offline is shown", time.monotonic() - began)
    ann.say("three")
    expect(ann.page.locator(".is-pending")).to_have_count(3)
    line.mend()
    began = time.monotonic()
    ann.page.evaluate("dispatchEvent(new Event('online'))")
    for body in ("one", "two", "three", "meanwhile"):
        ann.sees(body)
        bob.sees(body)
    is_back(ann)
    note("C11", "all is sent and caught up", time.monotonic() - began)
    assert ann.texts() == bob.texts() == ["before", "meanwhile", "one", "two", "three"]


@pytest.mark.parametrize("under_way", [0, 3_500])
def test_a_send_that_got_lost_in_silence_is_made_again_when_the_line_is_back(
    scene, make_line, under_way
):
    line = make_line(scene.server)
    ann, bob = scene.enter(scene.ann, line), scene.enter(scene.bob)
    ann.say("before")
    ann.sees("before")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    ann.page.route("**/messages", hold, times=1)
    with ann.page.expect_request("**/messages"):
        ann.say("lost")
    # An answer may take 3 s where nothing is wrong.
    ann.page.wait_for_timeout(under_way)
    line.mend()
    began = time.monotonic()
    bob.sees("lost")
    ann.sees("lost")
    note("C11", "what got lost in silence is there", time.monotonic() - began)
    assert len(held) == 1


def sleep(person: Person) -> None:
    """An hour passes on the wall, and none on the clock that measures durations: it stood still."""
    person.page.evaluate(
        """() => {
          const time = Date.now;
          Date.now = () => time() + 3_600_000;
        }"""
    )


def test_after_sleep_a_dead_line_is_replaced_and_what_it_had_is_sent_again(scene, make_line):
    line = make_line(scene.server)
    ann, bob = scene.enter(scene.ann, line), scene.enter(scene.bob)
    ann.say("before")
    bob.sees("before")
    ann.is_at(scene.ann.id, "online")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    ann.page.route("**/messages", hold, times=1)
    line.sleep()
    with ann.page.expect_request("**/messages") as first:
        ann.say("caught by sleep")
    bob.say("meanwhile")
    bob.sees("meanwhile")
    began = time.monotonic()
    with ann.page.expect_request("**/messages") as second:
        sleep(ann)
    ann.sees("meanwhile")
    ann.sees("caught by sleep")
    took = time.monotonic() - began
    note("C12", "caught up after sleep on a dead line", took)
    # Longer than promised where the machine has much to do, but less than silence takes.
    assert took <= min(allowed(5), 10)
    assert ann.texts()[0] == "before"
    bob.sees("caught by sleep")
    assert first.value.post_data == second.value.post_data, "it has its key"


def test_a_clock_that_is_set_costs_no_line(scene):
    ann, bob = scene.enter_both()
    ann.is_at(scene.bob.id, "online")
    ann.page.evaluate(
        """() => {
          window.asked = [];
          const send = WebSocket.prototype.send;
          WebSocket.prototype.send = function (text) {
            window.asked.push(JSON.parse(text).type);
            send.call(this, text);
          };
        }"""
    )
    opened: list[str] = []
    ann.page.on("websocket", lambda socket: opened.append(socket.url))
    sleep(ann)
    while not ann.page.evaluate("window.asked.includes('subscribe')"):
        ann.page.wait_for_timeout(50)
    ann.page.wait_for_timeout(4_000)
    bob.say("still here")
    ann.sees("still here")
    assert opened == []


def test_short_losses_are_not_shown(scene, make_line):
    line = make_line(scene.server)
    ann, bob = scene.enter(scene.ann, line), scene.enter(scene.bob)
    ann.say("hello")
    ann.sees("hello")
    ann.page.evaluate(
        """() => {
          const strip = document.querySelector(".connection-strip");
          window.shown = 0;
          new MutationObserver(() => { if (!strip.hidden) window.shown += 1; })
            .observe(strip, {attributes: true});
        }"""
    )
    # The middle of the time in which a page tries to return.
    ann.page.evaluate("Math.random = () => 0.5")
    with ann.page.expect_websocket():
        line.mend()
    bob.say("and again")
    ann.sees("and again")
    assert ann.page.evaluate("window.shown") == 0
    line.cut()
    is_offline(ann)
    assert ann.page.evaluate("window.shown") > 0


def test_a_reload_keeps_what_is_not_sent_yet(scene):
    ann, bob = scene.enter_both()
    network = Barred(ann.page, "**/messages")
    ann.say("first")
    ann.say("second")
    expect(ann.page.locator(".is-pending")).to_have_count(2)
    ann.page.reload()
    expect(ann.page.locator(".is-pending")).to_have_count(2)
    network.let_through()
    ann.page.evaluate("dispatchEvent(new Event('online'))")
    bob.sees("first")
    bob.sees("second")
    assert ann.texts() == bob.texts() == ["first", "second"]


@pytest.mark.parametrize(
    ("kind", "body"), [("text/html", "<h1>Back soon</h1>"), ("application/json", '{"ok": true}')]
)
def test_what_somebody_between_has_answered_is_sent_again(scene, kind, body):
    ann, bob = scene.enter_both()
    answered: list[Route] = []

    def answer(route: Route) -> None:
        answered.append(route)
        route.fulfill(status=200, content_type=kind, body=body)

    portal = Barred(ann.page, "**/messages", answer)
    ann.say("through the portal")
    expect(ann.page.locator(".is-pending")).to_have_count(1)
    while len(answered) < 2:
        ann.page.wait_for_timeout(50)
    portal.let_through()
    bob.sees("through the portal")
    ann.sees("through the portal")
    bob.say("and back")
    ann.sees("and back")
    assert ann.problems == []


def test_another_tab_sends_what_a_closed_one_left(scene):
    ann, bob = scene.enter_both()
    ann.page.route("**/messages", lambda route: route.abort())
    ann.say("left behind")
    expect(ann.page.locator(".is-pending")).to_have_count(1)
    tab = ann.open_tab(f"/rooms/{scene.room.id}")
    bob.sees("left behind")
    expect(tab.locator("article")).to_have_count(1)
    ann.sees("left behind")


def test_a_window_that_is_open_sends_what_one_that_closes_has_left(scene):
    ann, bob = scene.enter_both()
    tab = ann.open_tab(f"/rooms/{scene.room.id}")
    expect(tab.locator(".composer textarea")).to_be_visible()
    ann.is_at(scene.bob.id, "online")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    ann.page.route("**/messages", hold)
    with ann.page.expect_request("**/messages"):
        ann.say("one")
    ann.say("two")
    expect(tab.locator(".is-pending")).to_have_count(2)
    ann.page.close()
    for body in ("one", "two"):
        bob.sees(body)
    expect(tab.locator("article:not(.is-pending)")).to_have_count(2)
    assert bob.texts() == ["one", "two"]
    assert len(held) == 1


def test_two_windows_that_write_at_once_neither_double_nor_reorder(scene):
    ann, bob = scene.enter_both()
    tab = ann.open_tab(f"/rooms/{scene.room.id}")
    tab.route("**/messages", lambda route: tab.wait_for_timeout(30) or route.continue_())
    fields = [page.locator(".composer textarea") for page in (ann.page, tab)]
    for n in range(12):
        field = fields[n % 3 and 1]
        field.fill(f"text {n}.")
        field.press("Enter")
    expect(bob.page.locator("article")).to_have_count(12)
    for page in (ann.page, tab):
        expect(page.locator("article:not(.is-pending)")).to_have_count(12)
        expect(page.locator(".is-pending, .is-failed")).to_have_count(0)
        assert page.locator("article .message-body").all_inner_texts() == bob.texts()
    assert sorted(bob.texts()) == sorted(f"text {n}." for n in range(12))
    for mine in (range(0, 12, 3), (n for n in range(12) if n % 3)):
        written = [f"text {n}." for n in mine]
        assert [text for text in bob.texts() if text in written] == written


def test_a_refused_message_stays_with_its_reason_until_one_tries_again(scene):
    ann, bob = scene.enter_both()
    problem = '{"title": "No", "detail": "The server has had enough."}'
    ann.page.route(
        "**/messages",
        lambda route: route.fulfill(
            status=422, content_type="application/problem+json", body=problem
        ),
    )
    ann.say("wanted")
    failed = ann.message("wanted")
    expect(failed).to_contain_class("is-failed")
    expect(failed).to_contain_text("The server has had enough.")
    ann.page.reload()
    expect(failed).to_contain_class("is-failed")
    ann.page.unroute("**/messages")
    failed.get_by_role("button", name="Try again").click()
    ann.sees("wanted")
    bob.sees("wanted")
    expect(ann.page.locator(".is-failed")).to_have_count(0)


def test_trying_again_what_was_stored_long_ago_takes_its_copy_away(scene):
    ann = scene.enter(scene.ann)
    failing = {"status": 500, "body": ""}
    ann.page.route("**/messages", lambda route: route.fetch() and route.fulfill(**failing))
    ann.say("stored after all")
    ann.sees("stored after all")
    scene.fill(300)
    ann.page.unroute("**/messages")
    ann.page.reload()
    failed = ann.page.locator(".is-failed")
    expect(failed).to_have_text(re.compile("stored after all"))
    failed.get_by_role("button", name="Try again").click()
    expect(ann.message("stored after all")).to_have_count(0)
    ann.say("and on")
    ann.sees("and on")


def test_a_failed_message_can_be_given_up(scene):
    ann = scene.enter(scene.ann)
    ann.page.route("**/messages", lambda route: route.fulfill(status=403, body=""))
    ann.say("never mind")
    give_up = ann.message("never mind").get_by_role("button", name="Delete")
    give_up.click()
    dialog = ann.page.get_by_role("dialog")
    expect(dialog).to_contain_text("never mind")
    dialog.get_by_role("button", name="Cancel").click()
    expect(ann.message("never mind")).to_contain_class("is-failed")
    give_up.click()
    dialog.get_by_role("button", name="Delete").click()
    expect(ann.page.locator("article")).to_have_count(0)
    expect(ann.page.locator(".composer textarea")).to_be_focused()
    ann.page.reload()
    expect(ann.page.locator("article")).to_have_count(0)


def test_signing_out_leaves_nothing_and_says_so_first(scene):
    ann = scene.enter(scene.ann)
    ann.page.route("**/messages", lambda route: route.abort())
    ann.say("unsent")
    ann.page.locator(".composer textarea").fill("a draft")
    expect(ann.page.locator(".is-pending")).to_have_count(1)
    ann.page.goto(f"{scene.server.url}/sessions")
    ann.page.locator("form[action$='/sign-out'] button").first.click()
    dialog = ann.page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 message")
    dialog.get_by_role("button", name="Sign out").click()
    # The socket, which is told too, loads no other page.
    ann.page.wait_for_url("**/sign-in")
    ann.page.wait_for_function("Object.keys(localStorage).length === 0")


def test_signing_out_in_vain_loses_nothing(scene):
    ann = scene.enter(scene.ann)
    ann.page.route("**/messages", lambda route: route.abort())
    ann.page.route("**/sign-out", lambda route: route.abort())
    ann.say("unsent")
    ann.page.locator(".composer textarea").fill("a draft")
    expect(ann.page.locator(".is-pending")).to_have_count(1)
    ann.page.goto(f"{scene.server.url}/sessions")
    wait_for_turbo(ann.page)
    ann.page.locator("form[action$='/sign-out'] button").first.click()
    dialog = ann.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Sign out").click()
    expect(ann.page.get_by_text("The server didn't answer")).to_be_visible()
    ann.open_room(scene.room.id)
    expect(ann.page.locator(".composer textarea")).to_have_value("a draft")
    expect(ann.page.locator(".is-pending")).to_have_text(re.compile("unsent"))


@pytest.mark.parametrize("gently", [True, False])
def test_a_restarted_server_is_found_again(server, make_scene, gently):
    scene = make_scene(server)
    ann, bob = scene.enter_both()
    ann.say("before")
    bob.sees("before")
    if gently:
        server.stop()
    else:
        server.kill()
    ann.say("while it was away")
    expect(ann.page.locator(".is-pending")).to_have_count(1)
    server.start()
    for person in (ann, bob):
        person.page.evaluate("dispatchEvent(new Event('online'))")
        person.sees("while it was away")
    bob.say("and after")
    ann.sees("and after")
    assert ann.texts() == bob.texts() == ["before", "while it was away", "and after"]
    assert ann.problems == bob.problems == []


def test_a_page_that_slept_through_its_token_still_sends(scene):
    ann, bob = scene.enter_both()
    ann.page.evaluate("document.querySelector('meta[name=csrf-token]').content = 'stale'")
    ann.say("still here")
    bob.sees("still here")
    ann.sees("still here")


def test_a_page_whose_sign_in_ended_while_it_slept_asks_to_sign_in(scene, make_line):
    line = make_line(scene.server)
    ann = scene.enter(scene.ann, line)
    ann.is_at(scene.ann.id, "online")
    ann.page.locator(".composer textarea").fill("my draft")
    # The first question gets lost like everything else.
    lost: list[Route] = []

    def lose(route: Route) -> None:
        lost.append(route)
        route.abort()

    ann.page.route("**/sidebar", lose, times=1)
    line.cut()
    ann.context.clear_cookies()
    ann.page.evaluate("Math.random = () => 0.1")
    line.mend()
    ann.page.wait_for_url("**/sign-in**")
    assert len(lost) == 1
    sign_in_again(scene, ann)
    expect(ann.page.locator(".composer textarea")).to_have_value("my draft")


def test_signed_out_elsewhere_leads_to_the_sign_in_page_and_back(scene):
    ann = scene.enter(scene.ann)
    ann.context.clear_cookies()
    ann.say("kept")
    ann.page.wait_for_url("**/sign-in**")
    sign_in_again(scene, ann)
    ann.sees("kept")


def sign_in_again(scene: Scene, person: Person) -> None:
    """On the page that they were sent to, which leads back to the room."""
    person.page.fill("[name=user_name]", person.user_name)
    person.page.fill("[name=password]", PASSWORD)
    person.page.press("[name=password]", "Enter")
    person.page.wait_for_url(f"**/rooms/{scene.room.id}")
