"""What people type is made harmless and otherwise left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.text.emoji import _every_emoji
from chatapp.text.markdown import to_html
from chatapp.text.source import clean, is_blank

BIDI_CONTROLS = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]


@pytest.mark.parametrize("control", BIDI_CONTROLS)
def test_no_message_turns_round_the_text_after_it(control):
    assert clean(f"a{control}b") == "ab"
    assert control not in to_html(f"`a{control}b` {control}")


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c", "\u200d", "\u200c"])
def test_marks_that_languages_need_stay(mark):
    assert clean(f"a{mark}b") == f"a{mark}b"


@pytest.mark.parametrize(
    "source",
    [
        "pay &#x202e;eurt si siht",
        "pay &#8238;eurt si siht &rlm;",
        "http://x.example/%E2%80%AEmoc.knab//:sptth",
        "[a&#x2067;b](http://x.example)",
        "<http://x.example/%E2%80%AEb>",
    ],
)
def test_nor_where_it_is_written_in_another_way(source):
    html = to_html(source)
    assert not {*BIDI_CONTROLS} & {*html}


@pytest.mark.parametrize(
    "source",
    ["e" + "&#769;" * 1600, "e" + "&#x301;" * 1200, "http://x.example/e" + "%CC%81" * 1500],
)
def test_stacked_marks_are_cut_however_they_are_written(source):
    assert "\u0301" * 9 not in to_html(source)


def test_controls_go_and_tabs_stay():
    assert clean("a\x00b\tc\x1b[31m\x7f") == "ab\tc[31m"


def test_lone_surrogates_can_be_stored():
    assert clean("a\ud83d") == "a\ufffd"


def test_there_is_one_kind_of_line_end():
    assert clean("a\r\nb\rc\u2028d\u0085e") == "a\nb\nc\nd\ne"


def test_stacked_marks_are_cut():
    assert clean("a" + "\u0301" * 100_000 + "b") == "a" + "\u0301" * 8 + "b"


@pytest.mark.parametrize("joiner", ["\u200d", "\u200c", "\u200b", "\u2060", "\xad"])
def test_nothing_unseen_lets_more_marks_be_stacked(joiner):
    stack = "\u0301" * 8
    assert (
        clean(f"a{stack}{joiner}{stack}{joiner}\u0302b{stack}") == f"a{stack}{joiner * 2}b{stack}"
    )


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 3,
        "\U0001f3f3\ufe0f\u200d\U0001f308\U0001f3f4\u200d\u2620\ufe0f\U0001f1e9\U0001f1ea" * 3,
        "\U0001f469\U0001f3fe\u200d\u2764\ufe0f\u200d\U0001f48b\u200d\U0001f468\U0001f3fb" * 3,
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f" * 3,
        "می\u200cشود نیم\u200cفصل دوم می\u200cروم",
        "क्\u200dष ക്\u200d ശ്രീ\u200cമതി ක්\u200dරිකට්",
    ],
)
def test_joiners_that_languages_and_emoji_need_stay(text):
    assert clean(text) == text


def test_dense_scripts_are_left_alone():
    for text in ("שָׁלוֹם עֲלֵיכֶם", "หนังสือที่ดี", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 👩🏾‍💻", "漢字かな交じり文の長い一行"):
        assert clean(text) == text


@pytest.mark.parametrize(
    "text", ["", " \n", "\u200b", "\u2060\ufeff", "\x00", "\u3000", "\u2800", "\ufe0f\u034f"]
)
def test_what_nobody_sees_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize(
    "code", [0x17B4, 0x180B, 0x180E, 0x180F, 0x2065, 0xE0001, 0xE0100, 0xE01EF]
)
def test_what_only_changes_another_is_blank_alone(code):
    assert is_blank(chr(code))
    assert not is_blank(f"a{chr(code)}")


def test_no_emoji_is_blank_however_new():
    assert [emoji for emoji in _every_emoji() if is_blank(emoji)] == []
    assert not is_blank("\U0001fae9")
    assert to_html("\U0001fae9") == "<p>\U0001fae9</p>\n"


def test_private_letters_may_have_a_picture():
    assert not is_blank("\uf8ff")


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    once = clean(text)
    assert clean(once) == once
    once.encode()
