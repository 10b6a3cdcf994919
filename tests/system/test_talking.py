"""Two people in two browsers."""

from playwright.sync_api import expect

from tests.system.people import hold_back, wait_for_turbo


def test_two_people_talk_both_ways(scene):
    ann, bob = scene.enter_both()
    ann.say("Is it **raining** there?")
    bob.sees("Is it raining there?")
    bob.say("Cats and dogs")
    ann.sees("Cats and dogs")
    ann.say("Good for the garden")
    bob.sees("Good for the garden")
    assert ann.texts() == bob.texts()
    assert ann.problems == bob.problems == []


def test_what_is_written_stands_there_at_once_and_is_confirmed_in_its_place(scene):
    ann, bob = scene.enter_both()
    held = hold_back(ann.page, "**/messages")
    ann.say("first")
    expect(ann.message("first")).to_contain_class("is-pending")
    bob.say("second")
    ann.sees("second")
    expect(ann.page.locator("article .message-body")).to_have_text(["second", "first"])
    held[0].continue_()
    ann.sees("first")
    bob.sees("first")
    assert ann.texts() == bob.texts() == ["second", "first"]


def test_quick_writing_keeps_its_order(scene):
    ann, bob = scene.enter_both()
    said = [f"quick {number}" for number in range(12)]
    for body in said:
        ann.say(body)
    expect(bob.page.locator("article .message-body")).to_have_text(said)
    expect(ann.page.locator("article .message-body")).to_have_text(said)


def test_a_name_is_shown_while_somebody_types_and_goes_with_the_message(scene):
    ann, bob = scene.enter_both()
    for person in (ann, bob):
        person.is_at(scene.ann.id, "online")
        person.is_at(scene.bob.id, "online")
    bob.page.locator(".composer textarea").press_sequentially("Well")
    expect(ann.page.locator(".typing-line")).to_have_text(f"{scene.bob.display_name} is typing")
    expect(bob.page.locator(".typing-line")).to_have_text("")
    bob.page.keyboard.press("Enter")
    ann.sees("Well")
    expect(ann.page.locator(".typing-line")).to_have_text("")


def test_enter_sends_and_shift_with_enter_begins_a_line(scene):
    ann = scene.enter(scene.ann)
    field = ann.page.locator(".composer textarea")
    field.press_sequentially("one")
    field.press("Shift+Enter")
    field.press_sequentially("two")
    expect(ann.page.locator("article")).to_have_count(0)
    field.press("Enter")
    expect(ann.page.locator("article .message-body")).to_have_text("one\ntwo", use_inner_text=True)
    expect(field).to_have_value("")


def test_a_draft_is_there_again_after_another_room_and_a_reload(scene):
    ann = scene.enter(scene.ann)
    ann.page.locator(".composer textarea").press_sequentially("not quite")
    ann.page.locator(".sidebar").get_by_text("People", exact=True).click()
    ann.page.wait_for_url("**/people")
    ann.page.go_back()
    expect(ann.page.locator(".composer textarea")).to_have_value("not quite")
    ann.page.reload()
    expect(ann.page.locator(".composer textarea")).to_have_value("not quite")


def test_a_new_name_is_shown_everywhere_at_once(scene):
    ann, bob = scene.enter_both()
    bob.say("It is me")
    ann.sees("It is me")
    settings = bob.open_tab("/profile")
    settings.fill("[name=display_name]", f"Robert {scene.room.id}")
    settings.locator("main form button[type=submit]").first.click()
    author = ann.message("It is me").locator(".message-author")
    expect(author).to_have_text(f"Robert {scene.room.id}")
    person = ann.page.locator(f".people [data-person='{scene.bob.id}'] .person-name")
    expect(person).to_have_text(f"Robert {scene.room.id}")


def test_two_tabs_of_a_room_have_one_draft(scene):
    ann = scene.enter(scene.ann)
    tab = ann.open_tab(f"/rooms/{scene.room.id}")
    here, there = (page.locator(".composer textarea") for page in (ann.page, tab))
    there.fill("a long thought")
    expect(here).to_have_value("a long thought")
    here.fill("a long thought, said")
    expect(there).to_have_value("a long thought, said")
    here.press("Enter")
    expect(there).to_have_value("")
    ann.sees("a long thought, said")
    tab.reload()
    expect(there).to_have_value("")


FULL = """() => {
  const { setItem } = Storage.prototype;
  window.makeRoom = () => { Storage.prototype.setItem = setItem; };
  Storage.prototype.setItem = () => { throw new Error("full"); };
}"""


def test_a_text_that_another_tab_did_not_know_outlasts_its_sending(scene):
    ann = scene.enter(scene.ann)
    tab = ann.open_tab(f"/rooms/{scene.room.id}")
    wait_for_turbo(tab)
    there = tab.locator(".composer textarea")
    # Nothing more fits in the storage until the other tab has sent.
    tab.evaluate(FULL)
    there.fill("a long thought")
    ann.say("ok")
    ann.sees("ok")
    expect(there).to_have_value("a long thought")
    tab.evaluate("makeRoom()")
    tab.locator(".sidebar").get_by_text("All rooms").click()
    tab.wait_for_url("**/rooms")
    tab.go_back()
    expect(there).to_have_value("a long thought")
    there.fill("")
    tab.reload()
    expect(there).to_have_value("")


WHERE = """(code, character) => {
  const range = document.createRange();
  const at = code.textContent.indexOf(character);
  range.setStart(code.firstChild, at);
  range.setEnd(code.firstChild, at + 1);
  return range.getBoundingClientRect().left;
}"""


def test_code_runs_from_left_to_right_where_the_words_do_not(scene):
    ann = scene.enter(scene.ann)
    scene.write(scene.bob, "שלום `f(x);`\n\n```\nf(x);\n```")
    code = ann.message("שלום").locator("code")
    expect(code).to_have_count(2)
    for each in code.all():
        assert each.evaluate(WHERE, "f") < each.evaluate(WHERE, ";")
    body, block = (ann.message("שלום").locator(each) for each in (".message-body", "pre"))
    assert body.evaluate("body => getComputedStyle(body).direction") == "rtl"
    gap = block.locator("code").evaluate(WHERE, "f") - (block.bounding_box() or {})["x"]
    assert gap < 20
