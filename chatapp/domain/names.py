"""Why a name is refused, as a sentence for the person who chose it."""

from flask_babel import gettext as _

from chatapp.text.names import Problem, check_name, check_user_name


def problem_with_user_name(name: str) -> str | None:
    """Why this can't be a user name; None if it can."""
    problem = check_user_name(name)
    return sentence(problem) if problem else None


def problem_with_shown_name(name: str) -> str | None:
    """Why this can't be the name of a person, a room or a workspace; None if it can."""
    problem = check_name(name)
    return sentence(problem) if problem else None


def sentence(problem: Problem) -> str:
    """What is wrong with the name, in words."""
    sentences: dict[Problem, str] = {
        "too_short": _("This name is too short."),
        "too_long": _("This name is too long."),
        "invisible": _("This name contains characters that nobody can see."),
        "characters": _("Use letters, digits, dots, hyphens and underscores only."),
        "edges": _("Begin and end with a letter or a digit."),
        "no_letter": _("A name needs at least one letter or digit."),
        "marks": _("This name has too many marks on one letter."),
        "mixed_scripts": _("This name mixes alphabets within a word, as forgeries do."),
        "reserved": _("This name is reserved. Choose another one."),
    }
    return sentences[problem]
