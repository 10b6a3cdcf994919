"""Pages that follow each other in one document: refused forms, the way back, what stays."""

from playwright.sync_api import expect

from tests.builders.rooms import new_room
from tests.system.people import wait_for_turbo


def test_the_way_back_leads_to_the_room_and_not_to_a_refused_form(scene):
    other = scene.server.build(new_room, f"other of {scene.room.id}", members=[scene.ann])
    ann = scene.enter(scene.ann)
    wait_for_turbo(ann.page)
    ann.page.fill(".add-member [name=user_name]", "nobody")
    ann.page.press(".add-member [name=user_name]", "Enter")
    expect(ann.page.locator("main [name=user_name][aria-invalid]")).to_be_visible()
    expect(ann.page).to_have_url(f"{scene.server.url}/rooms/{scene.room.id}")
    room = ann.page.locator("chat-room")
    ann.page.get_by_text("Back to the room").click()
    expect(room).to_have_attribute("data-room", str(scene.room.id))
    ann.page.locator(f".room-link[data-room='{other.id}']").click()
    expect(room).to_have_attribute("data-room", str(other.id))
    ann.page.go_back()
    expect(room).to_have_attribute("data-room", str(scene.room.id))
    expect(ann.page.locator("main [name=user_name]")).to_have_count(0)
    assert ann.problems == []


def test_the_error_page_of_a_refused_form_hears_nothing_that_would_load_it_anew(scene):
    scene.write(scene.ann, "Meet at thre")
    ann = scene.enter(scene.ann)
    message_id = ann.message("Meet at thre").get_attribute("data-message")
    with ann.page.expect_websocket() as opened:
        ann.page.goto(f"{scene.server.url}/messages/{message_id}/edit")
    wait_for_turbo(ann.page)
    form = ann.page.locator("main form:has(textarea)")
    form.locator("textarea").fill("Meet at three")
    form.locator("[name=csrf_token]").evaluate("field => { field.value = 'stale'; }")
    with opened.value.expect_event("close"):
        form.locator("[type=submit]").click()
    expect(ann.page.get_by_label("What you wrote")).to_have_value("Meet at three")
    ann.page.get_by_role("link", name="Go to your rooms").click()
    ann.is_at(scene.ann.id, "online")


def test_what_one_hides_or_folds_stays_so_on_the_pages_that_follow(scene):
    ann = scene.enter(scene.ann)
    wait_for_turbo(ann.page)
    people, link = (ann.page.locator(each) for each in ("#people", ".room-link"))
    expect(people).to_be_visible()
    ann.page.locator(".to-people").click()
    expect(people).to_be_hidden()
    ann.page.locator(".sidebar-section summary").click()
    expect(link).to_be_hidden()
    ann.page.locator(".sidebar").get_by_text("People", exact=True).click()
    ann.page.wait_for_url("**/people")
    expect(ann.page.locator("chat-room")).to_have_count(0)
    expect(link).to_be_hidden()
    ann.page.go_back()
    expect(ann.page.locator("chat-room")).to_be_visible()
    expect(people).to_be_hidden()
    expect(link).to_be_hidden()
    ann.page.locator(".to-people").click()
    expect(people).to_be_visible()
    ann.page.locator(".sidebar-section summary").click()
    expect(link).to_be_visible()
