"""A page that missed things ends up as a page that was just opened."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Request, WebSocketRoute, expect

from chatapp.models import Room, User
from tests.builders.people import new_user
from tests.builders.rooms import new_member, new_room
from tests.system.people import hold_back
from tests.system.test_unread import room_link
from tests.visitors import Visitor

# What a viewer sees of each row, and of the room beside it.
PICTURE = """() => ({
  rows: [...document.querySelectorAll(".messages > li:not(.new-line)")].map((row) => {
    const copy = row.cloneNode(true);
    for (const part of copy.querySelectorAll(".message-actions")) part.remove();
    const article = copy.querySelector("article");
    if (article) article.classList.remove("is-found");
    return [copy.className.trim(), copy.innerHTML.replace(/\\s+/g, " ").trim()];
  }),
  name: document.querySelector("[data-room-name]").textContent,
  topic: document.querySelector("[data-room-topic]").textContent,
  people: [...document.querySelectorAll(".people .person")].map((row) => row.outerHTML),
  counts: [...document.querySelectorAll("[data-people-count]")].map((each) => each.textContent),
  rooms: [...document.querySelectorAll(".room-link")].map((link) => [
    link.dataset.room, link.className, link.textContent.trim(),
  ]),
})"""


def picture(page: Page) -> dict:
    page.mouse.move(5, 5)
    # For a moment a screen reader is not told of what has changed.
    expect(page.locator("article[aria-live]")).to_have_count(0)
    return page.evaluate(PICTURE)


@dataclass
class Before:
    """What stands in the room before Ann looks: more people, and a message with a reaction."""

    leaver: User
    comer: User
    message: int


def begin(scene) -> Before:
    """The one who will come stands between two others in the list, which is ordered by account."""
    leaver, comer, stayer = (
        scene.server.build(new_user, f"{name}{scene.room.id}") for name in ("carla", "dave", "eve")
    )
    for user in (leaver, stayer):
        visit(scene, user).submit(f"/rooms/{scene.room.id}/join")
    bob = visit(scene, scene.bob)
    message = post(scene, bob, "before", f"before-{scene.room.id}")
    bob.submit(f"/messages/{message}/reactions", {"emoji": "🎉", "on": "1"})
    return Before(leaver, comer, message)


def visit(scene, user: User) -> Visitor:
    return scene.server.visitor(user.user_name)


def post(scene, visitor: Visitor, body: str, key: str) -> int:
    answer = visitor.submit(
        f"/rooms/{scene.room.id}/messages",
        {"body": body, "client_key": key},
        headers={"Accept": "application/json"},
    )
    return answer.json()["id"]


def live_a_little(scene, before: Before) -> None:
    """One of every change a room's page shows, from elsewhere."""
    bob, ann = visit(scene, scene.bob), visit(scene, scene.ann)
    room = f"/rooms/{scene.room.id}"
    keys = [f"away-{scene.room.id}-{n}" for n in range(8)]
    ids = [post(scene, bob, f"while away {n}", key) for n, key in enumerate(keys)]
    bob.submit(f"/messages/{ids[0]}/edit", {"body": "*changed* my mind"})
    bob.submit(f"/messages/{ids[1]}/delete")
    for emoji, on in (("👍", "1"), ("🎈", "1"), ("🎈", "0")):
        bob.submit(f"/messages/{ids[2]}/reactions", {"emoji": emoji, "on": on})
    bob.submit(f"/messages/{before.message}/reactions", {"emoji": "🎉", "on": "0"})
    ann.submit(f"{room}/edit", {"name": f"renamed {scene.room.id}", "topic": "new topic"})
    visit(scene, before.leaver).submit(f"{room}/leave")
    visit(scene, before.comer).submit(f"{room}/join")
    bob.submit("/profile", {"display_name": f"Bobby {scene.room.id}", "locale": ""})


def shows_all_of_it(page: Page, before: Before) -> None:
    """The page has the last of each; what it shows is compared after."""
    # All members' lists of rooms are asked for within two seconds.
    expect(page.locator(".room-link", has_text="renamed")).to_have_count(1)
    row = ".people [data-person='{}']"
    expect(page.locator(row.format(before.comer.id))).to_have_count(1)
    expect(page.locator(row.format(before.leaver.id))).to_have_count(0)
    expect(page.locator("article", has_text="while away 2").locator(".reaction")).to_have_count(1)
    message = page.locator(f"article[data-message='{before.message}']")
    expect(message.locator(".reaction")).to_have_count(0)


