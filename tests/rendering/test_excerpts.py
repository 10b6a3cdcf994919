"""The piece of a message that a search shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.rendering import excerpts as rendering
from chatapp.rendering.excerpts import LENGTH
from chatapp.text.markdown import to_html
from chatapp.text.words import sought


def excerpt(source, terms):
    return rendering.excerpt(to_html(source), terms)


def test_every_hit_is_marked_by_its_beginning():
    html = excerpt("Kettles and a kettle, not a teakettle", ["kettle"])
    assert html == "<mark>Kettles</mark> and a <mark>kettle</mark>, not a teakettle"


def test_accents_and_case_do_not_matter():
    assert excerpt("Zum CAFÉ", ["cafe"]) == "Zum <mark>CAFÉ</mark>"


def test_what_was_written_is_never_markup():
    html = excerpt("`<b>` & kettle", ["kettle"])
    assert html == "&lt;b&gt; &amp; <mark>kettle</mark>"


def test_a_long_message_is_cut_around_its_first_hit_between_words():
    html = excerpt("word " * 200 + "kettle " + "word " * 200, ["kettle"])
    assert html.startswith("… word")
    assert html.endswith("word …")
    assert "<mark>kettle</mark>" in html
    assert len(html) < LENGTH + 50


@pytest.mark.parametrize("source", ["x" * 5000, "kettle" + "x" * 5000, "", "\n\n"])
def test_texts_without_words_are_shown_too(source):
    assert len(excerpt(source, ["kettle"])) < LENGTH + 50


def test_without_a_hit_the_beginning_is_shown():
    assert excerpt("hello there", ["kettle"]) == "hello there"


def test_many_long_texts_are_as_their_excerpts():
    sources = [
        "The *kettle* boils. " * 450,
        "Tea and a kettle",
        "- kettle\n" * 300,
        "`kettle` " * 300,
    ]
    htmls = [to_html(source) for source in sources]
    assert sum(map(len, htmls)) > rendering.LONG
    expected = [excerpt(source, ["kettle"]) for source in sources]
    assert rendering.excerpts(htmls, ["kettle"]) == expected
    assert rendering.excerpts([], ["kettle"]) == []


def test_a_letter_alone_is_marked_where_it_stands_alone():
    expected = "<mark>Plan</mark> <mark>b</mark>: <mark>plans</mark> are big"
    assert excerpt("Plan b: plans are big", ["plan", "b"]) == expected
    assert excerpt("Plan b: plans are big \xc4", ["plan", "b"]) == f"{expected} \xc4"


@pytest.mark.parametrize(
    "before",
    [
        "see https://a.example/" + "x/" * 400,
        "\u6c34 " + "\u6c34\u3002" * 900,
        "x" * 1_000 + "-",
        "a " + "word-" * 300,
    ],
)
def test_the_hit_is_shown_where_no_space_is_near(before):
    html = excerpt(f"{before}kettle and more " + "\u6c34" * 500, ["kettle"])
    assert "<mark>kettle</mark> and more" in html
    assert len(html) < LENGTH + 50


def test_of_a_text_without_spaces_the_hit_is_marked_as_far_as_it_is_shown():
    said = "\u6c34" * 1_000
    assert excerpt(said, ["\u6c34"]) == f"<mark>{said[:LENGTH]}</mark> …"
    assert "word <mark>\u6c34" in excerpt("word " * 100 + said, ["\u6c34"])


@pytest.mark.parametrize("end", ["", " \xc4"])
@pytest.mark.parametrize(
    ("source", "terms", "shown"),
    [
        # All the words, further down.
        ("a cup. " + "word " * 200 + "a new kettle", ["kettle", "a"], "a</mark> new <mark>kettle"),
        # Most of them.
        (
            "tea. " + "word " * 99 + "cups. " + "word " * 99 + "tea, a kettle",
            ["kettle", "tea", "cups"],
            "tea</mark>, a <mark>kettle",
        ),
        # No two of them: the longest.
        ("a cup. " + "word " * 200 + "the kettle", ["a", "kettle"], "the <mark>kettle"),
        # The first of equals.
        ("kettle one " + "word " * 200 + "kettle two", ["kettle"], "kettle</mark> one"),
    ],
)
def test_it_begins_where_most_of_the_words_are_together(source, terms, shown, end):
    assert shown in excerpt(source + end, terms)


@pytest.mark.parametrize("terms", [["\u6c34"], ["\u6c34", "kettle"]])
def test_nobody_looks_much_further_than_what_is_shown(terms, monkeypatch):
    folded = []
    monkeypatch.setattr(rendering, "fold", lambda word: folded.append(word) or word)
    excerpt("\u6c34 kettle " + "\u6c34 and " * 1_000, terms)
    assert len(folded) < LENGTH


PLAIN = st.text(st.sampled_from("abAB1_-. '"), max_size=30)


@given(PLAIN, st.lists(st.text(st.sampled_from("ab1\xe4"), min_size=1, max_size=2), min_size=1))
def test_plain_letters_are_looked_through_as_others_are(said, terms):
    """An accent at the end has the same text looked through word by word."""
    accented, wanted = f"{said} \xc4", tuple(sought(terms))
    expected = [spot for spot in rendering._spots(accented, wanted) if spot.end <= len(said)]
    assert [*rendering._spots(said, wanted)] == expected
