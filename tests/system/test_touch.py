"""A phone: panes one at a time, a long press for the actions, Enter for a new line."""

import pytest
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def ann(scene):
    return scene.enter(scene.ann, **PHONE)


def test_enter_begins_a_line_and_the_button_sends(ann):
    field = ann.page.locator(".composer textarea")
    expect(field).not_to_be_focused()
    field.tap()
    field.press_sequentially("one")
    field.press("Enter")
    field.press_sequentially("two")
    expect(ann.page.locator("article")).to_have_count(0)
    ann.page.get_by_role("button", name="Send").tap()
    expect(ann.page.locator("article .message-body")).to_have_text("one\ntwo", use_inner_text=True)


def hold(ann):
    """A message of Ann's, a long press on it; gives the bar of actions."""
    if not ann.message("Hold me").count():
        ann.page.fill(".composer textarea", "Hold me")
        ann.page.get_by_role("button", name="Send").tap()
        ann.sees("Hold me")
    ann.message("Hold me").dispatch_event(
        "pointerdown", {"pointerType": "touch", "bubbles": True, "clientX": 100, "clientY": 400}
    )
    bar = ann.page.locator(".message-actions")
    expect(bar).to_be_visible()
    return bar


def test_a_long_press_brings_the_actions(ann):
    hold(ann).locator("[data-action=react]").tap()
    ann.page.locator(".emoji-quick button").first.tap()
    expect(ann.message("Hold me").locator(".reaction-count")).to_have_text("1")


def test_the_emoji_stand_below_from_edge_to_edge(ann):
    hold(ann).locator("[data-action=react]").tap()
    picker = ann.page.locator(".emoji-picker")
    expect(picker.locator(".emoji-list button").first).to_be_visible()
    box = picker.bounding_box()
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 844)


def test_the_actions_go_when_one_is_done_or_goes_on_with_something_else(ann):
    bar = hold(ann)
    bar.locator("[data-action=react]").tap()
    ann.page.locator(".emoji-quick button").first.tap()
    expect(ann.message("Hold me").locator(".reaction")).to_be_visible()
    expect(bar).to_have_count(0)
    hold(ann).locator("[data-action=copy]").tap()
    expect(bar).to_have_count(0)
    hold(ann)
    ann.page.locator(".room-title").tap()
    expect(bar).to_have_count(0)


def test_what_a_finger_presses_in_a_message_does_not_bring_the_actions(ann):
    bar = hold(ann)
    bar.locator("[data-action=react]").tap()
    ann.page.locator(".emoji-quick button").first.tap()
    ann.page.locator(".room-title").tap()
    expect(bar).to_have_count(0)
    reaction = ann.message("Hold me").locator(".reaction")
    with ann.page.expect_response("**/reactions"):
        reaction.tap()
    expect(reaction).to_have_count(0)
    expect(bar).to_have_count(0)


def test_one_pane_at_a_time(ann):
    sidebar, people = ann.page.locator("#sidebar"), ann.page.locator("#people")
    expect(sidebar).to_be_hidden()
    expect(people).to_be_hidden()
    ann.page.locator(".room-head .to-sidebar").tap()
    expect(sidebar).to_be_visible()
    ann.page.keyboard.press("Escape")
    expect(sidebar).to_be_hidden()
    ann.page.locator(".to-people").tap()
    expect(people).to_be_visible()
    people.locator(".close-pane").tap()
    expect(people).to_be_hidden()
    ann.page.locator(".room-head .to-sidebar").tap()
    sidebar.get_by_text("All rooms").tap()
    ann.page.wait_for_url("**/rooms")
    expect(sidebar).to_be_hidden()


@pytest.mark.parametrize("viewport", [(390, 844), (844, 390)])
def test_no_field_is_small_enough_for_a_phone_to_zoom_into_it(scene, viewport):
    width, height = viewport
    ann = scene.enter(scene.ann, **PHONE | {"viewport": {"width": width, "height": height}})
    hold(ann).locator("[data-action=edit]").tap()
    expect(ann.page.locator(".message-editor textarea")).to_be_visible()
    sizes = ann.page.locator("input:not([type=hidden]), textarea").evaluate_all(
        "fields => fields.map(f => [f.name, parseFloat(getComputedStyle(f).fontSize)])"
    )
    assert {"q", "body"} <= {name for name, _ in sizes}
    assert [each for each in sizes if each[1] < 16] == []


@pytest.mark.parametrize("pane", ["sidebar", "people"])
def test_what_is_said_under_a_pane_is_not_read(scene, ann, pane):
    scene.write(scene.bob, "before")
    ann.sees("before")
    ann.page.locator(f".to-{pane}").tap()
    expect(ann.page.locator("#main")).to_have_attribute("inert", "")
    reads: list[str] = []
    ann.page.on("request", lambda request: reads.append(request.url))
    scene.write(scene.bob, "under it")
    count = ann.page.locator(f".room-link[data-room='{scene.room.id}'] .unread-count")
    expect(count).to_have_text("1")
    # Longer than whoever sees a message takes to have read it.
    ann.page.wait_for_timeout(1_500)
    assert not [url for url in reads if url.endswith("/reads")]
    with ann.page.expect_request("**/reads"):
        ann.page.keyboard.press("Escape")
    expect(ann.page.locator(".new-line")).to_have_count(1)
    expect(count).to_be_empty()