def test_events_applied_to_an_old_page_equal_a_fresh_page(scene):
    before = begin(scene)
    ann = scene.enter(scene.ann)
    expect(ann.message("before").locator(".reaction")).to_have_count(1)
    ann.is_at(scene.ann.id, "online")
    live_a_little(scene, before)
    ann.sees("while away 7")
    expect(ann.page.locator("[data-room-topic]")).to_have_text("new topic")
    author = ann.message("before").locator(".message-author")
    expect(author).to_have_text(f"Bobby {scene.room.id}")
    shows_all_of_it(ann.page, before)
    old = picture(ann.page)
    fresh = ann.open_tab(f"/rooms/{scene.room.id}")
    expect(fresh.locator("article")).to_have_count(9)
    fresh.wait_for_timeout(300)
    new = picture(fresh)
    assert old == new


A_DAY_BEHIND = """() => {
  const { toISOString } = Date.prototype;
  Date.prototype.toISOString = function () {
    return toISOString.call(new Date(this.valueOf() - 86_400_000));
  };
}"""


def test_what_was_written_by_a_wrong_clock_stands_as_on_a_fresh_page(scene):
    ann = scene.enter(scene.ann)
    ann.page.evaluate(A_DAY_BEHIND)
    for body in ("one", "two"):
        ann.say(body)
        ann.sees(body)
    scene.write(scene.bob, "three")
    ann.sees("three")
    ann.say("four")
    ann.sees("four")
    ann.is_at(scene.ann.id, "online")
    old = picture(ann.page)
    fresh = ann.open_tab(f"/rooms/{scene.room.id}")
    expect(fresh.locator("article")).to_have_count(4)
    fresh.wait_for_timeout(300)
    assert old == picture(fresh)


def test_a_page_that_was_cut_off_catches_up_to_a_fresh_page(scene, make_line):
    before = begin(scene)
    line = make_line(scene.server)
    ann = scene.enter(scene.ann, line)
    expect(ann.message("before").locator(".reaction")).to_have_count(1)
    line.cut()
    live_a_little(scene, before)
    scene.write(scene.bob, *[f"burst {n}" for n in range(120)])
    line.mend()
    ann.page.evaluate("dispatchEvent(new Event('online'))")
    ann.sees("burst 119")
    ann.is_at(scene.ann.id, "online")
    expect(ann.page.locator(".room-link .room-name")).to_have_text(f"renamed {scene.room.id}")
    shows_all_of_it(ann.page, before)
    old = picture(ann.page)
    assert len([row for row in old["rows"] if row[0] != "day"]) == 129
    # The fresh page begins with the newest; what both show is the same.
    fresh = ann.open_tab(f"/rooms/{scene.room.id}")
    fresh.wait_for_timeout(500)
    new = picture(fresh)
    assert old["rows"][-30:] == new["rows"][-30:]
    for part in ("name", "topic", "people", "counts", "rooms"):
        assert old[part] == new[part]


def test_a_page_that_was_away_has_the_number_of_people_whose_list_is_cut(scene, make_line):
    scene.server.build(_crowd, scene.room, 60)
    line = make_line(scene.server)
    ann = scene.enter(scene.ann, line)
    counts = ann.page.locator("[data-people-count]")
    expect(counts).to_have_text(["62"] * counts.count())
    line.cut()
    comer = scene.server.build(new_user, f"comer{scene.room.id}")
    visit(scene, comer).submit(f"/rooms/{scene.room.id}/join")
    come_back(ann.page, line)
    expect(counts).to_have_text(["63"] * counts.count())


def test_a_page_that_was_away_leads_to_all_people_once_its_list_is_cut(scene, make_line):
    scene.server.build(_crowd, scene.room, 48)
    line = make_line(scene.server)
    ann = scene.enter(scene.ann, line)
    everybody = ann.page.get_by_role("link", name=re.compile("^All .* people"))
    expect(ann.page.locator(".people [data-person]")).to_have_count(50)
    expect(everybody).to_have_count(0)
    line.cut()
    comer = scene.server.build(new_user, f"comer{scene.room.id}")
    visit(scene, comer).submit(f"/rooms/{scene.room.id}/join")
    come_back(ann.page, line)
    expect(everybody).to_have_text("All 51 people")
    visit(scene, comer).submit(f"/rooms/{scene.room.id}/leave")
    expect(everybody).to_have_count(0)


