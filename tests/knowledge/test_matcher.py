from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import Match, Matcher, matcher
from knowledge.calibration import Calibration

SHOP = [
    ("password", ["how do I reset my password", "I forgot my password", "change the password of my account"]),
    ("refund", ["can I get my money back", "how do refunds work", "I want a refund for my order"]),
    ("parcel", ["where is my parcel", "track my delivery", "when will my order arrive"]),
    ("hours", ["when are you open", "opening hours of the shop", "what time do you close"]),
    ("warranty", ["how long is the guarantee", "is this covered by warranty", "it broke after a year"]),
]
MEANT = [
    ("I can't log in any more because I don't remember my secret word", "password"),
    ("please give me back what I paid", "refund"),
    ("has my package been shipped yet", "parcel"),
    ("are you there on Sunday morning", "hours"),
]
MISTYPED = [
    ("i forgto my pasword", "password"),
    ("how do refnuds wrok", "refund"),
    ("track my delivrey", "parcel"),
    ("openning huors of the shop", "hours"),
    ("is this coverd by waranty", "warranty"),
]
FOREIGN = ["who painted the Mona Lisa", "a recipe for banana bread", "boiling point of tungsten", "asdf qwer zxcv"]


@pytest.fixture(scope="module")
def compared() -> Matcher[str]:
    return Matcher(SHOP)


@pytest.fixture(scope="module")
def indexed() -> Matcher[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matcher, "COMPARED", 5)
        return Matcher(SHOP)


@pytest.fixture(scope="module", params=["compared", "indexed"])
def shop(request: pytest.FixtureRequest) -> Matcher[str]:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(("text", "key"), MEANT)
def test_finds_by_meaning(shop: Matcher[str], text: str, key: str) -> None:
    assert shop.query(text)[0].key == key


@pytest.mark.parametrize(("text", "key"), MISTYPED)
def test_finds_what_is_mistyped(shop: Matcher[str], text: str, key: str) -> None:
    best = shop.query(text)[0]
    assert best.key == key
    assert best.score > 0.5


@pytest.mark.parametrize("key", [key for key, _ in SHOP])
def test_finds_a_phrasing_itself(shop: Matcher[str], key: str) -> None:
    for text in dict(SHOP)[key]:
        best = shop.query(text)[0]
        assert best.key == key
        assert best.score > 0.9


@pytest.mark.parametrize("text", FOREIGN)
def test_a_foreign_text_scores_low(shop: Matcher[str], text: str) -> None:
    assert all(match.score < 0.1 for match in shop.query(text))


