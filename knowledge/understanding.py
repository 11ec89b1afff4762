"""What a question names: periods, metrics, people, comment and page numbers, figures, basis and kind of statement."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from knowledge.entry import Basis, Document, Entry, Term
from knowledge.library import figures
from knowledge.period import Calendar, Mention
from knowledge.wording import words

Outlook = Literal["ahead", "actual"]

ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth "
    "twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth"
).split()
_ORDINAL = "|".join(sorted((word.replace("-", "[ -]") for word in ORDINALS), key=len, reverse=True))
_COMMENT = re.compile(
    rf"\b(?:comments?|items?|points?|cmts?|para(?:graph)?|nos?\.?|numbers?)\s*(?:no\.?|number|nr\.?|"
    rf"#)?\s*#?(\d{{1,2}})\b(?!\s*(?:%|million|days|\.\d))"
    rf"|(?<![\w$])#(\d{{1,2}})\b|\b({_ORDINAL})\s+(?:\w+\s+)?(?:comment|item|point)\b|\b(\d{{1,2}})(?:st|nd|rd|"
    rf"th)\s+(?:comment|item|point)\b",
    re.I,
)
_PAGES = re.compile(
    r"\b(?:pages?|pgs?\.?|pp?\.)\s*((?:f-?)?\d{1,3}(?:\s*(?:,|and|&|to|-|–)\s*(?:f-?)?\d{1,3})*)|\b(f-\d{1,2})\b", re.I
)
_PAGE = re.compile(r"(?:f-?)?\d{1,3}", re.I)
_AHEAD = re.compile(
    r"\b(guid(?:e|es|ed|ing|ance)|outlook|forecast\w*|expect\w*|project(?:ed|ion|ions)|target\w*|model|"
    r"anticipat\w*|planned|plan|"
    r"will|going to|gonna|next|should we|aim\w*|goal|hop(?:e|ing))\b",
    re.I,
)
_ACTUAL = re.compile(r"\b(actual\w*|reported|was|were|did|came in|landed|ended|printed|posted|result\w*)\b", re.I)
_OUTCOME = re.compile(
    r"\b(actual|actuals|actually|came in|come in|turn(?:ed|s)? out|end(?:ed|s)? up|landed|beat|miss|missed)\b", re.I
)
_NOT_MEANT = re.compile(r"\b(?:not|rather than|instead of|never mind|forget)\s+(?:the\s+|what was\s+)?\w+", re.I)
_NON_GAAP = re.compile(r"\b(non[\s-]?gaap|adjusted|pro[\s-]?forma)\b", re.I)
_GAAP = re.compile(r"\bgaap\b", re.I)
_LETTER = re.compile(
    r"\b(sec|s-1|s1|letter|(?:the|sec) staff|staff['’]?s?(?= (?:ask|want|say|said|request|note|letter|comment|"
    r"accountant|attorney))|comment|comments|regulators?|registration|prospectus|filing|ipo|going public|commission|"
    r"agency)\b",
    re.I,
)
_CALL = re.compile(r"\b(call|transcript|earnings|analysts?|conference|quarter|ceo|cfo|guidance|q&a)\b", re.I)
_BASELINE = re.compile(
    r"\b(?:vs\.?|versus|than|since|relative to|compared (?:to|with)|against|(?P<moved>from|over|on))"
    r"(?: (?:the|in|that of|end of))*\s*$",
    re.I,
)
_MOVED = re.compile(
    r"\b(?:chang\w*|up|down|ris\w+|rose|fell|fall\w*|gr[eo]w\w*|growth|increas\w+|decreas\w+|improv\w+|declin\w+|"
    r"higher|lower|swing|move\w*|jump\w*|drop\w*|differ\w*|delta|better|worse|expand\w*|expansion)\b",
    re.I,
)
_REPLYING = r"calix|company|we|they|counsel|lawyers?|latham|pohlen|registrant"
_REPLY = r"repl(?:y|ies)|responses?|answers?|changes?|reasons?|arguments?|explanations?|justifications?|revisions?"
_WANTS = {
    "money": r"\bhow much\b(?! (?:notice|time|longer|warning|detail))|\bdollars?\b|\$|\bamounts?\b|\bcost\b|"
    r"\bprices?\b|\bpay\b|\bpaid\b|\bbudget\b|\bballpark\b",
    "percent": r"\bper ?cent(?:age)?\b|%|\bproportion\b|\bportion\b|\bfraction\b|\brate\b|\bbps\b|\bbasis "
    r"points\b|\bshare of\b",
    "count": r"\bhow many\b|\bnumber of\b|\bcount\b",
    "name": r"\bwho\b|\bwhose\b|\bwhom\b|\bnames?\b|\bnamed\b|\bwhich (?:analyst|person|executive|company|"
    "companies|firm|vendor|customer|state|countr)",
    "date": r"\bwhen\b|\b(?:what|which) (?:date|day|time|year|month)\b|\btiming\b|\bdeadline\b|\bhow soon\b|"
    r"\bhow long\b",
    "reason": r"\bwhy\b|\breasons?\b|\bdrivers?\b|\bdrove\b|\bpush\w*\b|\bled to\b|\bbrought\b|"
    r"\bwhat (?:was )?behind\b|\bdue to what\b|\bcauses?d?\b|\bhow come\b|\bexplain\w*\b|\brationale\b",
    "reply": rf"\b(?:{_REPLYING})\b.{{0,25}}\b(?:repl(?:y|ied)|"
    r"respond(?:ed)?|answer(?:ed)?|wr[io]te back|agreed?|compl(?:y|ied)|revised?|amended|fix(?:ed)?|hand(?:ed)? over|"
    rf"push(?:ed)? back|(?:make|made|give|gave|offer(?:ed)?) (?:\w+ ){{0,2}}(?:{_REPLY}))\b|"
    rf"\b(?:{_REPLY}) (?:did|has|have|do|does) (?:the )?(?:{_REPLYING}) (?:make|made|give|given|offer|offered)\b|"
    r"\b(?:(?:calix|company|counsel)['’]s|our) (?:reply|response|"
    r"answer)\b|\b(?:second|next|later|further|follow-up) (?:round|letter|set of comments)\b|\bin the end\b",
}
_GIVES = {
    "money": r"\$",
    "percent": r"%|\bpercentage points\b|\b(?:a|one|two)[ -](?:third|half|quarter|fifth|tenth)s?\b|\bhalf\b|\bdoubl\w+|"
    r"\btwice\b",
    "count": r"\b\d[\d,]*\b|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice|both|"
    r"none)\b",
    "name": r"(?:[A-Z][a-z]+ ){1,2}[A-Z][a-z]+",
    "date": r"\b(?:19|20)\d\d\b|\b(?:january|february|march|april|may|june|july|august|september|october|"
    r"november|december|quarter|half|days|weeks|months)\b",
    "reason": r"\b(?:because|due to|driven by|driver|reflect\w*|reason\w*|as a result|since|so that|therefore|"
    r"explain\w*|through|causes?|relate\w*|depend\w*)\b",
    "reply": r"\b(?:repl\w+|respon\w+|answer\w*|said|told)\b",
}
WANTS = tuple(_WANTS)
"""The sorts of thing that a question may want and an answer may give."""
_WANT_PATTERNS = {sort: re.compile(pattern, re.I) for sort, pattern in _WANTS.items()}
_GIVE_PATTERNS = {sort: re.compile(pattern, 0 if sort == "name" else re.I) for sort, pattern in _GIVES.items()}
_OWN_PERIOD = re.compile(
    r"\b(?:Q[1-4]|H[12]|FY) ?\d{4}\b|\b(?:of|in|for|at|year|end|quarter|end of) (?:19|20)\d\d\b|\bcomment \d+\b|"
    r"\bpages? [\d, F-]+",
    re.I,
)


def gives(answer: str) -> frozenset[str]:
    """The sorts of thing that an answer gives: an amount of money, a share, a count, a name, a time, a reason."""
    bare = _OWN_PERIOD.sub(" ", answer)
    return frozenset(
        sort
        for sort, pattern in _GIVE_PATTERNS.items()
        if pattern.search(bare if sort in ("money", "percent", "count") else answer)
    )


@dataclass(frozen=True)
class Understanding:
    """What was recognised in a question; empty where nothing was.

    `baselines` are those of the periods that another is only compared with; `outcome` says that what something came to
    is wanted, whatever was expected.
    """

    text: str
    periods: tuple[str, ...] = ()
    baselines: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    comments: frozenset[int] = frozenset()
    pages: frozenset[str] = frozenset()
    figures: frozenset[float] = frozenset()
    outlook: Outlook | None = None
    outcome: bool = False
    basis: Basis | None = None
    wants: frozenset[str] = frozenset()
    letter: bool = False
    call: bool = False


class Reader:
    """Reads questions and entries with the library's own glossary, people and periods."""

    def __init__(self, documents: Iterable[Document], terms: Iterable[Term], calendar: Calendar) -> None:
        self.calendar = calendar
        self._terms = _Phrases({word: term.term for term in terms for word in (term.term, *term.words)})
        self._people = _Phrases(
            {
                alias: person.name
                for doc in documents
                for person in doc.people
                for alias in (person.name, *person.aliases)
            }
        )

    def read(self, text: str) -> Understanding:
        """What `text`, clean and corrected, names."""
        mentions = self.calendar.mentions(text)
        comments = frozenset(_comment_number(match) for match in _COMMENT.finditer(text))
        pages = frozenset(
            _page(page) for match in _PAGES.finditer(text) for page in _PAGE.findall(match.group(1) or match.group(2))
        )
        rest = _PAGES.sub(" ", _COMMENT.sub(" ", _without(text, [(m.start, m.end) for m in mentions])))
        meant = _NOT_MEANT.sub(" ", text)
        ahead, actual = _AHEAD.search(meant), _ACTUAL.search(meant)
        basis: Basis | None = None
        if _NON_GAAP.search(text):
            basis = "Non-GAAP"
        elif _GAAP.search(text):
            basis = "GAAP"
        return Understanding(
            text=text,
            periods=tuple(dict.fromkeys(mention.meaning for mention in mentions)),
            baselines=frozenset(mention.meaning for mention in mentions if _is_baseline(text[: mention.start], text)),
            terms=frozenset(self._terms.find(text)),
            people=frozenset(self._people.find(text)),
            comments=comments,
            pages=pages,
            figures=frozenset(number for number in figures(rest) if number > 2),
            outlook=None if bool(ahead) == bool(actual) else "ahead" if ahead else "actual",
            outcome=bool(_OUTCOME.search(text)),
            basis=basis,
            wants=frozenset(sort for sort, pattern in _WANT_PATTERNS.items() if pattern.search(text)),
            letter=bool(_LETTER.search(text)) or bool(comments) or bool(pages),
            call=bool(_CALL.search(text)),
        )

    def term_mentions(self, text: str) -> list[Mention]:
        """The glossary's terms in `text` and where they stand, but for words of outlook."""
        return [mention for mention in self._terms.mentions(text) if mention.meaning != "guidance"]

    def rest(self, text: str) -> frozenset[str]:
        """The words of `text` that name neither a period nor a term."""
        spans = [(m.start, m.end) for m in (*self.calendar.mentions(text), *self._terms.mentions(text))]
        return frozenset(words(_without(text, sorted(spans))))

    def people_in(self, entry: Entry) -> frozenset[str]:
        """The people an entry says something of, in its question, answer, excerpts and attributions."""
        parts = [entry.question, entry.answer, entry.said_by or "", entry.asked_by or ""]
        parts += [f"{citation.excerpt} {citation.speaker or ''}" for citation in entry.citations]
        return frozenset(self._people.find(" ; ".join(parts)))

    def terms_in(self, text: str) -> frozenset[str]:
        """The glossary's terms in `text`."""
        return frozenset(self._terms.find(text))


class _Phrases:
    """Finds the longest known phrases in a text and gives their meanings."""

    def __init__(self, meanings: dict[str, str]) -> None:
        self._meanings = {phrase.lower(): meaning for phrase, meaning in meanings.items()}
        longest_first = sorted(self._meanings, key=lambda phrase: (-len(phrase), phrase))
        self._pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?![\w-])", re.I)

    def find(self, text: str) -> list[str]:
        return [mention.meaning for mention in self.mentions(text)]

    def mentions(self, text: str) -> list[Mention]:
        return [Mention(self._meanings[m.group().lower()], m.start(), m.end()) for m in self._pattern.finditer(text)]


def _is_baseline(before: str, text: str) -> bool:
    """Whether what follows `before` is what something is compared with, as the quarter in "up from Q3"."""
    match = _BASELINE.search(before)
    return match is not None and (match["moved"] is None or _MOVED.search(text) is not None)


def _comment_number(match: re.Match[str]) -> int:
    word = next(group for group in match.groups() if group)
    return int(word) if word.isdigit() else ORDINALS.index(word.lower().replace(" ", "-")) + 1


def _page(text: str) -> str:
    page = text.upper()
    return page if "-" in page or not page.startswith("F") else f"F-{page[1:]}"


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return text
