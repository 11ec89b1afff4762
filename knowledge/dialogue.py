"""How questions come: several in one message, or leaning on the one before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from knowledge.metrics import FILLERS
from knowledge.period import Mention
from knowledge.understanding import ORDINALS, Reader, Understanding
from knowledge.wording import words

MAX_PARTS = 5
FRAGMENT = 4
"""So few words of a message are no question without the metric or period that the others name."""
_LEAD = re.compile(
    r"^(?:(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening)|dear \w+|thanks|thank you|please|pls|sorry|"
    r"(?:a |one )?(?:quick|dumb|silly|stupid|simple|another) (?:one|q|question)|(?:two|three|couple of|"
    r"a few) (?:quick )?(?:things|questions)|"
    r"question|newbie here|wait|hmm|fyi|ok(?:ay)?|so|um+|well|btw|lol|and)\b(?: (?:all|team|there|guys|everyone|folks|"
    r"irbot))?[\s,.:;!–-]+)+",
    re.I,
)
_SENTENCE = re.compile(
    r"(?<=[?!])\s+|(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\bInc)(?<=[a-z)\]])\.\s+(?=[A-Z])|\s*;\s+|\n+"
)
_JOINT = re.compile(
    r",?\s+(?:and\s+(?:also|separately|then)|as well as|plus|along with|and)\s*,?\s+|"
    r"\s+&\s+|(,)\s+(?:also\s+)?(?=\w)|\s+[+/]\s+",
    re.I,
)
_ASKING = re.compile(
    r"^(?:what|who|whose|when|where|why|which|how|did|does|do|is|are|was|were|can|could|has|have|will|give|tell|list|"
    r"name)\b",
    re.I,
)
_OF_A_METRIC = frozenset(
    "actual against also change compared decline decrease end expected from growth high increase low midpoint over "
    "range rise same target then too trend versus vs".split()
)
"""What a part may say of a metric that it does not name."""
_CONDITION = re.compile(
    r"^(?:if|when(?! (?:did|do|does|is|are|was|were|will|can|has|have|had)\b)|suppose|assuming|given|since|because|"
    r"although|while|as|once|after|before)\b",
    re.I,
)
_OPEN = re.compile(r"^(?:which|what|whose|when|where|how (?:many|much|long|far))\b", re.I)
_QUESTION_WORD = re.compile(r"\b(?:what|who|whose|when|where|why|which|how)\b", re.I)
_APPOSED = re.compile(
    r"^(?:not|rather than|i\.?e\b|e\.?g\b|meaning|that is|especially|"
    r"what(?:['’]?s| is| was) the (?:gist|upshot|deal)\b)",
    re.I,
)
_ITEM = re.compile(r"(?:[\s,;]+(?:and|&)\b)?(?:^|[\s,;]+)\(?[1-5]\)\s*", re.I)
_PREPOSITION = re.compile(r"(?:on|in|for|of|about|to|from|by|with|at)\b", re.I)
_FIXED = re.compile(
    r"\b(?:sales (?:and|&) marketing|research (?:and|&) development|general (?:and|&) administrative|"
    r"plant (?:and|&) equipment|mergers? (?:and|&) acquisitions?|questions? (?:and|&) answers?)\b",
    re.I,
)
"""What an "and" does not part."""
_BETWEEN = re.compile(r"\b(?:between|both)\s[^,;]*$", re.I)
_HEAD = re.compile(
    r"^(?:(?:what|which|who|whom|whose|when|where|why|how(?: (?:much|many|far|long|often|quickly|big|high|low)\b)?|do|"
    r"does|did|is|are|was|were|can|could|would|will|has|have|had|tell me|give me|remind me)(?:['’]?s|['’]d)?\b\s*)+",
    re.I,
)
_ORDINAL = re.compile(rf"\b(?:{'|'.join(ORDINALS[:10])}|last)\b", re.I)
_ANAPHORA = re.compile(
    r"\b(it|its|that|this|those|these|they|them|their|he|his|she|her|same|there|one|ones|then|instead|else|other|"
    r"either|so)\b",
    re.I,
)
_PRONOUN = re.compile(r"\b(?:it|its|they|them|their|his|her|he|she|whose)\b", re.I)
_NUMBERED = re.compile(r"\bcomments?\s+(\d{1,2})\s*(?:and|&|,)\s*(?:comment\s+)?(\d{1,2})\b", re.I)
_SOURCE = re.compile(
    r"\b(?:who (?:said|says|told|stated|gave)|says who|source|where (?:is|does|did|do|was|in)|which (?:page|document|"
    r"part)|"
    r"quote|sure|really|verbatim|exact words|repeat|again)\b",
    re.I,
)
_STEP = re.compile(
    r"\b(next|following|one (?:right |directly |straight |just )?after|subsequent)\b|"
    r"\b(?:previous|preceding|prior|one before|before (?:that|it))\b",
    re.I,
)
_OPENING = re.compile(
    r"^(?:and|or|but|so|then|also|what about|how about|why|how come|how so|since when|who says|says who|who said|"
    r"(?:(?:is|was) (?:it|that) )?(?:bigger|smaller|higher|lower|better|worse|(?:going )?(?:up|down))|with|"
    r"who asked|by how much|"
    r"versus|vs|compared|against|in which|for which|because|meaning|really|ok|for|in|the|same)\b",
    re.I,
)
_SELF_CONTAINED = 8
"""A question of this many words that leans on nothing is complete."""


class Part(NamedTuple):
    """One of several questions in a message; `leans` says that it may leave open what the one before names."""

    text: str
    leans: bool = False


def without_greeting(text: str) -> str:
    """`text` without the greeting or filler before its question; unchanged when nothing else is there."""
    return _LEAD.sub("", text).strip() or text


def parts(text: str, reader: Reader) -> list[Part]:
    """The questions that a message may consist of; just `text` when it is one.

    What the others share is given to each: what stands before a colon, and the periods or the metric that only one of
    them names.
    """
    shared, body = _before_colon(text)
    numbered = _NUMBERED.search(text)
    if numbered:
        return [Part(_NUMBERED.sub(f"comment {number}", text, count=1)) for number in numbered.groups()]
    head, *items = _ITEM.split(text)
    if len(items) > 1:
        return [Part(f"{head} {item}".strip()) for item in items[:MAX_PARTS]]
    pieces = [piece for sentence in _SENTENCE.split(body) for piece in _pieces(sentence, reader)]
    if not 2 <= len(pieces) <= MAX_PARTS:
        return [Part(text)]
    completed: list[Part] = []
    for piece in pieces:
        leans = bool(completed) and (_PRONOUN.search(piece) is not None or not _names(reader.read(piece)))
        full = _parallel(completed[-1].text, piece) if completed else piece
        completed.append(Part(_completed(f"{shared} {full}".strip(), pieces, reader), leans))
    return completed


def asks_twice(text: str) -> bool:
    """Whether a conjunction is followed by a question word: the second part is a question of its own."""
    joints = [joint.end() for joint in _JOINT.finditer(text)] + [match.end() for match in _SENTENCE.finditer(text)]
    return any(_ASKING.match(text[end:]) for end in joints)


def leaning(asked: Understanding) -> float:
    """How much a question seems to lean on an earlier one, 0 to 1: a fragment, or a pronoun in place of a subject."""
    count = len(words(asked.text))
    if _OPENING.match(asked.text) or count <= 2:
        return 1.0
    if _ANAPHORA.search(asked.text):
        return 0.8 if count < _SELF_CONTAINED else 0.5
    complete = (count >= _SELF_CONTAINED and _names(asked)) or (asked.terms and asked.periods)
    return 0.0 if complete else 0.3


def asks_for_source(text: str) -> bool:
    """Whether a follow-up asks who said the answer just given, or where: the same answer shows it."""
    return _SOURCE.search(text) is not None


def is_bare(asked: Understanding) -> bool:
    """Whether a question says nothing of its own, as "why so low?" does."""
    if _names(asked):
        return False
    count = len(words(asked.text))
    return (count <= FRAGMENT and _OPENING.match(asked.text) is not None) or (
        count <= 2 and _OPEN.match(asked.text) is not None
    )


def _names(asked: Understanding) -> bool:
    return bool(asked.terms or asked.people or asked.comments or asked.pages)


def resumed(asked: Understanding, earlier: Understanding, reader: Reader) -> list[str]:
    """Readings of a question in the light of an earlier one, the most literal first.

    The earlier question with the new metric, period or ordinal in place of its own; the new one with the earlier one's
    subject; the two in a row.
    """
    step = _STEP.search(asked.text)
    number = re.fullmatch(r"\W*(\d{1,2})\W*", asked.text)
    if earlier.comments and (step or number):
        after = max(earlier.comments) + 1 if step and step.group(1) else min(earlier.comments) - 1
        return [f"comment {number.group(1) if number else after}"]
    readings = []
    text = earlier.text
    old_periods = reader.calendar.mentions(text)
    calendar = reader.calendar.after(old_periods[-1].meaning) if old_periods else reader.calendar
    new_periods = calendar.mentions(asked.text)
    new_terms, old_terms = reader.term_mentions(asked.text), reader.term_mentions(text)
    word = len(words(asked.text)) == 1 and not (new_periods or _OPEN.match(asked.text) or _OPENING.match(asked.text))
    if old_terms and (new_terms or word):
        new = asked.text[new_terms[0].start : new_terms[0].end] if new_terms else asked.text.strip(" ?.!")
        text = _replaced(text, old_terms[0], new)
        old_periods = reader.calendar.mentions(text)
    if new_periods and old_periods:
        text = _replaced(text, old_periods[0], new_periods[0].meaning)
    elif new_periods:
        text = f"{text} {new_periods[0].meaning}"
    new_ordinal, old_ordinal = _ORDINAL.search(asked.text), _ORDINAL.search(text)
    if new_ordinal and old_ordinal:
        text = f"{text[: old_ordinal.start()]}{new_ordinal.group()}{text[old_ordinal.end() :]}"
    if text != earlier.text:
        readings.append(text)
    readings.append(f"{asked.text} {_subject(earlier, reader)}")
    readings.append(f"{earlier.text} {asked.text}")
    return readings


def _subject(earlier: Understanding, reader: Reader) -> str:
    """What an earlier question is about: the terms and periods it names, or all of it but its question words."""
    terms = reader.term_mentions(earlier.text)
    if not terms:
        return _HEAD.sub("", earlier.text)
    mentions = sorted((*terms, *reader.calendar.mentions(earlier.text)), key=lambda mention: mention.start)
    return " ".join(earlier.text[mention.start : mention.end] for mention in mentions)


def _pieces(sentence: str, reader: Reader) -> list[str]:
    """What conjunctions and commas part; after a comma alone only a question or a metric, not an apposition."""
    pieces: list[str] = []
    start, comma = 0, False
    for joint in [*_joints(sentence), None]:
        piece = sentence[start : joint.start() if joint else len(sentence)].strip(" ,.;")
        apposition = comma and not _ASKING.match(piece) and not reader.term_mentions(piece)
        apposition = apposition or _APPOSED.match(piece) is not None
        if pieces and (apposition or (comma and _CONDITION.match(pieces[-1]))):
            pieces[-1] = f"{pieces[-1]}, {piece}"
        elif words(piece):
            pieces.append(piece)
        if joint:
            start, comma = joint.end(), joint.group(1) is not None
    return pieces


def _joints(sentence: str) -> Iterator[re.Match[str]]:
    """The conjunctions and commas of a sentence, but for the "and" of a fixed name or with "between" or "both"."""
    end = 0
    fixed = [match.span() for match in _FIXED.finditer(sentence)]
    for joint in _JOINT.finditer(sentence):
        if any(start <= joint.start() < stop for start, stop in fixed):
            continue
        if joint.group().strip() != "and" or not _BETWEEN.search(sentence[end : joint.start()]):
            yield joint
        end = joint.end()


def _before_colon(text: str) -> tuple[str, str]:
    head, colon, body = text.partition(":")
    if colon and len(words(head)) <= 4 and len(words(body)) >= 3 and not re.search(r"\d$", head):
        return head.strip(), body.strip()
    return "", text


def _parallel(before: str, piece: str) -> str:
    """A piece that starts with a preposition, after what stands before the same preposition in the piece before."""
    starts = _PREPOSITION.match(piece)
    if not starts or _QUESTION_WORD.search(piece):
        return piece
    places = [match.start() for match in re.finditer(rf"\b{starts.group()}\b", before, re.I)]
    return f"{before[: places[-1]]}{piece}" if places else piece


def _completed(piece: str, pieces: list[str], reader: Reader) -> str:
    whole = " ".join(pieces)
    short = len(words(piece)) <= FRAGMENT
    question = _ASKING.match(piece) is not None
    named = reader.term_mentions(piece)
    if (named or (short and not question)) and not reader.calendar.mentions(piece) and not reader.read(piece).letter:
        with_periods = [other for other in pieces if reader.calendar.mentions(other)]
        # Of two questions, the second may leave out the first one's period, but hardly the other way round.
        if len(with_periods) == 1 and not (question and whole.startswith(piece) and _ASKING.match(with_periods[0])):
            mentions = reader.calendar.mentions(with_periods[0])
            piece = f"{piece} {with_periods[0][mentions[0].start : mentions[-1].end]}"
    if not named and short and reader.calendar.mentions(piece) and not reader.rest(piece) - FILLERS - _OF_A_METRIC:
        terms = reader.term_mentions(whole)
        if terms:
            piece = f"{whole[terms[0].start : terms[0].end]} {piece}"
    return piece


def _replaced(text: str, mention: Mention, replacement: str) -> str:
    return f"{text[: mention.start]}{replacement}{text[mention.end :]}"
