"""A backup is restored under an open page: it shows what counts now, and loses nothing unsent."""

from pathlib import Path

from playwright.sync_api import expect

from tests.servers import Server


def run(server: Server, *words: object) -> None:
    result = server.app.test_cli_runner().invoke(args=[str(word) for word in words])
    assert result.exit_code == 0, result.output


def test_an_open_page_starts_anew_and_keeps_what_is_unsent(server, make_scene, tmp_path: Path):
    scene = make_scene(server)
    ann = scene.enter(scene.ann)
    ann.say("in the backup")
    ann.sees("in the backup")
    file = tmp_path / "backup.sqlite3"
    run(server, "backup", file)
    ann.say("said later")
    ann.sees("said later")
    epoch = ann.page.locator("meta[name=epoch]")
    before = epoch.get_attribute("content") or ""

    server.stop()
    ann.say("said while it was away")
    ann.page.locator(".composer textarea").fill("my draft")
    run(server, "restore", file)
    server.start()

    expect(epoch).not_to_have_attribute("content", before)
    ann.sees("in the backup")
    ann.sees("said while it was away")
    expect(ann.message("said later")).to_have_count(0)
    expect(ann.page.locator(".composer textarea")).to_have_value("my draft")
    assert ann.problems == []
