"""What replies look like in Slack: pure functions from knowledge to Block Kit, within Slack's limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from knowledge import Answer, Document, Knowledge, Reply
from knowledge.prose import source_line

CHOOSE = "choose_entry"
SHARE = "share_answer"
EXAMPLE = "ask_example"
"""Action ids. A row of buttons numbers them, `choose_entry_1`, because Slack wants each one once in a block."""

MAX_BLOCKS = 50
MAX_CHARACTERS = 10_000
"""Over all blocks; Slack refuses somewhere above 12,000 (slackapi/bolt-js #2509)."""
MAX_SECTION = 3_000
MAX_CONTEXT = 2_000
MAX_TEXT = 12_000
MAX_BUTTONS = 25
MAX_LABEL = 75
MAX_VALUE = 2_000
MAX_DOCUMENTS = 40

CUT = "The rest does not fit into one Slack message: ask for less at once."
HELP = (
    "Ask me an investor-relations question: mention me in a channel, write to me directly, or type "
    "`/ir` and your question for an answer that only you see. "
    "I answer from approved entries only, each with the passage it rests on."
)

Block = dict[str, Any]


class Message(NamedTuple):
    """A message as Slack takes it; `text` says all of it without the blocks."""

    text: str
    blocks: list[Block]


def answer_message(reply: Reply) -> Message:
    """A reply for everyone in the thread."""
    return _message(reply, _body(reply), _choices(reply))


def private_message(reply: Reply) -> Message:
    """A reply that one person sees, with a button that shares its answers."""
    entries = " ".join(answer.entry for answer in reply.answers)
    share = [_actions([_button("Share with the channel", SHARE, entries)])] if reply.answers else []
    return _message(reply, _body(reply), [*_choices(reply), *share])


def shared_message(reply: Reply, user: str) -> Message:
    """The same answers for the whole channel, saying who shared them."""
    lead = f"Shared by <@{user}>"
    return _message(reply, [_context(lead), *_body(reply)], [], lead)


def chosen_message(reply: Reply, user: str) -> Message:
    """What one person in a thread picked with a button, for all who read it."""
    lead = f"<@{user}> asked"
    return _message(reply, [_context(lead), *_body(reply)], _choices(reply), lead)


def help_message(examples: list[str]) -> Message:
    """How to ask, with examples to click."""
    text = "\n".join([HELP, "For example:", *(f"• {escape(example)}" for example in examples)])
    return Message(text, [_section(HELP), _examples(examples)])


def home_view(knowledge: Knowledge) -> dict[str, Any]:
    """The Home tab: what the bot knows and how fresh it is."""
    newest_first = sorted(knowledge.documents.values(), key=lambda document: document.date, reverse=True)
    count = f"*{len(knowledge.entries)}* approved answers from *{len(newest_first)}* documents"
    blocks = [
        {"type": "header", "text": _plain("What I know")},
        _section(f"{count}, the newest of {_day(newest_first[0])}."),
        *(_section(_describe(document, knowledge)) for document in newest_first[:MAX_DOCUMENTS]),
        {"type": "divider"},
        _section(HELP),
        _context("Try one of these; the answer comes under *Messages*."),
        _examples(knowledge.examples),
    ]
    return {"type": "home", "blocks": blocks}


def escape(text: str) -> str:
    """Text that no mention, link or broadcast can come out of."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _message(reply: Reply, body: list[Block], buttons: list[Block], lead: str | None = None) -> Message:
    text = escape(reply.text) if lead is None else f"{lead}:\n{escape(reply.text)}"
    return Message(_cut(text, MAX_TEXT), _fit(body, buttons))


def _body(reply: Reply) -> list[Block]:
    if not reply.answers:
        return list(_paragraphs(reply.text))
    blocks: list[Block] = []
    for answer in reply.answers:
        blocks += [{"type": "divider"}] if blocks else []
        blocks += _answer(answer)
    for note in reply.notes:
        blocks += _paragraphs(note)
    return blocks


def _answer(answer: Answer) -> Iterator[Block]:
    yield from _paragraphs(answer.question, {"bold": True})
    yield from _paragraphs(answer.answer)
    yield from _small_print(" · ".join(answer.labels))
    for source in answer.citations:
        yield from _paragraphs(source.excerpt, element="rich_text_quote")
        yield from _small_print(source_line(source))


def _choices(reply: Reply) -> list[Block]:
    choices = enumerate(reply.choices[:MAX_BUTTONS], 1)
    buttons = [_button(choice.label.strip() or choice.question, f"{CHOOSE}_{n}", choice.entry) for n, choice in choices]
    return [_actions(buttons)] if buttons else []


def _examples(examples: list[str]) -> Block:
    return _actions([_button(example, f"{EXAMPLE}_{n}", example) for n, example in enumerate(examples, 1)])


def _describe(document: Document, knowledge: Knowledge) -> str:
    cited = [{citation.document for citation in entry.citations} for entry in knowledge.entries.values()]
    count = sum(document.id in documents for documents in cited)
    return f"*{escape(document.title)}*\n{escape(document.kind)}, {_day(document)}: {count} answers"


def _day(document: Document) -> str:
    return f"{document.date.day} {document.date:%B %Y}"


def _fit(body: list[Block], buttons: list[Block]) -> list[Block]:
    """As many whole blocks as Slack takes, then a note if some had to go, then the buttons."""
    room = MAX_CHARACTERS - sum(map(_length, buttons)) - len(CUT)
    kept: list[Block] = []
    for block in body:
        room -= _length(block)
        if room < 0 or len(kept) + len(buttons) + 1 >= MAX_BLOCKS:
            return [*kept, _context(CUT), *buttons]
        kept.append(block)
    return kept + buttons


def _length(node: object) -> int:
    if isinstance(node, dict):
        return len(node["text"]) if isinstance(node.get("text"), str) else sum(map(_length, node.values()))
    return sum(map(_length, node)) if isinstance(node, list) else 0


def _paragraphs(text: str, style: dict[str, bool] | None = None, element: str = "rich_text_section") -> Iterator[Block]:
    # Rich text is shown to the letter; in mrkdwn, "~$80 million to ~$90 million" would come out struck through.
    for piece in _pieces(_inert(text)):
        leaf = {"type": "text", "text": piece} | ({"style": style} if style else {})
        yield {"type": "rich_text", "elements": [{"type": element, "elements": [leaf]}]}


def _small_print(text: str) -> Iterator[Block]:
    if text.strip():
        yield _context(escape(text))


def _pieces(text: str) -> Iterable[str]:
    while len(text) > MAX_SECTION:
        cut = max(text.rfind(" ", 0, MAX_SECTION), text.rfind("\n", 0, MAX_SECTION)) + 1 or MAX_SECTION
        yield text[:cut]
        text = text[cut:]
    if text.strip():
        yield text


def _inert(text: str) -> str:
    """Literal text in which an opening bracket can begin no mention or link, whatever reads the block later."""
    return re.sub(r"<(?=[!@#]|[a-z]+:)", "<\u2060", text, flags=re.IGNORECASE)


def _section(mrkdwn: str) -> Block:
    return {"type": "section", "text": _mrkdwn(_cut(mrkdwn, MAX_SECTION))}


def _context(mrkdwn: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(_cut(mrkdwn, MAX_CONTEXT))]}


def _mrkdwn(text: str) -> Block:
    # Without verbatim, Slack makes links and mentions out of bare addresses, #names and @here.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _actions(buttons: list[Block]) -> Block:
    return {"type": "actions", "elements": buttons}


def _button(label: str, action_id: str, value: str) -> Block:
    return {
        "type": "button",
        "text": _plain(_cut(_inert(label), MAX_LABEL)),
        "action_id": action_id,
        "value": value[:MAX_VALUE],
    }


def _cut(text: str, size: int) -> str:
    """`text` within `size` characters, ending in an ellipsis and never inside an escaped character."""
    if len(text) <= size:
        return text
    return re.sub(r"&\w{0,3}$", "", text[: size - 1]) + "…"
