"""Every main page with axe-core, in both colour schemes; and what a keyboard reaches."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.builders.people import new_user
from tests.system.people import hold_back, wait_for_turbo

SIGNED_IN = [
    "/rooms/{room}",
    "/rooms",
    "/rooms/new",
    "/rooms/{room}/edit",
    "/rooms/{room}/members",
    "/people",
    "/searches",
    "/searches?q=garden",
    "/profile",
    "/password",
    "/sessions",
    "/workspace",
    "/nowhere",
]
STRANGERS = ["/sign-in", "/register", "/join/nothing"]


def problems(page: Page) -> list[str]:
    """What axe finds, one line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(scene, enter, make_browser_context, color_scheme):
    admin = scene.server.build(new_user, f"admin{scene.room.id}{color_scheme}", role="admin")
    scene.server.visitor(admin.user_name).submit(f"/rooms/{scene.room.id}/join")
    scene.write(
        scene.bob,
        "The garden, with `code`",
        "```python\nprint('hello')\n```",
        "> a quote\n\n- a list\n- of *two*",
        "https://example.org",
    )
    person = enter(scene.server, admin.user_name, color_scheme=color_scheme)
    found = []
    for path in SIGNED_IN:
        person.page.goto(scene.server.url + path.format(room=scene.room.id))
        found += problems(person.page)
    stranger = make_browser_context(color_scheme=color_scheme).new_page()
    for path in STRANGERS:
        stranger.goto(scene.server.url + path)
        found += problems(stranger)
    assert found == []


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(scene, color_scheme):
    ann = scene.enter(scene.ann, color_scheme=color_scheme)
    ann.say("Look at this")
    ann.sees("Look at this")
    found = []
    ann.act("Look at this", "react")
    expect(ann.page.locator(".emoji-list button").first).to_be_visible()
    found += problems(ann.page)
    ann.page.locator(".emoji-quick button").first.click()
    expect(ann.page.locator(".reaction")).to_have_count(1)
    ann.act("Look at this", "edit")
    expect(ann.page.locator(".message-editor")).to_be_visible()
    found += problems(ann.page)
    ann.page.keyboard.press("Escape")
    ann.act("Look at this", "delete")
    expect(ann.page.get_by_role("dialog")).to_be_visible()
    found += problems(ann.page)
    ann.page.keyboard.press("Escape")
    ann.page.route("**/messages", lambda route: route.fulfill(status=403, body=""))
    ann.say("refused")
    expect(ann.page.locator(".is-failed")).to_have_count(1)
    found += problems(ann.page)
    assert found == []


