"""A reply as plain text: the one place where its fixed sentences stand."""

from __future__ import annotations

from knowledge.reply import Answer, Choice, Source

NOTHING_ASKED = (
    "Ask me about Calix's fourth quarter 2011 results or the SEC staff's 2009 letter, for example: {example}"
)


def source_line(source: Source) -> str:
    """Speaker, document, date and place of a citation, in one line."""
    return ", ".join(part for part in (source.speaker, source.title, source.date, source.locator) if part)


def answer_text(answer: Answer) -> str:
    """An answer with its labels, and each excerpt above its source."""
    lines = [answer.answer]
    if answer.labels:
        lines.append(f"[{' · '.join(answer.labels)}]")
    for source in answer.citations:
        lines += [f"> {source.excerpt}", f"  {source_line(source)}"]
    return "\n".join(lines)


def choices_text(choices: list[Choice]) -> str:
    """The question back to the asker: which of these?"""
    return "\n".join(["Which one do you mean?", *(f"- {choice.question} [{choice.label}]" for choice in choices)])


def not_found_text(asked: str) -> str:
    """That nothing approved answers this, and what to do."""
    return (
        f"I could not find this in my sources: “{asked}”. "
        "Try naming the figure and its period, or ask the investor relations team."
    )
