"""Names: unique to the eye, without anything that can't be seen."""
# ruff: noqa: RUF001 - Characters that look alike are the very subject.

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.text.names import check_name, check_user_name, name_key, tidy_name


@pytest.mark.parametrize(
    "name",
    [
        "ann",
        "Ann-Marie",
        "j.r.r.tolkien",
        "a_b",
        "r2d2",
        "李雷",
        "محمد",
        "Łukasz",
        "田中さん",
        "हिन्दी",
        "ทดสอบ๑",
        "tanakaさん",
        "kʻolo",
    ],
)
def test_user_names_of_any_script_are_welcome(name):
    assert check_user_name(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a", "too_short"),
        ("a" * 33, "too_long"),
        ("ann lee", "characters"),
        ("ann@home", "characters"),
        ("ann\u200b", "invisible"),
        ("ann\x00", "invisible"),
        ("\u202eann", "invisible"),
        ("ann\ud800", "invisible"),
        ("ann\u3164", "invisible"),
        (".ann", "edges"),
        ("ann-", "edges"),
        ("Everyone", "reserved"),
        ("a" + "\u0323\u0327\u0330\u0348\u0353\u0354" + "nn", "marks"),
        ("аnn", "mixed_scripts"),
        ("b\u0e50b", "mixed_scripts"),  # a Thai zero
        ("b\u09e6b", "mixed_scripts"),  # a Bengali one
        ("b\u101db", "mixed_scripts"),  # Myanmar's wa
        ("\U000102a0nn", "mixed_scripts"),  # a Carian A
        ("\U00010404livia", "mixed_scripts"),  # Deseret's long O
        ("ann\U00016fe4", "invisible"),
        ("ﷺ" * 30, "too_long"),
    ],
)
def test_a_refused_user_name_says_why(name, problem):
    assert check_user_name(name) == problem


@pytest.mark.parametrize(
    "name",
    [
        *("Ann Lee", "Ann 🌵", "Иван Smith", "O'Hara", "X", "山田 太郎"),
        *("ทีมIT", "בGoogle", "قسمIT", "ក្រុមIT"),
    ],
)
def test_shown_names_are_freer(name):
    assert check_name(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "too_short"),
        ("x" * 61, "too_long"),
        ("...", "no_letter"),
        ("Ann\u2028Lee", "invisible"),
        ("Аnn Lee", "mixed_scripts"),
        ("B\u0e50b Lee", "mixed_scripts"),
        ("\U00010404livia", "mixed_scripts"),
    ],
)
def test_a_refused_shown_name_says_why(name, problem):
    assert check_name(name) == problem


@pytest.mark.parametrize(
    "twin",
    ["ANN", "ａｎｎ", "\u24d0nn", "аnn", "αnn", "ᴀɴɴ", "Ꭺnn", "Αnn", " ann "],
)
def test_a_look_alike_has_the_same_key(twin):
    assert name_key(twin) == name_key("ann")


def test_case_folds_the_way_languages_do():
    assert name_key("STRASSE") == name_key("straße")
    assert name_key("İpek") == name_key("ipek")
    assert name_key("ΝΙΚΟΣ") == name_key("νικος")


def test_accents_and_digits_make_other_names():
    assert len({name_key(name) for name in ("rene", "rené", "ann1", "annl", "ann_1")}) == 5


def test_a_whole_word_in_another_script_meets_its_twin():
    assert name_key("сара") == name_key("capa")
    assert name_key("Ёлка") == name_key("ëлкa")


def test_inner_white_space_collapses():
    assert tidy_name("  Ann \u00a0\t Lee\n") == "Ann Lee"
    assert name_key("Ann\u3000Lee") == name_key("ann  lee")


def test_an_emoji_keeps_its_place_in_a_shown_name():
    assert check_name(tidy_name("Ann ❤\ufe0f")) is None


@given(st.text(max_size=80))
def test_any_text_gets_an_answer(text):
    check_user_name(text)
    check_name(text)


@given(st.text(max_size=40))
def test_a_key_is_its_own_key(text):
    assert name_key(name_key(text)) == name_key(text)


@given(st.text(max_size=40))
def test_case_and_normal_form_never_matter(text):
    assert name_key(text) == name_key(unicodedata.normalize("NFD", text))
    assert name_key(text) == name_key(text.casefold())


@given(st.text(max_size=40))
def test_what_passes_is_visible_and_fits_its_column(text):
    shown = tidy_name(text)
    if check_name(shown) is None:
        assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in shown)
        assert len(name_key(shown)) <= 120
    if check_user_name(text) is None:
        assert len(name_key(text)) <= 64


@pytest.mark.parametrize("piece", ["\ufdfa", "\u0301\u0316"])
def test_what_is_far_too_long_holds_nobody_up(piece):
    """Composing it would take seconds, and one such letter unfolds into eighteen."""
    endless = "a" + piece * 100_000
    assert len(name_key(endless)) < 20_000
    assert len(tidy_name(endless)) <= 1_024
    assert check_user_name(endless) == "too_long"
