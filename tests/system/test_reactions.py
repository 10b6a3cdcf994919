"""Reacting, seen by the other."""

import secrets

from playwright.sync_api import Locator, expect

from chatapp.domain import memberships, reactions
from chatapp.extensions import db
from chatapp.models import User
from tests.builders.messages import new_message
from tests.builders.people import new_user
from tests.builders.rooms import new_room
from tests.system.people import hold_back, wait_for_one


def test_reactions_that_were_never_stored_are_not_shown(scene):
    ann = scene.enter(scene.ann)
    scene.write(scene.bob, "one")
    ann.sees("one")
    held = hold_back(ann.page, "**/reactions")
    for word in ("cake", "rocket"):
        ann.act("one", "react")
        ann.page.locator(".emoji-search").fill(word)
        expect(ann.page.locator(".emoji-list button").first).to_be_visible()
        ann.page.locator(".emoji-search").press("Enter")
    expect(ann.message("one").locator(".reaction")).to_have_count(2)
    for number in range(2):
        while len(held) <= number:
            ann.page.wait_for_timeout(20)
        held[number].abort()
    expect(ann.page.get_by_text("The server didn't answer").first).to_be_visible()
    expect(ann.message("one").locator(".reaction")).to_have_count(0)


def test_reactions_count_and_are_taken_back(scene):
    ann, bob = scene.enter_both()
    ann.say("Cake at four")
    bob.sees("Cake at four")
    bob.act("Cake at four", "react")
    bob.page.locator(".emoji-search").fill("birthday cake")
    bob.page.locator(".emoji-list button").first.click()
    reaction = ann.message("Cake at four").locator(".reaction")
    expect(reaction.locator(".reaction-count")).to_have_text("1")
    expect(reaction).to_have_attribute("aria-pressed", "false")
    expect(reaction).to_have_attribute("title", f"{scene.bob.display_name} reacted with 🎂")
    reaction.click()
    expect(reaction).to_have_attribute("aria-pressed", "true")
    theirs = bob.message("Cake at four").locator(".reaction")
    expect(theirs.locator(".reaction-count")).to_have_text("2")
    theirs.click()
    expect(reaction.locator(".reaction-count")).to_have_text("1")
    reaction.click()
    expect(reaction).to_have_count(0)
    expect(theirs).to_have_count(0)


def mark_old(message):
    """From here on `is_old` says whether all that is shown is what was shown now."""
    message.evaluate(f"(article) => {{ article.old = {PARTS}(article) }}")


def is_old(message) -> bool:
    return message.evaluate(
        f"(article) => {PARTS}(article).every((part, i) => part === article.old[i])"
    )


PARTS = """((article) => [...article.querySelectorAll(
  ".message-author, .message-time, .message-body strong, .reaction, .reaction-count"
)].slice(0, 5))"""


def test_a_reaction_changes_nothing_else_of_what_is_shown(scene):
    ann, bob = scene.enter_both()
    ann.say("Cake at **four**")
    bob.sees("Cake at four")

    def react(which):
        bob.act("Cake at four", "react")
        bob.page.locator(".emoji-quick button").nth(which).click()

    react(0)
    message = ann.message("Cake at four")
    chips = message.locator(".reaction")
    expect(chips).to_have_count(1)
    mark_old(message)
    message.locator("strong").select_text()
    chips.hover()
    ann.page.mouse.down()
    react(1)
    expect(chips).to_have_count(2)
    # The click that was under way is one.
    ann.page.mouse.up()
    expect(chips.locator(".reaction-count").first).to_have_text("2")
    assert is_old(message)
    assert ann.page.evaluate("String(getSelection())") == "four"
    bob.message("Cake at four").locator(".reaction").last.click()
    expect(chips).to_have_text(["👍 2"])
    assert is_old(message)


def test_an_editor_is_not_touched_by_what_happens_to_its_message(scene):
    ann, bob = scene.enter_both()
    ann.say("Cake at four")
    bob.sees("Cake at four")
    ann.page.locator(".composer textarea").press("ArrowUp")
    field = ann.page.locator(".message-editor textarea")
    field.fill("Cake at five")
    field.evaluate("(field) => { field.onblur = () => { field.wasLeft = true } }")
    field.evaluate("(field) => field.setSelectionRange(2, 5)")
    bob.act("Cake at four", "react")
    bob.page.locator(".emoji-quick button").first.click()
    expect(ann.page.locator(".reaction-count")).to_have_text("1")
    expect(field).to_be_focused()
    assert field.evaluate("(field) => [field.selectionStart, field.selectionEnd]") == [2, 5]
    assert not field.evaluate("(field) => Boolean(field.wasLeft)")
    expect(ann.page.locator("article .message-body")).to_be_hidden()


