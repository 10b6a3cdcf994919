"""What an operator can set or type is in the documentation."""

import re
from collections.abc import Iterator

from click import Group

import config
from tests.architecture.source import ROOT

CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()
COMMANDS = "\n".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
CODE = "\n".join(
    path.read_text()
    for path in [*(ROOT / "chatapp").rglob("*.py"), ROOT / "gunicorn.conf.py", ROOT / "config.py"]
)


def missing_settings(text: str) -> list[str]:
    rows = set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.M))
    return sorted({*config.settings(), "CHATAPP_ENV"} ^ rows)


def test_each_setting_is_documented_and_nothing_else():
    assert missing_settings(CONFIGURATION) == []


def test_a_missing_setting_would_be_noticed():
    assert missing_settings(CONFIGURATION.replace("`REDIS_URL`", "")) == ["REDIS_URL"]


def test_the_documented_defaults_are_the_real_ones():
    for name, setting in config.settings().items():
        row = re.search(rf"^\| `{name}` \|([^|]*)\|", CONFIGURATION, re.M)
        assert row, name
        given = row.group(1).strip(" `")
        if isinstance(setting.default, int | str) and setting.default:
            assert given.replace(",", "") == str(setting.default), name


def test_each_setting_is_used():
    """Rates are looked up by their rule's name."""
    unused = [
        name
        for name in config.settings()
        if not name.startswith("RATE_")
        and len(re.findall(rf"\b{name}\b", CODE)) < 2
        and name not in FLASKS
    ]
    assert unused == []


# Read by Flask itself.
FLASKS = {"SECRET_KEY_FALLBACKS"}


def command_names(group: Group, prefix: str = "flask") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, Group):
            yield from command_names(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def test_each_command_is_documented(app):
    ours = [name for name in command_names(app.cli) if not name.startswith("flask db ")]
    assert [name for name in ours if f"`{name}" not in COMMANDS] == []