def _crowd(room: Room, size: int) -> None:
    for number in range(size):
        new_member(room, new_user(f"crowd{room.id}x{number}"))


def come_back(page: Page, line) -> None:
    line.mend()
    page.evaluate("dispatchEvent(new Event('online'))")


def catch_ups(page: Page) -> list[str]:
    """The page's catch-ups by HTTP from now on, as they are asked for."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/changes?" in request.url:
            asked.append(request.url)

    page.on("request", note)
    return asked


def test_a_page_that_was_away_is_told_what_it_missed_without_asking(scene, make_line):
    before = begin(scene)
    line = make_line(scene.server)
    ann = scene.enter(scene.ann, line)
    ann.is_at(scene.ann.id, "online")
    asked = catch_ups(ann.page)
    line.cut()
    scene.write(scene.bob, *[f"missed {number}" for number in range(20)])
    bob = visit(scene, scene.bob)
    changed = post(scene, bob, "first thought", f"missed-{scene.room.id}")
    bob.submit(f"/messages/{changed}/edit", {"body": "second thought"})
    bob.submit(f"/messages/{before.message}/delete")
    come_back(ann.page, line)
    ann.sees("second thought")
    ann.is_at(scene.ann.id, "online")
    expect(ann.message("before")).to_have_count(0)
    # All of it is before her eyes, and so is read in a moment.
    expect(room_link(ann.page, scene.room).locator(".unread-count")).to_be_empty()
    old = picture(ann.page)
    # A page that lacks something asks after 100 ms.
    ann.page.wait_for_timeout(500)
    assert asked == []
    fresh = ann.open_tab(f"/rooms/{scene.room.id}")
    expect(fresh.locator("article")).to_have_count(22)
    fresh.wait_for_timeout(300)
    assert old == picture(fresh)
    # A change of more than messages is asked for.
    line.cut()
    visit(scene, before.comer).submit(f"/rooms/{scene.room.id}/join")
    with ann.page.expect_request("**/changes?*"):
        come_back(ann.page, line)
    expect(ann.page.locator(f".people [data-person='{before.comer.id}']")).to_have_count(1)


NOTE_SILENCE = """() => {
  window.silences = 0;
  const log = document.querySelector(".message-log");
  new MutationObserver(() => {
    if (log.getAttribute("aria-live") === "off") window.silences += 1;
  }).observe(log, { attributes: true, attributeFilter: ["aria-live"] });
}"""


@pytest.mark.parametrize(
    ("missed", "said"), [(3, ""), (20, "20 new messages"), (130, "130 new messages")]
)
def test_of_much_that_was_missed_a_screen_reader_says_how_much(scene, make_line, missed, said):
    line = make_line(scene.server)
    ann = scene.enter(scene.ann, line)
    ann.is_at(scene.ann.id, "online")
    ann.page.evaluate(NOTE_SILENCE)
    line.cut()
    scene.write(scene.bob, *[f"missed {number}." for number in range(missed)])
    come_back(ann.page, line)
    ann.sees(f"missed {missed - 1}.")
    expect(ann.page.locator("#announcement")).to_have_text(said)
    assert (ann.page.evaluate("silences") > 0) == bool(said)
    # What is said from then on is read out.
    expect(ann.page.locator(".message-log")).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("left", [0, 1])
def test_what_was_read_elsewhere_while_a_page_was_away_is_not_new_there(scene, make_line, left):
    scene.fill(30)
    elsewhere, reads = visit(scene, scene.ann), f"/rooms/{scene.room.id}/reads"
    elsewhere.submit(reads, {"number": "30"})
    line = make_line(scene.server)
    ann = scene.enter(scene.ann, line)
    ann.is_at(scene.ann.id, "online")
    expect(ann.page.locator(".new-line")).to_have_count(0)
    line.cut()
    # The end is out of sight.
    ann.page.locator(".timeline").evaluate("element => element.scrollTop = 0")
    scene.write(scene.bob, "one", "two", "three")
    elsewhere.submit(reads, {"number": str(33 - left)})
    come_back(ann.page, line)
    ann.sees("three")
    unread = room_link(ann.page, scene.room).locator(".unread-count")
    expect(unread).to_have_text("1" if left else "")
    after = ann.page.locator(".new-line + .message-row").all_inner_texts()
    assert [text.splitlines()[-1] for text in after] == ["three"] * left


def test_after_a_very_long_sleep_the_newest_page_is_shown_and_the_draft_kept(scene, make_line):
    line = make_line(scene.server)
    ann = scene.enter(scene.ann, line)
    ann.page.locator(".composer textarea").fill("my draft")
    line.cut()
    scene.fill(1_100)
    line.mend()
    ann.page.evaluate("dispatchEvent(new Event('online'))")
    expect(ann.message("message 1100 of before")).to_have_count(1)
    assert ann.page.locator("article").count() <= 340
    expect(ann.page.locator(".composer textarea")).to_have_value("my draft")
    bodies = [text.strip() for text in ann.texts()]
    first = 1_100 - len(bodies) + 1
    assert bodies == [f"message {n} of before" for n in range(first, 1_101)]


def test_a_restored_workspace_reloads_the_page_and_keeps_the_draft(server, make_scene):
    from chatapp.domain.transaction import transaction
    from chatapp.models import Workspace

    scene = make_scene(server)
    ann = scene.enter(scene.ann)
    ann.page.locator(".composer textarea").fill("my draft")
    before = ann.page.locator("meta[name=epoch]").get_attribute("content")

    def restore() -> None:
        with transaction() as session:
            session.get_one(Workspace, 1).epoch = "another"

    server.stop()
    server.build(restore)
    server.start()
    epoch = ann.page.locator("meta[name=epoch]")
    expect(epoch).to_have_attribute("content", "another")
    assert before != "another"
    expect(ann.page.locator(".composer textarea")).to_have_value("my draft")


def test_rooms_that_could_not_be_fetched_are_asked_for_again(scene):
    ann = scene.enter(scene.ann)
    lost: list[str] = []

    def lose(route):
        lost.append(route.request.url)
        route.abort()

    ann.page.route("**/sidebar?*", lose, times=1)
    name = f"again {scene.room.id}"
    visit(scene, scene.ann).submit(f"/rooms/{scene.room.id}/edit", {"name": name, "topic": ""})
    expect(ann.page.locator(".room-link .room-name")).to_have_text(name)
    assert lost


UNHEARD = """
  const Real = WebSocket;
  let unheard = true;
  window.beHeard = () => { unheard = false; };
  // Nobody listens there, and the page may not go there.
  const nobody = "ws://127.0.0.1:9/";
  window.WebSocket = function (address) { return new Real(unheard ? nobody : address); };