def test_the_first_load_is_light_and_asks_nobody_else(scene):
    ann = scene.enter(scene.ann)
    session = ann.context.new_cdp_session(ann.page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    loads: dict[str, int] = {}
    hosts = set()
    ann.page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    session.on(
        "Network.loadingFinished",
        lambda event: loads.update({event["requestId"]: event["encodedDataLength"]}),
    )
    ann.page.reload(wait_until="networkidle")
    assert hosts == {scene.server.url.split("/")[2]}
    # Response headers are in it.
    assert 0 < sum(loads.values()) < 130_000


def test_the_content_policy_is_never_broken(scene):
    ann, bob = scene.enter_both()
    refusals: list[str] = []
    ann.page.on(
        "console",
        lambda message: refusals.append(message.text) if message.type == "error" else None,
    )
    ann.page.reload()
    ann.say("one")
    bob.sees("one")
    ann.act("one", "react")
    expect(ann.page.locator(".emoji-list button").first).to_be_visible()
    ann.page.keyboard.press("Escape")
    ann.page.locator(".sidebar").get_by_text("All rooms").click()
    ann.page.wait_for_url("**/rooms")
    ann.page.go_back()
    ann.sees("one")
    assert refusals == []


def test_every_control_of_a_room_is_reached_by_tab(scene):
    ann = scene.enter(scene.ann)
    ann.say("hello")
    ann.sees("hello")
    ann.page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(40):
        ann.page.keyboard.press("Tab")
        reached.add(
            ann.page.evaluate(
                """() => {
                  const here = document.activeElement;
                  return here.className || here.getAttribute("name") || here.tagName;
                }"""
            )
        )
    for control in ("skip-link", "room-link", "timeline", "composer-text", "to-people"):
        assert any(control in name for name in reached), (control, reached)


def test_old_messages_are_not_read_out(scene):
    scene.fill(170)
    ann = scene.enter(scene.ann)
    # The page before the one on screen is fetched at once.
    expect(ann.message("message 92 of before")).to_have_count(1)
    ann.page.evaluate(
        """() => {
          window.politeness = [];
          const note = ({target}) => {
            const log = target.closest?.("[role=log]");
            if (log) window.politeness.push(log.getAttribute("aria-live"));
          };
          new MutationObserver((changes) => changes.forEach(note))
            .observe(document, {childList: true, subtree: true});
        }"""
    )
    ann.page.locator(".timeline").evaluate("element => { element.scrollTop = 0; }")
    expect(ann.message("message 60 of before")).to_have_count(1)
    assert set(ann.page.evaluate("window.politeness")) == {"off"}
    ann.page.wait_for_timeout(400)
    ann.page.evaluate("window.politeness = []")
    scene.write(scene.bob, "news")
    expect(ann.message("news")).to_have_count(1)
    assert set(ann.page.evaluate("window.politeness")) == {"polite"}


def test_news_are_read_out_beside_what_only_changes(scene):
    scene.write(scene.bob, "first words")
    ann = scene.enter(scene.ann)
    ann.is_at(scene.ann.id, "online")
    ann.page.wait_for_timeout(600)
    ann.page.evaluate(
        """() => {
          window.heard = [];
          const log = document.querySelector("[role=log]");
          const note = (node) => {
            const article = node.querySelector?.("article") ?? node.closest?.("article");
            if (!article?.contains(node) && !node.contains(article)) return;
            const politeness = article.closest("[aria-live]").getAttribute("aria-live");
            const text = article.querySelector(".message-body").textContent.trim();
            window.heard.push([text, politeness]);
          };
          new MutationObserver((changes) => changes.forEach((change) => {
            if (change.target === log) window.heard.push(["log", log.getAttribute("aria-live")]);
            change.addedNodes.forEach(note);
          })).observe(log, {childList: true, subtree: true, attributeFilter: ["aria-live"]});
        }"""
    )
    ann.say("my words")
    ann.sees("my words")
    bob = scene.server.visitor(scene.bob.user_name)
    first = ann.message("first words").get_attribute("data-message")
    bob.submit(f"/messages/{first}/reactions", {"emoji": "🎉", "on": "1"})
    scene.write(scene.bob, "new words")
    ann.sees("new words")
    expect(ann.page.locator(".reaction")).to_have_count(1)
    bob.submit(f"/messages/{first}/edit", {"body": "changed words"})
    ann.sees("changed words")
    heard = {tuple(each) for each in ann.page.evaluate("window.heard")}
    assert heard == {
        ("my words", "off"),
        ("first words", "off"),
        ("new words", "polite"),
        ("changed words", "off"),
    }
    # In peace again, for what comes into it by the viewer's own hand.
    expect(ann.page.locator("article[aria-live]")).to_have_count(0)


def test_tab_does_not_go_under_a_pane_that_covers_the_others(scene):
    """Also on a desktop at 400 %."""
    ann = scene.enter(scene.ann, viewport={"width": 360, "height": 740})
    under = """() => {
      const pane = document.activeElement.closest("#main, #people, #sidebar");
      return pane ? pane.id : "";
    }"""
    for link, pane in ((".room-head .to-sidebar", "sidebar"), (".to-people", "people")):
        opener = ann.page.locator(link)
        opener.focus()
        opener.press("Enter")
        expect(ann.page.locator(f"#{pane}")).to_be_visible()
        reached = set()
        for _ in range(30):
            ann.page.keyboard.press("Tab")
            reached.add(ann.page.evaluate(under))
        assert reached - {""} == {pane}
        assert problems(ann.page) == []
        ann.page.keyboard.press("Escape")
        expect(opener).to_be_focused()
        expect(ann.page.locator("[inert]")).to_have_count(0)


def test_what_a_pane_has_covered_is_there_again_in_a_wider_window(scene):
    ann = scene.enter(scene.ann, viewport={"width": 360, "height": 740})
    composer = ann.page.locator(".composer textarea")
    ann.page.locator(".to-people").click()
    composer.focus()
    expect(composer).not_to_be_focused()
    # The search is in another pane, which takes this one's place.
    ann.page.keyboard.press("Control+k")
    expect(ann.page.locator(".sidebar input[name=q]")).to_be_focused()
    expect(ann.page.locator("#people")).to_be_hidden()
    ann.page.set_viewport_size({"width": 1000, "height": 740})
    expect(ann.page.locator("[inert]")).to_have_count(0)
    composer.focus()
    expect(composer).to_be_focused()
    ann.page.keyboard.press("Control+k")
    ann.page.set_viewport_size({"width": 360, "height": 740})
    ann.page.keyboard.press("Escape")
    ann.page.locator(".room-head .to-sidebar").click()
    expect(ann.page.locator("#main")).to_have_attribute("inert", "")
    ann.page.evaluate("document.querySelector('.skip-link').focus()")
    ann.page.keyboard.press("Enter")
    expect(ann.page.locator("#sidebar")).to_be_hidden()
    expect(ann.page.locator("#main")).to_be_focused()


def test_a_pane_that_the_address_has_brought_is_closed_like_others(scene):
    ann = scene.enter(scene.ann, viewport={"width": 360, "height": 740})
    ann.page.goto(f"{scene.server.url}/rooms/{scene.room.id}#sidebar")
    expect(ann.page.locator("#main")).to_have_attribute("inert", "")
    ann.page.locator("#sidebar .close-pane").click()
    expect(ann.page.locator("#sidebar")).to_be_hidden()
    expect(ann.page.locator("[inert]")).to_have_count(0)


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_the_bar_of_a_slow_visit_moves_only_where_motion_is_wanted(scene, motion, moves):
    ann = scene.enter(scene.ann, reduced_motion=motion)
    wait_for_turbo(ann.page)
    hold_back(ann.page, "**/rooms")
    ann.page.locator(".sidebar").get_by_text("All rooms").click()
    bar = ann.page.locator(".turbo-progress-bar")
    expect(bar).to_be_visible()
    durations = bar.evaluate("bar => getComputedStyle(bar).transitionDuration")
    assert (durations != "0s") is moves
