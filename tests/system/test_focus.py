"""Where the keyboard is, and what is heard, after a visit, a refusal, a question or an Escape."""

import re

import pytest
from playwright.sync_api import expect

from tests.builders.rooms import new_room
from tests.system.people import wait_for_turbo


@pytest.fixture
def ann(scene):
    ann = scene.enter(scene.ann)
    wait_for_turbo(ann.page)
    return ann


def test_a_visit_leads_to_the_title_and_to_the_composer_of_a_room(ann, scene):
    ann.page.locator(".sidebar").get_by_text("People", exact=True).click()
    expect(ann.page.get_by_role("heading", level=1)).to_be_focused()
    ann.page.locator(f".sidebar .room-link[data-room='{scene.room.id}']").click()
    expect(ann.page.locator(".composer textarea")).to_be_focused()


def test_what_was_done_is_heard_where_the_page_says_it(ann):
    ann.page.goto(f"{ann.url}/profile")
    wait_for_turbo(ann.page)
    ann.page.get_by_role("button", name="Save").click()
    expect(ann.page.locator(".notice")).to_be_focused()


def test_a_refused_form_leads_to_what_is_wrong(ann):
    ann.context.clear_cookies()
    ann.page.goto(f"{ann.url}/sign-in")
    wait_for_turbo(ann.page)
    ann.page.fill("[name=user_name]", "ann")
    ann.page.fill("[name=password]", "not the password")
    ann.page.press("[name=password]", "Enter")
    wrong = ann.page.locator("[name=password][aria-invalid]")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_accessible_description(re.compile("password"))


def test_a_sign_in_that_nobody_answers_says_so(ann):
    ann.context.clear_cookies()
    ann.page.goto(f"{ann.url}/sign-in")
    wait_for_turbo(ann.page)
    ann.context.set_offline(True)
    ann.page.fill("[name=user_name]", "ann")
    ann.page.fill("[name=password]", "whatever it is")
    ann.page.press("[name=password]", "Enter")
    ann.is_told("The server didn't answer. Try again.")


def test_escape_closes_what_lies_on_top_and_nothing_behind_it(ann):
    ann.page.set_viewport_size({"width": 1100, "height": 700})
    ann.say("hello")
    ann.sees("hello")
    ann.page.locator(".to-people").click()
    people = ann.page.locator("#people")
    expect(people).to_be_visible()
    ann.message("hello").hover()
    # The pane lies over it.
    ann.page.locator(".message-actions [data-action=delete]").dispatch_event("click")
    expect(ann.page.get_by_role("dialog")).to_be_visible()
    ann.page.keyboard.press("Escape")
    expect(ann.page.get_by_role("dialog")).to_have_count(0)
    expect(people).to_be_visible()
    ann.page.keyboard.press("Escape")
    expect(people).to_be_hidden()


def test_a_question_that_is_answered_with_no_gives_the_focus_back(scene, ann):
    ann.open_room(scene.closed_room().id)
    ann.page.locator(".room-menu summary").click()
    leave = ann.page.get_by_role("button", name="Leave the room")
    leave.click()
    ann.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(leave).to_be_focused()


def test_alt_and_an_arrow_in_a_list_of_choices_leaves_nothing(ann):
    ann.page.goto(f"{ann.url}/profile")
    wait_for_turbo(ann.page)
    choices = ann.page.get_by_role("combobox")
    choices.focus()
    choices.press("Alt+ArrowDown")
    ann.page.keyboard.press("Escape")
    assert ann.page.url == f"{ann.url}/profile"


def test_a_number_in_the_sidebar_says_what_it_is_the_number_of(scene, ann):
    other = scene.server.build(new_room, members=[scene.ann, scene.bob])
    bob = scene.server.visitor(scene.bob.user_name)
    for number in range(3):
        said = {"body": "said", "client_key": f"unread-{other.id}-{number}"}
        bob.submit(f"/rooms/{other.id}/messages", said)
    ann.page.reload()
    count = ann.page.locator(f".sidebar .room-link[data-room='{other.id}'] .unread-count")
    expect(count).to_have_accessible_name("3 unread messages")


def test_the_sidebar_marks_the_page_that_one_is_on(ann, scene):
    here = ann.page.locator(".sidebar [aria-current=page]")
    expect(here).to_have_attribute("href", f"/rooms/{scene.room.id}")
    for name, path in (("People", "/people"), ("All rooms", "/rooms")):
        ann.page.locator(".sidebar").get_by_text(name, exact=True).click()
        expect(here).to_have_attribute("href", path)
    ann.page.locator(".sidebar-foot a").click()
    expect(here).to_have_attribute("href", "/profile")
