"""A page that missed things ends up as a page that was just opened."""

from playwright.sync_api import Page, expect

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
    return page.evaluate(PICTURE)


def live_a_little(scene) -> None:
    """One of every change a room's page shows, from elsewhere."""
    bob = scene.server.visitor(scene.bob.user_name)
    room = f"/rooms/{scene.room.id}"

    def post(body: str, key: str) -> int:
        headers = {"Accept": "application/json"}
        answer = bob.submit(f"{room}/messages", {"body": body, "client_key": key}, headers=headers)
        return answer.json()["id"]

    ids = [post(f"while away {n}", f"away-{scene.room.id}-{n}") for n in range(8)]
    bob.submit(f"/messages/{ids[0]}/edit", {"body": "*changed* my mind"})
    bob.submit(f"/messages/{ids[1]}/delete")
    bob.submit(f"/messages/{ids[2]}/reactions", {"emoji": "👍", "on": "1"})
    ann = scene.server.visitor(scene.ann.user_name)
    ann.submit(f"{room}/edit", {"name": f"renamed {scene.room.id}", "topic": "new topic"})
    bob.submit("/profile", {"display_name": f"Bobby {scene.room.id}", "locale": ""})


def test_events_applied_to_an_old_page_equal_a_fresh_page(scene):
    scene.write(scene.bob, "before")
    ann = scene.enter(scene.ann)
    ann.sees("before")
    ann.is_at(scene.ann.id, "online")
    live_a_little(scene)
    ann.sees("while away 7")
    expect(ann.page.locator("[data-room-topic]")).to_have_text("new topic")
    author = ann.message("before").locator(".message-author")
    expect(author).to_have_text(f"Bobby {scene.room.id}")
    old = picture(ann.page)
    fresh = ann.open_tab(f"/rooms/{scene.room.id}")
    expect(fresh.locator("article")).to_have_count(9)
    fresh.wait_for_timeout(300)
    new = picture(fresh)
    assert old == new


def test_a_page_that_was_cut_off_catches_up_to_a_fresh_page(scene, make_line):
    scene.write(scene.bob, "before")
    line = make_line(scene.server)
    ann = scene.enter(scene.ann, line)
    ann.sees("before")
    line.cut()
    live_a_little(scene)
    scene.write(scene.bob, *[f"burst {n}" for n in range(120)])
    line.mend()
    ann.page.evaluate("dispatchEvent(new Event('online'))")
    ann.sees("burst 119")
    ann.is_at(scene.ann.id, "online")
    expect(ann.page.locator(".room-link .room-name")).to_have_text(f"renamed {scene.room.id}")
    old = picture(ann.page)
    assert len([row for row in old["rows"] if row[0] != "day"]) == 129
    # The fresh page begins with the newest; what both show is the same.
    fresh = ann.open_tab(f"/rooms/{scene.room.id}")
    fresh.wait_for_timeout(500)
    new = picture(fresh)
    assert old["rows"][-30:] == new["rows"][-30:]
    for part in ("name", "topic", "people", "counts", "rooms"):
        assert old[part] == new[part]


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