"""


def test_a_page_that_is_heard_late_has_the_rooms_as_they_are_now(scene):
    ann = scene.enter(scene.ann)
    ann.page.add_init_script(UNHEARD)
    ann.page.reload()
    name = f"late {scene.room.id}"
    visit(scene, scene.ann).submit(f"/rooms/{scene.room.id}/edit", {"name": name, "topic": ""})
    assert ann.page.locator(".room-link .room-name").text_content() != name
    ann.page.evaluate("beHeard()")
    expect(ann.page.locator(".room-link .room-name")).to_have_text(name)


def test_an_older_answer_does_not_undo_what_was_heard_since(scene):
    ann, topic = scene.enter(scene.ann), "[data-room-topic]"
    held = hold_back(ann.page, "**/changes?*")
    with ann.page.expect_request("**/changes?*"):
        ann.page.evaluate("() => { document.querySelector('chat-room').news.ask(); }")
    edit = f"/rooms/{scene.room.id}/edit"
    visit(scene, scene.ann).submit(edit, {"name": scene.room.name, "topic": "first"})
    expect(ann.page.locator(topic)).to_have_text("first")
    answer = held[0].fetch()
    assert "first" in answer.text()
    visit(scene, scene.ann).submit(edit, {"name": scene.room.name, "topic": "second"})
    expect(ann.page.locator(topic)).to_have_text("second")
    with ann.page.expect_response("**/changes?*"):
        held[0].fulfill(response=answer)
    scene.write(scene.bob, "after all that")
    ann.sees("after all that")
    expect(ann.page.locator(topic)).to_have_text("second")


@pytest.mark.parametrize("code", ["failed", "not_found"])
def test_a_page_that_is_not_let_in_for_a_moment_hears_its_room_again(scene, code):
    """Their joining had not come to the worker yet, or the database was away."""
    ann = scene.enter(scene.ann)
    room, lines = scene.room.id, []

    def carry(line: WebSocketRoute) -> None:
        lines.append((line, line.connect_to_server()))

    ann.page.route_web_socket("**/ws?*", carry)
    ann.page.reload()
    scene.write(scene.bob, "as it was")
    ann.sees("as it was")
    browser, server = lines[-1]
    server.send(f'{{"type":"unsubscribe","room":{room}}}')
    browser.send(f'{{"type":"error","code":"{code}","detail":"","room":{room}}}')
    message = ann.message("as it was")
    bob = scene.server.visitor(scene.bob.user_name)
    number = message.locator("xpath=ancestor-or-self::article").get_attribute("data-message")
    expect(message).to_be_visible()
    bob.submit(f"/messages/{number}/reactions", {"emoji": "🎉", "on": "1"})
    expect(ann.page.locator(".reaction")).to_have_count(1)


# `work()`: how often names were looked for, and reactions were named, since it was last asked.
WORK = """() => {
  let looked = 0;
  let named = 0;
  for (const way of ["querySelector", "querySelectorAll"]) {
    const plain = Document.prototype[way];
    Document.prototype[way] = function (selector) {
      if (selector.includes("name-of")) looked += 1;
      return plain.call(this, selector);
    };
  }
  new MutationObserver((changes) => { named += changes.length; })
    .observe(document.querySelector(".messages"), {subtree: true, attributeFilter: ["title"]});
  window.work = () => {
    const done = [looked, named];
    looked = named = 0;
    return done;
  };
}"""


def test_a_catch_up_names_reactions_only_where_names_changed_and_looks_once(scene, make_line):
    ann, bob = visit(scene, scene.ann), visit(scene, scene.bob)
    for number in range(3):
        message = post(scene, bob, f"liked {number}", f"liked-{number}-{scene.room.id}")
        for visitor in (ann, bob):
            visitor.submit(f"/messages/{message}/reactions", {"emoji": "🎉", "on": "1"})
    line = make_line(scene.server)
    page = scene.enter(scene.ann, line).page
    mark = page.locator(f".people [data-presence-of='{scene.ann.id}']")
    expect(mark).to_have_attribute("data-state", "online")
    page.wait_for_load_state("networkidle")
    page.evaluate(WORK)
    before = f"{scene.ann.display_name} and {scene.bob.display_name} reacted with 🎉"
    expect(page.locator(f".reaction[title='{before}']")).to_have_count(3)
    # The workspace goes on elsewhere.
    line.cut()
    elsewhere = scene.server.build(new_room, f"elsewhere of {scene.room.id}")
    bob.submit(f"/rooms/{elsewhere.id}/join")
    with page.expect_response("**/changes?*"):
        come_back(page, line)
    expect(mark).to_have_attribute("data-state", "online")
    page.wait_for_timeout(300)
    assert page.evaluate("work()") == [0, 0]
    line.cut()
    bob.submit("/profile", {"display_name": f"Bobby {scene.room.id}", "locale": ""})
    come_back(page, line)
    now = f"{scene.ann.display_name} and Bobby {scene.room.id} reacted with 🎉"
    expect(page.locator(f".reaction[title='{now}']")).to_have_count(3)
    looked, named = page.evaluate("work()")
    # The new name's own places, and all names.
    assert (looked, named) == (2, 3)


def test_a_page_that_was_fetched_before_somebody_took_another_name_shows_that(scene):
    """Turbo fetches a page as its link is pointed at, and shows it later."""
    number = scene.room.id
    other = scene.server.build(new_room, f"ahead of {number}", members=[scene.ann, scene.bob])
    ann, bob = scene.enter(scene.ann), visit(scene, scene.bob)
    link = ann.page.locator(f".room-link[data-room='{other.id}']")
    expect(link).to_have_count(1)
    with ann.page.expect_response(lambda answer: answer.url.endswith(f"/rooms/{other.id}")):
        link.hover()
    bob.submit("/profile", {"display_name": f"Bobby {number}", "locale": ""})
    name = ann.page.locator(f".people [data-name-of='{scene.bob.id}']")
    expect(name).to_have_text(f"Bobby {number}")
    asked = []
    ann.page.on("request", lambda request: asked.append(request.url))
    link.click()
    expect(ann.page.locator(f"chat-room[data-room='{other.id}']")).to_be_visible()
    expect(name).to_have_text(f"Bobby {number}")
    assert not [url for url in asked if url.endswith(f"/rooms/{other.id}")], "it was fetched before"
