"""What could not be sent, when its room is not on screen."""

import re

from playwright.sync_api import Route, expect

from tests.builders.rooms import new_room
from tests.system.people import Person, hold_back, wait_for_one, wait_for_turbo
from tests.system.test_accessibility import problems
from tests.system.test_unread import room_link

REFUSAL = '{"title": "No", "detail": "The server has had enough."}'


def hold(person: Person, room_id: int) -> list[Route]:
    """What is posted there waits until the test answers."""
    return hold_back(person.page, f"**/rooms/{room_id}/messages")


def test_a_send_that_fails_elsewhere_is_told_and_its_room_is_marked(scene):
    ann = scene.enter(scene.ann)
    wait_for_turbo(ann.page)
    held = hold(ann, scene.room.id)
    ann.say("wanted")
    post = wait_for_one(ann.page, held)
    ann.page.locator(".sidebar").get_by_text("All rooms").click()
    ann.page.wait_for_url("**/rooms")
    link = ann.page.locator(f".sidebar .room-link[data-room='{scene.room.id}']")
    expect(link.locator(".unsent-mark")).to_have_count(0)
    post.fulfill(status=422, content_type="application/problem+json", body=REFUSAL)
    ann.is_told(f"A message to {scene.room.name} was not sent. The server has had enough.")
    expect(link).to_have_accessible_name(re.compile("A message was not sent"))
    assert problems(ann.page) == []
    ann.page.reload()
    expect(link.locator(".unsent-mark")).to_be_visible()
    # The server's news of the rooms leave it where it is.
    scene.server.build(new_room, f"another {scene.room.id}", members=[scene.bob])
    with ann.page.expect_response("**/sidebar?**"):
        scene.server.visitor(scene.ann.user_name).submit(
            f"/rooms/{scene.room.id}/edit", {"name": f"renamed {scene.room.id}", "topic": ""}
        )
    expect(link).to_contain_text("renamed")
    expect(link.locator(".unsent-mark")).to_have_count(1)
    link.click()
    failed = ann.message("wanted")
    expect(failed).to_contain_class("is-failed")
    ann.page.unroute(f"**/rooms/{scene.room.id}/messages")
    failed.get_by_role("button", name="Try again").click()
    ann.sees("wanted")
    expect(link.locator(".unsent-mark")).to_have_count(0)


def test_what_was_written_for_a_room_one_is_put_out_of_is_kept(scene):
    closed = scene.closed_room()
    ann = scene.enter(scene.ann)
    ann.open_room(closed.id)
    wait_for_turbo(ann.page)
    held = hold(ann, closed.id)
    ann.say("my last words")
    post = wait_for_one(ann.page, held)
    ann.page.locator(".composer textarea").fill("and a draft")
    scene.put_ann_out(closed)
    ann.page.wait_for_url(lambda url: f"/rooms/{closed.id}" not in url)
    post.continue_()
    kept = ann.page.locator(".sidebar").get_by_role("button", name="Not sent")
    expect(kept).to_have_text(re.compile("2"))
    assert problems(ann.page) == []
    kept.click()
    dialog = ann.page.get_by_role("dialog", name="Not sent")
    expect(dialog.locator(".unsent-text")).to_have_text(["my last words", "and a draft"])
    assert problems(ann.page) == []
    ann.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dialog.get_by_role("button", name="Copy").first.click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    expect(dialog.get_by_role("status")).to_have_text("Copied")
    expect(dialog.get_by_role("button", name="Copy")).to_have_count(2)
    assert ann.page.evaluate("navigator.clipboard.readText()") == "my last words"
    for left in (1, 0):
        dialog.get_by_role("button", name="Delete").first.click()
        ann.page.locator("#confirm").get_by_role("button", name="Delete").click()
        expect(dialog.locator(".unsent-text")).to_have_count(left)
    expect(dialog).to_be_hidden()
    expect(kept).to_have_count(0)
    expect(ann.page.locator(".workspace-name")).to_be_focused()
    ann.page.reload()
    expect(ann.page.locator(".composer textarea")).to_be_visible()
    expect(kept).to_have_count(0)


FULL = """() => {
  Storage.prototype.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
}"""

# Whether the browser would ask before it lets the page go.
ASKS = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"


def test_a_full_device_keeps_what_is_written_as_long_as_the_page_and_says_so(scene):
    other = scene.server.build(new_room, f"other of {scene.room.id}", members=[scene.ann])
    ann = scene.enter(scene.ann)
    wait_for_turbo(ann.page)
    field = ann.page.locator(".composer textarea")
    ann.page.evaluate(FULL)
    field.press_sequentially("half a thought")
    ann.is_told("only while this page is open")
    room_link(ann.page, other).click()
    expect(ann.page).to_have_title(other.name)
    expect(field).to_have_value("")
    room_link(ann.page, scene.room).click()
    expect(field).to_have_value("half a thought")
    assert ann.page.evaluate(ASKS)
    # What is sent is with the server, and the page may go.
    field.press("Enter")
    ann.sees("half a thought")
    assert not ann.page.evaluate(ASKS)
