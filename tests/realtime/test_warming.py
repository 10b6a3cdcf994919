"""A new worker does on its own what takes long the first time."""

from chatapp.realtime.warming import warm_up


def test_every_page_is_compiled_in_small_steps(app):
    pauses = []
    warm_up(app, pauses.append)
    names = app.jinja_env.list_templates(extensions=["html"])
    assert len(names) > 20
    assert len(pauses) >= len(names)
    assert len(app.jinja_env.cache) == len(names)
    assert "gzipped" in vars(app.extensions["assets"].get("css/app.css"))


def test_what_fails_is_left_to_whoever_needs_it(app, caplog, monkeypatch):
    def broken(name):
        raise RuntimeError(name)

    monkeypatch.setattr(app.jinja_env, "get_template", broken)
    warm_up(app, lambda _seconds: None)
    assert "Warming up did not succeed" in caplog.text
