"""The piece of a message that a search shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.rendering import excerpts as rendering
from chatapp.rendering.excerpts import LENGTH
from chatapp.text.markdown import to_html


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


PLAIN = st.text(st.sampled_from("abAB1_-. '"), max_size=30)


@given(PLAIN, st.lists(st.text(st.sampled_from("ab1\xe4"), min_size=1, max_size=2), min_size=1))
def test_plain_letters_are_looked_through_as_others_are(said, begins):
    """An accent at the end has the same text looked through word by word."""
    accented = f"{said} \xc4"
    expected = [span for span in rendering._spots(accented, tuple(begins)) if span[1] <= len(said)]
    assert rendering._spots(said, tuple(begins)) == expected
