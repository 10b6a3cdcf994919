"""Editing and deleting, seen by the other."""

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.system.people import hold_back, wait_for_one


def test_an_edit_is_seen_by_the_other(scene):
    ann, bob = scene.enter_both()
    ann.say("Meet at thre")
    bob.sees("Meet at thre")
    ann.act("Meet at thre", "edit")
    field = ann.page.locator(".message-editor textarea")
    expect(field).to_have_value("Meet at thre")
    field.fill("Meet at three")
    field.press("Enter")
    bob.sees("Meet at three")
    expect(bob.message("Meet at three")).to_have_attribute("data-edited", "")
    expect(ann.page.locator(".message-editor")).to_have_count(0)
    expect(ann.page.locator(".composer textarea")).to_be_focused()


def edit_last(person):
    """Arrow up, from the composer; gives the field that has the focus then."""
    person.page.locator(".composer textarea").press("ArrowUp")
    field = person.page.locator(".message-editor textarea")
    expect(field).to_be_focused()
    return field


def test_arrow_up_edits_the_last_message_and_escape_leaves_it(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    field = edit_last(ann)
    field.fill("another")
    field.press("Escape")
    ann.sees("one")
    expect(ann.page.locator(".message-editor")).to_have_count(0)
    expect(ann.page.locator(".composer textarea")).to_be_focused()


def test_what_was_typed_in_an_edit_is_kept_until_it_is_saved_or_given_up(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    edit_last(ann).fill("two and a half")
    ann.page.reload()
    field = edit_last(ann)
    expect(field).to_have_value("two and a half")
    field.press("Escape")
    field = edit_last(ann)
    expect(field).to_have_value("one")
    field.fill("three")
    field.press("Enter")
    ann.sees("three")
    edit_last(ann).fill("four")
    # Elsewhere it is changed meanwhile: what was typed is about another text.
    visitor, message = scene.server.visitor(scene.ann.user_name), ann.message("three")
    visitor.submit(
        f"/messages/{message.get_attribute('data-message')}/edit", {"body": "three and a bit"}
    )
    expect(ann.message("three and a bit")).to_have_count(1)
    ann.page.reload()
    expect(edit_last(ann)).to_have_value("three and a bit")


def test_an_edit_shows_what_another_device_has_saved_before_it_replaces_it(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    field = edit_last(ann)
    field.fill("two by laptop")
    visitor, message = scene.server.visitor(scene.ann.user_name), ann.page.locator("article").last
    path = f"/messages/{message.get_attribute('data-message')}/edit"
    visitor.submit(path, {"body": "two by phone"})
    expect(message).to_have_attribute("data-edited", "")
    field.press("Enter")
    expect(ann.page.locator(".message-editor-error")).to_contain_text("changed meanwhile")
    expect(message.locator(".message-body")).to_have_text("two by phone")
    expect(message.locator(".message-body")).to_be_visible()
    visitor.submit(path, {"body": "three by phone"})
    expect(message.locator(".message-body")).to_have_text("three by phone")
    expect(message.locator(".message-body")).to_be_visible()
    expect(field).to_have_value("two by laptop")
    field.press("Enter")
    expect(message.locator(".message-body")).to_have_text("three by phone")
    expect(field).to_be_editable()
    field.press("Enter")
    ann.sees("two by laptop")
    expect(ann.page.locator(".message-editor")).to_have_count(0)


def test_an_edit_that_begins_late_does_not_take_the_focus_from_who_types(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    held = hold_back(ann.page, re.compile(r"/messages/\d+$"))
    composer = ann.page.locator(".composer textarea")
    composer.press("ArrowUp")
    asked = wait_for_one(ann.page, held)
    composer.press_sequentially("tw")
    asked.continue_()
    expect(ann.page.locator(".message-editor textarea")).to_have_value("one")
    ann.page.keyboard.type("o")
    expect(composer).to_have_value("two")


def test_an_edit_that_is_saved_late_does_not_take_the_focus_from_elsewhere(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    held = hold_back(ann.page, re.compile(r"/edit$"))
    field = edit_last(ann)
    field.fill("two")
    field.press("Enter")
    saved = wait_for_one(ann.page, held)
    ann.page.keyboard.press("Control+k")
    ann.page.keyboard.type("tea")
    saved.continue_()
    ann.sees("two")
    expect(field).to_have_count(0)
    ann.page.keyboard.type("pot")
    expect(ann.page.locator(".sidebar input[name=q]")).to_have_value("teapot")


def lose_frames(page: Page, word: str) -> None:
    """From now on the page hears nothing that has that word in it."""

    def carry(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        server.on_message(lambda frame: None if word in str(frame) else line.send(frame))

    page.route_web_socket("**/ws?*", carry)
    page.reload()


def test_an_edit_that_is_saved_is_shown_though_a_change_before_it_is_missing(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    lose_frames(ann.page, "heard by nobody")
    ann.is_at(scene.ann.id, "online")
    missing = hold_back(ann.page, re.compile(r"/changes\?"))
    scene.write(scene.bob, "heard by nobody")
    field = edit_last(ann)
    field.fill("two")
    field.press("Enter")
    ann.sees("two")
    expect(ann.message("heard by nobody")).to_have_count(0)
    wait_for_one(ann.page, missing).continue_()
    ann.sees("heard by nobody")
    ann.sees("two")


def test_arrow_up_does_not_take_an_older_message_for_one_on_its_way(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    held = hold_back(ann.page, re.compile(r"/rooms/\d+/messages$"))
    ann.say("two")
    on_its_way = wait_for_one(ann.page, held)
    composer = ann.page.locator(".composer textarea")
    composer.press("ArrowUp")
    composer.press_sequentially("three")
    expect(composer).to_have_value("three")
    expect(ann.page.locator(".message-editor")).to_have_count(0)
    on_its_way.continue_()
    expect(ann.message("two")).to_have_attribute("data-message", re.compile(r"\d+"))
    composer.fill("")
    expect(edit_last(ann)).to_have_value("two")


def test_what_was_deleted_meanwhile_is_not_edited(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    held = hold_back(ann.page, re.compile(r"/messages/\d+$"))
    ann.act("one", "edit")
    asked = wait_for_one(ann.page, held)
    expect(ann.page.locator(".message-actions")).to_be_visible()
    visitor, message = scene.server.visitor(scene.ann.user_name), ann.message("one")
    visitor.submit(f"/messages/{message.get_attribute('data-message')}/delete")
    expect(ann.page.locator("article[data-deleted]")).to_have_count(1)
    expect(ann.page.locator(".message-actions")).to_be_hidden()
    with ann.page.expect_response(re.compile(r"/messages/\d+$")):
        asked.continue_()
    ann.say("two")
    ann.sees("two")
    expect(ann.page.locator(".message-editor")).to_have_count(0)


def test_what_is_deleted_while_its_editor_is_asked_for_leaves_the_focus_in_its_row(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    held = hold_back(ann.page, re.compile(r"/messages/\d+$"))
    ann.page.locator(".timeline").focus()
    ann.page.keyboard.press("ArrowUp")
    ann.page.locator(".message-actions [data-action=edit]").press("Enter")
    asked = wait_for_one(ann.page, held)
    visitor, message = scene.server.visitor(scene.ann.user_name), ann.message("one")
    visitor.submit(f"/messages/{message.get_attribute('data-message')}/delete")
    expect(ann.page.locator("article[data-deleted]")).to_have_count(1)
    with ann.page.expect_response(re.compile(r"/messages/\d+$")):
        asked.continue_()
    expect(ann.page.locator(".message-row")).to_be_focused()


def test_what_cannot_be_edited_now_says_so(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    ann.page.route(re.compile(r"/messages/\d+$"), lambda route: route.abort())
    ann.page.locator(".composer textarea").press("ArrowUp")
    expect(ann.page.get_by_text("The server didn't answer")).to_be_visible()
    expect(ann.page.locator(".composer textarea")).to_be_focused()
    ann.act("one", "edit")
    expect(ann.page.locator(".message-row").last).to_be_focused()


def test_an_arrow_with_another_key_edits_nothing(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    for chord in ("Alt+ArrowUp", "Shift+ArrowUp", "Control+ArrowUp"):
        ann.page.locator(".composer textarea").press(chord)
    edit_last(ann)
    expect(ann.page.locator(".message-editor")).to_have_count(1)


COMPOSE = """(field, key) => field.dispatchEvent(
  new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true, cancelable: true }),
)"""


def test_keys_of_an_input_method_neither_end_an_edit_nor_pick_an_emoji(scene):
    ann = scene.enter(scene.ann)
    ann.say("one")
    ann.sees("one")
    field = edit_last(ann)
    field.evaluate(COMPOSE, "Escape")
    expect(field).to_be_focused()
    field.press("Escape")
    ann.act("one", "react")
    search = ann.page.locator(".emoji-search")
    search.fill("cake")
    expect(ann.page.locator(".emoji-list button").first).to_be_visible()
    search.evaluate(COMPOSE, "Enter")
    expect(search).to_be_focused()
    search.press("Enter")
    expect(ann.message("one").locator(".reaction")).to_have_count(1)


def test_an_emoji_is_found_in_the_language_of_the_page_and_in_english(scene):
    ann = scene.enter(scene.ann, locale="de-DE")
    ann.say("eins")
    ann.sees("eins")
    ann.act("eins", "react")
    search, found = (ann.page.locator(f".emoji-{each}") for each in ("search", "list button"))
    for word in ("erdbeer", "strawberry"):
        search.fill(word)
        expect(found).to_have_text(["🍓"])
    expect(found).to_have_accessible_name("Erdbeere")


def test_a_change_of_others_does_not_end_an_edit(scene):
    ann, bob = scene.enter_both()
    ann.say("busy")
    bob.sees("busy")
    ann.act("busy", "edit")
    ann.page.locator(".message-editor textarea").fill("busy all day")
    bob.act("busy", "react")
    bob.page.locator(".emoji-quick button").first.click()
    expect(ann.page.locator(".reaction-count")).to_have_text("1")
    field = ann.page.locator(".message-editor textarea")
    expect(field).to_have_value("busy all day")
    expect(field).to_be_focused()
    field.press("Enter")
    bob.sees("busy all day")


def test_deleting_asks_and_is_seen_by_the_other(scene):
    ann, bob = scene.enter_both()
    ann.say("A secret")
    bob.sees("A secret")
    ann.act("A secret", "delete")
    dialog = ann.page.get_by_role("dialog")
    expect(dialog).to_contain_text("A secret")
    dialog.get_by_role("button", name="Cancel").click()
    ann.sees("A secret")
    ann.act("A secret", "delete")
    dialog.get_by_role("button", name="Delete").click()
    for person in (ann, bob):
        expect(person.message("A secret")).to_have_count(0)
        expect(person.page.locator("article[data-deleted]")).to_have_count(1)


def test_deleting_by_keyboard_leaves_the_focus_in_the_row(scene):
    ann = scene.enter(scene.ann)
    for body in ("The first", "The second"):
        ann.say(body)
        ann.sees(body)
    ann.page.locator(".timeline").focus()
    ann.page.keyboard.press("ArrowUp")
    ann.page.keyboard.press("Tab")
    ann.page.locator(".message-actions [data-action=delete]").focus()
    ann.page.keyboard.press("Enter")
    ann.page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    expect(ann.page.locator("article[data-deleted]")).to_have_count(1)
    expect(ann.page.locator(".message-row").last).to_be_focused()
    ann.page.keyboard.press("ArrowUp")
    expect(ann.page.locator(".message-row").filter(has_text="The first")).to_be_focused()


def test_nobody_is_offered_to_change_what_others_wrote(scene):
    ann, bob = scene.enter_both()
    ann.say("Mine")
    bob.sees("Mine")
    bob.message("Mine").hover()
    bar = bob.page.locator(".message-actions")
    expect(bar.locator("[data-action=react]")).to_be_visible()
    expect(bar.locator("[data-action=edit]")).to_be_hidden()
    expect(bar.locator("[data-action=delete]")).to_be_hidden()


def test_the_actions_are_reached_by_keyboard(scene):
    ann = scene.enter(scene.ann)
    ann.say("first")
    ann.say("second")
    ann.sees("second")
    ann.page.locator(".timeline").focus()
    ann.page.keyboard.press("ArrowUp")
    ann.page.keyboard.press("ArrowUp")
    ann.page.keyboard.press("Tab")
    expect(ann.page.locator("[data-action=react]")).to_be_focused()
    ann.page.keyboard.press("ArrowRight")
    expect(ann.page.locator("[data-action=edit]")).to_be_focused()
    ann.page.keyboard.press("Enter")
    expect(ann.page.locator(".message-editor textarea")).to_have_value("first")
    ann.page.keyboard.press("Escape")
    expect(ann.page.locator(".composer textarea")).to_be_focused()


def test_copying_a_link_without_tls_leaves_the_focus_where_it_was(scene):
    ann = scene.enter(scene.ann)
    ann.say("hello")
    ann.sees("hello")
    ann.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    ann.message("hello").hover()
    button = ann.page.locator("[data-action=copy]")
    button.press("Enter")
    expect(button).to_contain_class("is-done")
    expect(button).to_be_focused()


def test_a_copy_that_fails_is_said_once(scene):
    ann = scene.enter(scene.ann)
    ann.say("hello")
    ann.sees("hello")
    ann.page.evaluate(
        """() => {
          Object.defineProperty(navigator, "clipboard", { value: undefined });
          document.execCommand = () => false;
        }"""
    )
    ann.act("hello", "copy")
    ann.is_told("That could not be copied.")
    said = ann.page.locator("[role=status], [role=alert]").filter(has_text="could not be copied")
    # At this moment: a complaint goes by itself.
    assert said.count() == 1


@pytest.mark.parametrize("tls", [True, False])
def test_the_bar_follows_the_pointer_after_a_click_and_stays_with_the_keyboard(scene, tls):
    ann = scene.enter(scene.ann)
    if not tls:
        ann.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    for body in ("one", "two"):
        ann.say(body)
        ann.sees(body)
    rows = [ann.page.locator(".message-row").filter(has_text=body) for body in ("one", "two")]
    bar = ".message-actions"
    ann.act("one", "copy")
    expect(rows[0].locator(".is-done")).to_have_count(1)
    ann.message("two").hover()
    expect(rows[1].locator(bar)).to_be_visible()
    expect(ann.page.locator(f"{bar} .is-done")).to_have_count(0)
    ann.act("one", "copy")
    ann.page.locator(".room-title").hover()
    expect(ann.page.locator(bar)).to_have_count(0)
    ann.message("one").hover()
    ann.page.locator(f"{bar} [data-action=copy]").click()
    ann.page.keyboard.press("ArrowLeft")
    ann.message("two").hover()
    expect(rows[0].locator(bar)).to_be_visible()
    ann.page.locator(".room-title").hover()
    expect(rows[0].locator(bar)).to_be_visible()
