"""The rooms of the demonstration: who is in them, and how much is said there."""

from dataclasses import dataclass

from chatapp.cli.demonstration.people import PEOPLE

EVERYBODY = tuple(PEOPLE)


@dataclass(frozen=True, slots=True)
class Plan:
    """A room to be. `talk` names its file of scenes; `emoji` are those put under its messages."""

    name: str
    topic: str
    talk: str
    messages: int
    members: tuple[str, ...] = EVERYBODY
    kind: str = "open"
    emoji: tuple[str, ...] = ("👍", "❤️", "😂", "👀")


def _without(*names: str) -> tuple[str, ...]:
    return tuple(name for name in EVERYBODY if name not in names)


# The first one is where newcomers arrive; the first run makes it, which knows no topic.
ROOMS = (
    Plan("Random", "", "random", 310, emoji=("😂", "❤️", "🌻", "👀")),
    Plan(
        "Engineering",
        "How it is built. Reviews, incidents, small joys",
        "engineering",
        520,
        _without("freya", "jo", "noa", "leila", "sofia"),
        emoji=("👍", "🎉", "👀", "🚀", "💯"),
    ),
    Plan(
        "Design",
        "How it looks, reads and feels",
        "design",
        290,
        ("ada", "chloe", "dario", "freya", "hana", "leila", "noa", "nour", "oskar", "sofia"),
        emoji=("👍", "❤️", "✨", "🎨"),
    ),
    Plan("Lunch", "Where, when, and who cooked too much", "lunch", 290, emoji=("😋", "🍜", "❤️")),
    Plan(
        "Releases",
        "What goes out, and when",
        "releases",
        150,
        _without("jo", "leila"),
        emoji=("🎉", "🚀", "👏", "❤️"),
    ),
    Plan(
        "Support",
        "Questions from outside, answered kindly",
        "support",
        250,
        _without("chloe", "hana", "ivan", "ming", "oskar", "tal"),
    ),
    Plan(
        "Music",
        "What is playing, and where",
        "music",
        120,
        ("ada", "dario", "emeka", "hana", "ivan", "kofi", "ming", "priya", "tal"),
        emoji=("🎶", "❤️", "🔊"),
    ),
    Plan("Founders", "Just the three of us", "founders", 70, ("ada", "ben", "sofia"), "closed"),
)
