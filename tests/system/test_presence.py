"""Who is there, with tabs opened and closed."""

from playwright.sync_api import expect


def test_coming_and_going_is_seen(scene):
    ann = scene.enter(scene.ann)
    ann.is_at(scene.bob.id, "offline")
    bob = scene.enter(scene.bob)
    ann.is_at(scene.bob.id, "online")
    expect(ann.presence_of(scene.bob.id)).to_have_attribute("aria-label", "online")
    bob.context.close()
    ann.is_at(scene.bob.id, "offline")


def test_closing_one_of_two_tabs_changes_nothing(scene):
    ann, bob = scene.enter_both()
    ann.is_at(scene.bob.id, "online")
    ann.page.evaluate(
        """id => {
          const mark = document.querySelector(`.people [data-presence-of="${id}"]`);
          window.states = [];
          const note = () => window.states.push(mark.dataset.state);
          new MutationObserver(note).observe(mark, {attributes: true});
        }""",
        scene.bob.id,
    )
    other = bob.open_tab(f"/rooms/{scene.room.id}")
    expect(other.locator("chat-room")).to_be_visible()
    bob.page.reload()
    other.close()
    # Longer than the grace after which a closed tab counts.
    ann.page.wait_for_timeout(7_000)
    assert "offline" not in ann.page.evaluate("window.states")
    ann.is_at(scene.bob.id, "online")


def test_a_hidden_page_says_so_as_its_socket_opens(scene):
    ann = scene.enter(scene.ann)
    for hidden, state in (("false", "active"), ("true", "away")):
        ann.page.add_init_script(
            f"Object.defineProperty(document, 'hidden', {{configurable: true, value: {hidden}}})"
        )
        with ann.page.expect_websocket() as opened:
            ann.page.reload()
        assert f"state={state}" in opened.value.url


def test_signing_out_is_offline_at_once_and_ends_every_tab(scene):
    ann, bob = scene.enter_both()
    other = bob.open_tab(f"/rooms/{scene.room.id}")
    bob.page.goto(f"{scene.server.url}/sessions")
    bob.page.locator("form[action$='/sign-out'] button").first.click()
    bob.page.wait_for_url("**/sign-in**")
    other.wait_for_url("**/sign-in**")
    ann.is_at(scene.bob.id, "offline")