def crowded(ann_id: int) -> tuple[int, str]:
    """A room of more people than its page shows, whose last has reacted; its id, their name."""
    ann = db.session.get_one(User, ann_id)
    crowd = [new_user(f"crowd-{secrets.token_hex(4)}") for _ in range(memberships.SHOWN)]
    room = new_room(members=[ann, *crowd])
    reactions.add(crowd[-1], new_message(room, ann, "Cake at four"), "🎂")
    return room.id, crowd[-1].display_name


def test_whoever_reacted_in_a_large_room_is_named_when_somebody_looks(scene):
    room, name = scene.server.build(crowded, scene.ann.id)
    ann = scene.enter(scene.ann)
    ann.open_room(room)
    reaction = ann.message("Cake at four").locator(".reaction")
    expect(reaction).to_have_attribute("title", "someone reacted with 🎂")
    reaction.hover()
    expect(reaction).to_have_attribute("title", f"{name} reacted with 🎂")
    expect(reaction).to_have_attribute("aria-label", f"{name} reacted with 🎂 (1)")


def test_one_reaction_does_not_wait_for_another(scene):
    ann = scene.enter(scene.ann)
    for body in ("one", "two"):
        scene.write(scene.bob, body)
        ann.sees(body)
    number = ann.message("one").get_attribute("data-message")
    held = hold_back(ann.page, f"**/messages/{number}/reactions")
    for body in ("one", "two"):
        ann.act(body, "react")
        ann.page.locator(".emoji-quick button").first.click()
    expect(scene.enter(scene.bob).message("two").locator(".reaction")).to_have_count(1)
    for route in held:
        route.continue_()
    expect(ann.message("one").locator(".reaction-count")).to_have_text("1")


def test_the_emoji_picker_gives_the_focus_back(scene):
    ann = scene.enter(scene.ann)
    ann.say("hello")
    ann.sees("hello")
    ann.act("hello", "react")
    expect(ann.page.locator(".emoji-search")).to_be_focused()
    ann.page.keyboard.press("Escape")
    expect(ann.page.locator(".emoji-picker")).to_have_count(0)
    expect(ann.page.locator("[data-action=react]")).to_be_focused()


def test_the_pointer_does_not_take_the_bar_from_under_a_picker(scene):
    ann = scene.enter(scene.ann)
    for body in ("one", "two"):
        ann.say(body)
        ann.sees(body)
    row, other = (ann.page.locator(".message-row").filter(has_text=body) for body in ("one", "two"))
    ann.page.locator(".timeline").focus()
    ann.page.keyboard.press("ArrowUp")
    ann.page.keyboard.press("ArrowUp")
    react = row.locator("[data-action=react]")
    for leave in (lambda: other.hover(force=True), lambda: ann.page.locator(".room-title").hover()):
        react.press("Enter")
        expect(ann.page.locator(".emoji-search")).to_be_focused()
        leave()
        ann.page.keyboard.press("Escape")
        expect(ann.page.locator(".emoji-picker")).to_have_count(0)
        expect(react).to_be_focused()


def test_the_bar_follows_the_pointer_that_has_picked_an_emoji(scene):
    ann = scene.enter(scene.ann)
    for body in ("one", "two"):
        ann.say(body)
        ann.sees(body)
    ann.act("one", "react")
    ann.page.locator(".emoji-quick button").first.click()
    expect(ann.message("one").locator(".reaction")).to_have_count(1)
    ann.message("two").hover()
    rows = ann.page.locator(".message-row")
    expect(rows.filter(has_text="two").locator(".message-actions")).to_be_visible()
    ann.act("two", "react")
    ann.page.locator(".room-title").hover()
    # Pressed beside it, the picker goes, and the bar that it hung on.
    ann.page.mouse.down()
    ann.page.mouse.up()
    expect(ann.page.locator(".emoji-picker, .message-actions")).to_have_count(0)


def test_a_reaction_taken_back_by_keyboard_leaves_the_focus_in_its_row(scene):
    ann = scene.enter(scene.ann)
    for body in ("The first", "The second"):
        ann.say(body)
        ann.sees(body)
    ann.act("The second", "react")
    ann.page.locator(".emoji-quick button").first.click()
    reaction = ann.message("The second").locator(".reaction")
    expect(reaction).to_have_attribute("aria-pressed", "true")
    reaction.focus()
    ann.page.keyboard.press("Enter")
    expect(reaction).to_have_count(0)
    rows = ann.page.locator(".message-row")
    expect(rows.filter(has_text="The second")).to_be_focused()
    ann.page.keyboard.press("ArrowUp")
    expect(rows.filter(has_text="The first")).to_be_focused()


