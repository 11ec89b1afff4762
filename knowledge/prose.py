"""A reply as plain text: the one place where its fixed sentences stand."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.courtesy import ABOUT
from knowledge.decision import Verdict
from knowledge.entry import Absence, Entry
from knowledge.reply import Answer, Choice, Source

GONE = "This answer is no longer in the library. Please ask the question again."


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


def missing_text(asked: str, verdict: Verdict, entries: dict[str, Entry]) -> str:
    """That nothing approved answers this; what is known instead, and the nearest questions that can be answered."""
    lines = [f"I could not find this in my sources: “{asked}”."]
    if verdict.available:
        lines[0] += (
            f" I have {verdict.metric} for {_listed(verdict.available)}; any other period is not in the sources."
        )
    if verdict.absence:
        lines[0] += f" {verdict.absence.answer}"
        nearest = [entries[key].question for key in verdict.absence.nearest if key in entries]
        lines += ["Nearest to it I can answer:", *(f"- {question}" for question in nearest)] if nearest else []
    else:
        lines[0] += " Try naming the figure and its period, or ask the investor relations team."
    return "\n".join(lines)


def doubt_text(absence: Absence) -> str:
    """What the sources lack, in case that was meant and not what has been answered."""
    return f"If this is not what you asked: {absence.answer}"


def gap_text(verdict: Verdict) -> str:
    """That a series has no figure for some of its periods."""
    return f"I could not find {verdict.metric} for {_listed(verdict.missing)} in my sources."


def _listed(items: Sequence[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def help_text(examples: list[str], opening: str = "") -> str:
    """What the bot answers, with examples."""
    return "\n".join([f"{opening} {ABOUT}".strip(), "For example:", *(f"- {example}" for example in examples)])