@pytest.mark.parametrize("text", [text for text, _ in MEANT] + FOREIGN)
def test_scores_are_probabilities_best_first(shop: Matcher[str], text: str) -> None:
    scores = [match.score for match in shop.query(text)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_a_limit_cuts_the_tail(compared: Matcher[str]) -> None:
    whole = compared.query("track my delivery")
    assert len(whole) == len(SHOP)
    assert compared.query("track my delivery", limit=2) == whole[:2]


@pytest.mark.parametrize("limit", [5, 50_000], ids=["indexed", "compared"])
def test_the_order_of_items_does_not_matter(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(matcher, "COMPARED", limit)
    one, other = Matcher(SHOP), Matcher([(key, texts[::-1]) for key, texts in reversed(SHOP)])
    for text in [text for text, _ in MEANT + MISTYPED] + FOREIGN:
        assert one.query(text) == other.query(text)


def test_duplicates_change_nothing(compared: Matcher[str]) -> None:
    doubled = Matcher([(key, [*texts, *texts]) for key, texts in SHOP * 2])
    assert [doubled.query(text) for text, _ in MEANT] == [compared.query(text) for text, _ in MEANT]


def test_two_keys_with_the_same_phrasing_share_its_probability() -> None:
    matches = Matcher([*SHOP, ("delivery", dict(SHOP)["parcel"])]).query("where is my parcel")
    assert {match.key for match in matches[:2]} == {"delivery", "parcel"}
    assert matches[0].score == matches[1].score <= 0.5


@pytest.mark.parametrize("items", [[], [("a", [])], [("a", ["", " \n"])]])
def test_without_phrasings_nothing_is_found(items: list[tuple[str, list[str]]]) -> None:
    assert Matcher(items).query("where is my parcel") == []


@pytest.mark.parametrize("text", ["", "   ", "\x00\n", ":wave:"])
def test_an_empty_text_finds_nothing(shop: Matcher[str], text: str) -> None:
    assert shop.query(text) == []


def test_one_phrasing_a_key_is_enough() -> None:
    single = Matcher([(key, texts[:1]) for key, texts in SHOP])
    for key, texts in SHOP:
        assert single.query(texts[0])[0].key == key
        assert single.query(texts[0])[0].score > 0.8
    assert all(single.query(text)[0].score < 0.2 for text in FOREIGN)


def test_a_single_key_is_not_meant_by_everything() -> None:
    single = Matcher(SHOP[:1])
    [(key, score)] = single.query("I forgot my password")
    assert (key, score > 0.8) == ("password", True)
    assert all(match.score < 0.2 for text in FOREIGN for match in single.query(text))


def test_keys_are_given_back_as_they_are() -> None:
    numbered = Matcher([(number, texts) for number, (_, texts) in enumerate(SHOP)])
    best = numbered.query("track my delivery")[0]
    assert isinstance(best, Match)
    assert best.key == 2


def test_phrasings_may_be_any_text() -> None:
    odd = Matcher([*SHOP, ("odd", ["\ud800", "🙈", "a" * 50_000, "\x00", "<@U012>", "ñ" * 5])])
    assert odd.query("where is my parcel")[0].key == "parcel"


def test_compared_and_indexed_agree_on_clear_cases(compared: Matcher[str], indexed: Matcher[str]) -> None:
    for text in [text for _, texts in SHOP for text in texts] + [text for text, _ in MISTYPED]:
        one, other = compared.query(text)[0], indexed.query(text)[0]
        assert one.key == other.key
        assert one.score == pytest.approx(other.score, abs=0.1)


def test_known_vectors_give_the_same_evidence(compared: Matcher[str], monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = compared._encoder.encode([text for _, texts in SHOP for text in texts])
    for limit in (50_000, 5):
        monkeypatch.setattr(matcher, "COMPARED", limit)
        known = Matcher(SHOP, vectors=vectors)
        for text, key in MEANT:
            assert known.query(text)[0].key == key


def test_every_run_and_thread_gives_the_same(shop: Matcher[str]) -> None:
    texts = [text for text, _ in MEANT + MISTYPED] * 5
    alone = [shop.query(text) for text in texts]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(shop.query, texts)) == alone
    assert [Matcher(SHOP).query(text) for text in texts[:2]] == [Matcher(SHOP).query(text) for text in texts[:2]]


def test_last_bits_of_arithmetic_decide_nothing(compared: Matcher[str], monkeypatch: pytest.MonkeyPatch) -> None:
    before = [compared.query(text) for text, _ in MEANT]
    nearest = compared._neighbours.nearest

    def shaken(vector, count):
        rows, cosines = nearest(vector, count)
        return rows, cosines + np.float32(3e-7) * (-1) ** rows

    monkeypatch.setattr(compared._neighbours, "nearest", shaken)
    assert [compared.query(text) for text, _ in MEANT] == before


def test_few_phrasings_make_no_likeness_speak_against_a_key(compared: Matcher[str]) -> None:
    calibration: Calibration = compared._calibration
    assert (calibration.weights > 0).all()


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None)) | st.text("ab é<>@:&;~*\n", max_size=300))
def test_no_text_raises(text: str) -> None:
    for shared in _shared():
        matches = shared.query(text)
        assert all(0 <= match.score <= 1 for match in matches)


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000, "my " * 100_000, "<" * 50_000, ":a" * 50_000, "&amp;" * 50_000, "\ud800" * 5_000, "é́" * 9_000],
)
def test_very_long_text_is_answered(shop: Matcher[str], text: str) -> None:
    assert len(shop.query(text)) <= len(SHOP)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.lists(st.text(max_size=20), max_size=3)), max_size=5), st.text())
def test_no_list_of_phrasings_raises(items: list[tuple[int, list[str]]], text: str) -> None:
    for match in Matcher(items).query(text):
        assert 0 <= match.score <= 1


_built: list[Matcher[str]] = []


def _shared() -> list[Matcher[str]]:
    """Matchers for properties, which cannot take fixtures of a narrower scope: built once."""
    if not _built:
        _built.append(Matcher(SHOP))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(matcher, "COMPARED", 5)
            _built.append(Matcher(SHOP))
    return _built