def test_the_arrows_lead_on_from_a_reaction(scene):
    scene.write(scene.bob, "The first")
    ann = scene.enter(scene.ann)
    ann.say("The second")
    ann.sees("The second")
    ann.act("The second", "react")
    ann.page.locator(".emoji-quick button").first.click()
    ann.message("The second").locator(".reaction").focus()
    ann.page.keyboard.press("ArrowUp")
    expect(ann.page.locator(".message-row").filter(has_text="The first")).to_be_focused()


def test_a_reaction_that_is_refused_goes_and_says_why(scene):
    ann = scene.enter(scene.ann)
    ann.say("hello")
    ann.sees("hello")
    problem = '{"detail": "That was too often."}'
    ann.page.route(
        "**/reactions",
        lambda route: route.fulfill(status=429, body=problem, content_type="application/json"),
    )
    ann.act("hello", "react")
    ann.page.locator(".emoji-quick button").first.click()
    ann.is_told("That was too often.")
    expect(ann.message("hello").locator(".reaction")).to_have_count(0)


def react_elsewhere(scene, user: User, message: Locator, emoji: str, on: str = "1") -> None:
    """By another device of theirs."""
    number = message.get_attribute("data-message")
    fields = {"emoji": emoji, "on": on}
    answer = scene.server.visitor(user.user_name).submit(f"/messages/{number}/reactions", fields)
    assert answer.ok or answer.is_redirect, answer.text


def reaction_of(message: Locator, emoji: str) -> Locator:
    return message.locator(f".reaction[data-emoji='{emoji}']")


def test_a_reaction_on_its_way_stays_though_somebody_else_reacts(scene):
    ann = scene.enter(scene.ann)
    scene.write(scene.bob, "Cake at four")
    message = ann.message("Cake at four")
    react_elsewhere(scene, scene.bob, message, "🎂")
    held = hold_back(ann.page, "**/reactions")
    mine = reaction_of(message, "🎂")
    mine.click()
    wait_for_one(ann.page, held)
    react_elsewhere(scene, scene.bob, message, "🥧")
    expect(reaction_of(message, "🥧")).to_have_count(1)
    expect(mine).to_have_attribute("aria-pressed", "true")
    expect(mine.locator(".reaction-count")).to_have_text("2")
    # The last mind counts, and the server need not hear of all.
    for _ in range(3):
        mine.click()
    expect(mine.locator(".reaction-count")).to_have_text("1")
    with ann.page.expect_response("**/reactions"):
        held[0].continue_()
    while len(held) < 2:
        ann.page.wait_for_timeout(20)
    with ann.page.expect_response("**/reactions"):
        held[1].continue_()
    expect(mine).to_have_attribute("data-people", str(scene.bob.id))
    assert len(held) == 2


def test_reactions_stand_as_in_a_new_page_whatever_came_and_went(scene):
    ann = scene.enter(scene.ann)
    scene.write(scene.bob, "Cake at four")
    message = ann.message("Cake at four")
    for user, emoji, on in (
        (scene.bob, "🎂", "1"),
        (scene.ann, "🥧", "1"),
        (scene.ann, "🎂", "1"),
        (scene.bob, "🍵", "1"),
        (scene.bob, "🎂", "0"),
        (scene.bob, "🥧", "1"),
        (scene.ann, "🍵", "1"),
        (scene.bob, "🍵", "0"),
    ):
        react_elsewhere(scene, user, message, emoji, on)
    expect(reaction_of(message, "🍵")).to_have_attribute("data-people", str(scene.ann.id))
    shown = message.locator(".reactions").inner_html()
    ann.page.reload()
    expect(reaction_of(message, "🍵")).to_have_attribute("aria-pressed", "true")
    assert message.locator(".reactions").inner_html() == shown


def test_a_reaction_that_is_refused_leaves_the_focus_where_it_was(scene):
    ann = scene.enter(scene.ann)
    scene.write(scene.bob, "Cake at four")
    message = ann.message("Cake at four")
    react_elsewhere(scene, scene.bob, message, "🎂")
    ann.page.route("**/reactions", lambda route: route.abort())
    mine = reaction_of(message, "🎂")
    mine.press("Enter")
    ann.is_told("The server didn't answer. Try again.")
    expect(mine).to_have_attribute("aria-pressed", "false")
    expect(mine).to_be_focused()
