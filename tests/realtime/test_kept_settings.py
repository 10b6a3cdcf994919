"""gunicorn's settings at hand: the same values, without a look for each."""

from gunicorn.config import Config

from chatapp.realtime.workers import keep_settings


def test_kept_settings_are_gunicorns():
    cfg, asked = Config(), Config()
    for each in (cfg, asked):
        each.set("keepalive", 75)
        each.set("pre_request", lambda worker, request: None)
    keep_settings(cfg)
    names = [name for name in asked.settings if name != "pre_request"]
    assert [getattr(cfg, name) for name in names] == [getattr(asked, name) for name in names]
    assert cfg.pre_request is cfg.settings["pre_request"].value
    assert cfg.keepalive == 75


def test_they_are_not_looked_for_again(monkeypatch):
    cfg = Config()
    keep_settings(cfg)
    monkeypatch.delattr(Config, "__getattr__")
    assert cfg.limit_request_line == cfg.settings["limit_request_line"].value
