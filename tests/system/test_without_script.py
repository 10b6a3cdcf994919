"""The product without JavaScript: plain forms and links."""

from playwright.sync_api import expect


def test_everything_needed_to_talk_works_without_a_script(scene):
    ann = scene.enter(scene.ann, java_script_enabled=False)
    bob = scene.enter(scene.bob)
    ann.page.fill(".composer textarea", "By hand")
    ann.page.click(".composer button[type=submit]")
    expect(ann.message("By hand")).to_have_count(1)
    bob.sees("By hand")
    bob.say("Seen")
    bob.sees("Seen")
    ann.page.reload()
    expect(ann.message("Seen")).to_have_count(1)
    ann.page.fill(".sidebar input[name=q]", "hand")
    ann.page.press(".sidebar input[name=q]", "Enter")
    ann.page.locator(".hit-link").first.click()
    expect(ann.message("By hand")).to_have_count(1)


def test_what_was_just_said_is_in_sight_without_a_script(scene):
    scene.fill(60)
    ann = scene.enter(scene.ann, java_script_enabled=False)
    expect(ann.message("message 60 of before")).to_be_in_viewport()
    ann.page.fill(".composer textarea", "By hand")
    ann.page.click(".composer button[type=submit]")
    expect(ann.message("By hand")).to_be_in_viewport()
    ann.page.locator("a[rel=prev]").click()
    expect(ann.message("message 21 of before")).to_have_count(1)


def test_a_room_is_marked_as_read_without_a_script(scene):
    ann = scene.enter(scene.ann, java_script_enabled=False)
    scene.fill(3)
    ann.page.get_by_role("link", name="All rooms").click()
    unread = ann.page.locator(".room-link .unread-count").first
    expect(unread).to_have_text("3")
    ann.page.locator(".room-link").first.click()
    ann.page.get_by_role("button", name="Mark as read").click()
    ann.page.get_by_role("link", name="All rooms").click()
    expect(unread).to_be_empty()


def test_history_is_paged_without_a_script(scene):
    scene.fill(90)
    ann = scene.enter(scene.ann, java_script_enabled=False)
    expect(ann.page.locator("article")).to_have_count(40)
    ann.page.locator("a[rel=prev]").click()
    expect(ann.message("message 50 of before")).to_have_count(1)
    ann.page.locator("a[rel=next]").click()
    expect(ann.message("message 90 of before")).to_have_count(1)


def test_a_message_is_changed_and_deleted_without_a_script(scene):
    ann = scene.enter(scene.ann, java_script_enabled=False)
    ann.page.fill(".composer textarea", "First thought")
    ann.page.click(".composer button[type=submit]")
    ann.message("First thought").locator(".message-time").click()
    ann.page.get_by_role("link", name="Change or delete your message").click()
    ann.page.fill("textarea[name=body]", "Second thought")
    ann.page.get_by_role("button", name="Save").click()
    expect(ann.message("Second thought")).to_have_count(1)
    ann.page.get_by_role("link", name="Change or delete your message").click()
    ann.page.get_by_role("button", name="Delete the message").click()
    expect(ann.message("Second thought")).to_have_count(0)
    expect(ann.page.locator("[data-deleted]")).to_have_count(1)
