"""Every pair of colours that meets on a page, computed from the style sheets, in both themes.

WCAG 2.2: 4.5 to 1 for text, 3 to 1 for the edges and signs one has to make out.
"""

import math
import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parent.parent / "chatapp" / "static" / "css"
THEMES = ("light", "dark")
HUES = range(15, 360, 30)

GROUNDS = ("ground", "ground-side", "surface", "hover", "row-hover", "accent-soft")
TEXT_PAIRS = [(text, ground) for text in ("text", "text-dim", "accent") for ground in GROUNDS]
TEXT_PAIRS += [
    ("accent-strong", "ground"),
    ("accent-strong", "surface"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("danger", "ground"),
    ("danger", "surface"),
    ("danger", "row-hover"),
    ("danger", "danger-soft"),
    ("on-danger", "danger"),
    ("text", "marker"),
    ("text", "code-ground"),
]
TEXT_PAIRS += [
    (f"code-{kind}", "code-ground")
    for kind in ("comment", "keyword", "string", "number", "name", "removed")
]
CONTROL_PAIRS = [
    (sign, ground)
    for sign in ("control-line", "accent", "danger", "online", "away", "offline")
    for ground in ("ground", "ground-side", "surface", "hover")
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_can_be_read(text: str, ground: str, theme: str) -> None:
    assert contrast(colour(text, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("sign", "ground"), CONTROL_PAIRS)
def test_signs_and_edges_can_be_made_out(sign: str, ground: str, theme: str) -> None:
    assert contrast(colour(sign, theme), colour(ground, theme)) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_initials_can_be_read_on_all_twelve_hues(theme: str) -> None:
    ground, text = avatar_colours(theme)
    for hue in HUES:
        assert contrast((*text, hue), (*ground, hue)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_a_pending_message_can_still_be_read(theme: str) -> None:
    # It is shown at 65 % of its opacity.
    ground = luminance(colour("ground", theme))
    text = luminance(colour("text", theme))
    faded = 0.65 * gamma(text) + 0.35 * gamma(ground)
    assert ratio(faded**2.4, ground) >= 4.5


def test_the_formula_agrees_with_known_values() -> None:
    white, black, red = (1, 0, 0), (0, 0, 0), (0.627966, 0.257704, 29.2346)
    assert contrast(white, black) == pytest.approx(21, abs=0.05)
    assert contrast(white, red) == pytest.approx(4.0, abs=0.05)


Oklch = tuple[float, float, float]


def colour(name: str, theme: str) -> Oklch:
    """The lightness, chroma and hue that a token has in a theme."""
    return resolve(tokens()[name], theme)


def tokens() -> dict[str, str]:
    text = (CSS / "tokens.css").read_text() + (CSS / "code.css").read_text()
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", without_media(text)))


def without_media(text: str) -> str:
    return re.sub(r"@media.*?\n  }\n", "", text, flags=re.S)


def resolve(value: str, theme: str) -> Oklch:
    if alias := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return colour(alias[1], theme)
    if mix := re.fullmatch(
        r"color-mix\(in oklch, var\(--([\w-]+)\) (\d+)%, var\(--([\w-]+)\)\)", value
    ):
        share = int(mix[2]) / 100
        first, second = colour(mix[1], theme), colour(mix[3], theme)
        light, chroma, hue = (
            share * a + (1 - share) * b for a, b in zip(first, second, strict=True)
        )
        return light, chroma, hue
    return oklch(value, theme)


def oklch(value: str, theme: str) -> Oklch:
    found = re.findall(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)", value)
    light, chroma, hue = map(float, found[THEMES.index(theme)])
    return light, chroma, hue


def avatar_colours(theme: str) -> list[tuple[float, float]]:
    """Lightness and chroma of an avatar's ground and text, in that order."""
    rule = (CSS / "people.css").read_text().split(".avatar {")[1].split("}")[0]
    found = re.findall(r"oklch\(([\d.]+) ([\d.]+) var", rule)
    pairs = [(float(light), float(chroma)) for light, chroma in found]
    return pairs[THEMES.index(theme) :: 2]


def contrast(one: Oklch, other: Oklch) -> float:
    return ratio(luminance(one), luminance(other))


def ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def luminance(value: Oklch) -> float:
    """Relative luminance, after the colour is brought into sRGB. Matrices: bottosson.github.io."""
    light, chroma, hue = value
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(1, max(0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def gamma(value: float) -> float:
    return value ** (1 / 2.4)
