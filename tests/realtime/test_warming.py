"""A new worker does on its own what takes long the first time."""

import time
from functools import partial

from chatapp.realtime import warming


def test_every_page_is_compiled_in_small_steps(app):
    pauses = []
    warming.warm_up(app, pauses.append)
    names = app.jinja_env.list_templates(extensions=["html"])
    assert len(names) > 20
    assert len(pauses) >= len(names)
    assert len(app.jinja_env.cache) == len(names)
    assert "gzipped" in vars(app.extensions["assets"].get("css/app.css"))


def test_what_fails_is_left_to_whoever_needs_it(app, caplog, monkeypatch):
    def broken(name):
        raise RuntimeError(name)

    monkeypatch.setattr(app.jinja_env, "get_template", broken)
    warming.warm_up(app, lambda _seconds: None)
    assert "Warming up did not succeed" in caplog.text


def test_others_have_as_much_time_as_a_step_took(app, monkeypatch):
    pauses = []
    monkeypatch.setattr(warming, "_steps", lambda _app: [partial(time.sleep, 0.03), int])
    warming.warm_up(app, pauses.append)
    long, short = pauses
    assert long >= 0.03 > short
