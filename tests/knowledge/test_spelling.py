from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.encoder import minilm
from knowledge.spelling import Speller

LIBRARY = ["What was revenue in the fourth quarter?", "revenue guidance", "gross margin", "Occam receivables", "marvin"]
LANGUAGE = ["the", "what", "margins", "house", "horse", "guidance", "revenge", "reverse", "quarter", "form", "from"]


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(LIBRARY, LANGUAGE)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("revnue", "revenue"),  # a letter missing
        ("revenuee", "revenue"),  # one too many
        ("ervenue revenye", "ervenue revenue"),  # the first letter is taken to be right
        ("quatrer", "quarter"),  # two letters swapped are one slip
        ("recievabels", "receivables"),  # two slips in a long word
        ("guidence for the qaurter", "guidance for the quarter"),
        ("hosue", "house"),  # the language's word where the library has none
    ],
)
def test_an_unknown_word_becomes_the_nearest_known(speller: Speller, typed: str, meant: str) -> None:
    assert speller.correct(typed) == meant


@pytest.mark.parametrize(
    "word", ["revenge", "reverse", "from", "form", "horse", "Occam", "margins", "houses", "quartered"]
)
def test_a_known_word_is_never_changed(speller: Speller, word: str) -> None:
    assert speller.correct(word) == word


@pytest.mark.parametrize("text", ["rev", "q4", "mar", "4Q11", "10-K", "$91.6 million?!", "zzzzzz", "ünbekannt"])
def test_what_is_short_or_like_nothing_stays(speller: Speller, text: str) -> None:
    assert speller.correct(text) == text


def test_a_short_word_may_have_one_slip_only(speller: Speller) -> None:
    assert speller.correct("grrass") == "grrass"
    assert speller.correct("grross") == "gross"


def test_the_fewest_slips_come_first() -> None:
    assert Speller(["revenues revenues revenue"], []).correct("reveneu") == "revenue"


def test_of_equally_near_words_the_commoner_is_meant() -> None:
    assert Speller(["margin marvin marvin"], []).correct("marxin") == "marvin"
    assert Speller(["margin margin marvin"], []).correct("marxin") == "margin"


def test_the_librarys_words_come_before_the_languages() -> None:
    assert Speller(["costs"], ["coats"]).correct("coxts") == "costs"


def test_the_order_of_texts_does_not_matter() -> None:
    for typed in ("marxin", "revnue", "guidence"):
        assert Speller(LIBRARY, LANGUAGE).correct(typed) == Speller(LIBRARY[::-1], LANGUAGE).correct(typed)


def test_all_around_a_word_stays_as_it_is(speller: Speller) -> None:
    assert speller.correct("  (Revnue), 2011 & Q4: gross-margni! ") == "  (revenue), 2011 & Q4: gross-margin! "


@given(st.lists(st.sampled_from([word for text in LIBRARY for word in text.strip("?").split()] + LANGUAGE)))
def test_text_of_known_words_is_left_alone(words: list[str]) -> None:
    text = " ".join(words)
    assert Speller(LIBRARY, LANGUAGE).correct(text) == text


@given(st.text(st.characters(codec=None)))
def test_no_text_raises_and_correcting_again_changes_nothing(text: str) -> None:
    speller = Speller(LIBRARY, LANGUAGE)
    once = speller.correct(text)
    assert speller.correct(once) == once


def test_ordinary_words_are_known() -> None:
    speller = Speller([], minilm().vocabulary)
    text = "how much money did the company make last year and what is expected for the next one"
    assert speller.correct(text) == text
