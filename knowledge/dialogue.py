"""How questions come: several in one message, or leaning on the one before."""

from __future__ import annotations

import re

from knowledge.period import Mention
from knowledge.understanding import Reader, Understanding
from knowledge.wording import words

MAX_PARTS = 5
_LEAD = re.compile(
    r"^(?:(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening)|dear \w+|thanks|thank you|please|pls|sorry|"
    r"quick (?:one|question)|"
    r"question|fyi|ok(?:ay)?|so|um+|well|btw|lol|and)\b(?: (?:all|team|there|guys|everyone|folks|"
    r"irbot))?[\s,.:;!–-]+)+",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[?!])\s+|(?<=[a-z)\]])\.\s+(?=[A-Z])|\s*;\s+|\n+")
_JOINT = re.compile(
    r",?\s+(?:and\s+(?:also|separately|then)|as well as|plus|along with|and)\s*,?\s+|\s+&\s+|"
    r",\s+(?:also\s+)?(?=\w)|\s+\+\s+",
    re.I,
)
_ANAPHORA = re.compile(
    r"\b(it|its|that|this|those|these|they|them|their|he|his|she|her|same|there|one|ones|then|instead|else|other|"
    r"either|so)\b",
    re.I,
)
_PRONOUN = re.compile(r"\b(?:it|its|that|this|those|they|them|their|his|her|he|she|whose)\b", re.I)
_NUMBERED = re.compile(r"\bcomments?\s+(\d{1,2})\s*(?:and|&|,)\s*(?:comment\s+)?(\d{1,2})\b", re.I)
_OPENING = re.compile(
    r"^(?:and|or|but|so|then|also|what about|how about|why|how come|how so|since when|who says|says who|who said|"
    r"who asked|by how much|"
    r"versus|vs|compared|against|in which|for which|because|meaning|really|ok|for|in|the|same)\b",
    re.I,
)
_SELF_CONTAINED = 8
"""A question of this many words that leans on nothing is complete."""


def without_greeting(text: str) -> str:
    """`text` without the greeting or filler before its question; unchanged when nothing else is there."""
    return _LEAD.sub("", text).strip() or text


def parts(text: str, reader: Reader) -> list[str]:
    """The questions that a message may consist of, each able to stand alone; just `text` when it is one.

    What the others share is given to each: what stands before a colon, the question before a pronoun, and a period or
    metric that only one of them names.
    """
    shared, body = _before_colon(text)
    numbered = _NUMBERED.search(text)
    if numbered:
        return [_NUMBERED.sub(f"comment {number}", text, count=1) for number in numbered.groups()]
    pieces = [piece for sentence in _SENTENCE.split(body) for piece in _JOINT.split(sentence)]
    pieces = [piece.strip(" ,.;") for piece in pieces if piece and words(piece)]
    if not 2 <= len(pieces) <= MAX_PARTS:
        return [text]
    completed: list[str] = []
    for piece in pieces:
        if _PRONOUN.search(piece) and completed:
            completed.append(f"{completed[-1]} {piece}")
        else:
            completed.append(_completed(f"{shared} {piece}".strip(), pieces, reader))
    return completed


def leaning(asked: Understanding) -> float:
    """How much a question seems to lean on an earlier one, 0 to 1: a fragment, or a pronoun in place of a subject."""
    count = len(words(asked.text))
    if _OPENING.match(asked.text) or count <= 2:
        return 1.0
    if _ANAPHORA.search(asked.text):
        return 0.8 if count < _SELF_CONTAINED else 0.5
    return 0.3 if count < _SELF_CONTAINED else 0.0


def resumed(asked: Understanding, earlier: Understanding, reader: Reader) -> list[str]:
    """Readings of a question in the light of an earlier one, the most literal first.

    The earlier question with the new metric or period in place of its own; the two in a row.
    """
    readings = []
    text = earlier.text
    new_periods, old_periods = reader.calendar.mentions(asked.text), reader.calendar.mentions(text)
    new_terms, old_terms = reader.term_mentions(asked.text), reader.term_mentions(text)
    if new_terms and old_terms:
        text = _replaced(text, old_terms[0], asked.text[new_terms[0].start : new_terms[0].end])
        old_periods = reader.calendar.mentions(text)
    if new_periods and old_periods:
        text = _replaced(text, old_periods[0], asked.text[new_periods[0].start : new_periods[0].end])
    elif new_periods:
        text = f"{text} {asked.text[new_periods[0].start : new_periods[0].end]}"
    if text != earlier.text:
        readings.append(text)
    readings.append(f"{earlier.text} {asked.text}")
    return readings


def _before_colon(text: str) -> tuple[str, str]:
    head, colon, body = text.partition(":")
    if colon and len(words(head)) <= 4 and len(words(body)) >= 3 and not re.search(r"\d$", head):
        return head.strip(), body.strip()
    return "", text


def _completed(piece: str, pieces: list[str], reader: Reader) -> str:
    whole = " ".join(pieces)
    if not reader.calendar.mentions(piece):
        named = reader.calendar.periods(whole)
        if len(named) == 1:
            mention = reader.calendar.mentions(whole)[0]
            piece = f"{piece} {whole[mention.start : mention.end]}"
    if not reader.term_mentions(piece) and reader.calendar.mentions(piece) and len(words(piece)) <= 3:
        terms = reader.term_mentions(whole)
        if terms:
            piece = f"{whole[terms[0].start : terms[0].end]} {piece}"
    return piece


def _replaced(text: str, mention: Mention, replacement: str) -> str:
    return f"{text[: mention.start]}{replacement}{text[mention.end :]}"
