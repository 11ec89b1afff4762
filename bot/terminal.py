"""The bot in a terminal: one reply as a person reads it, and a conversation."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from knowledge import Answer, Knowledge, Question, Reply
from knowledge.prose import source_line

GREETING = "Ask about {titles}. An empty line or Ctrl-D ends."
REMEMBERED = 5
"""How many earlier questions a follow-up may refer to."""


def show(reply: Reply, console: Console | None = None) -> None:
    """Print a reply: laid out where a person looks, as its plain text where a program reads."""
    console = console or Console(highlight=False)
    if not console.is_terminal:
        print(reply.text)
        return
    for answer in reply.answers:
        _show_answer(answer, console)
    for line in reply.notes if reply.answers else [reply.text]:
        console.print(escape(line))


def _show_answer(answer: Answer, console: Console) -> None:
    console.print(f"[bold]{escape(answer.answer)}[/bold]")
    if answer.labels:
        console.print(f"[cyan]{escape(' · '.join(answer.labels))}[/cyan]")
    for source in answer.citations:
        console.print(Padding(f"[italic]“{escape(source.excerpt)}”[/italic]", (0, 0, 0, 2)))
        console.print(Padding(f"[dim]{escape(source_line(source))}[/dim]", (0, 0, 0, 2)))
    console.print()


def converse(knowledge: Knowledge) -> None:
    """Answer line after line until the input ends or an interactive asker enters nothing."""
    console = Console(highlight=False)
    interactive = sys.stdin.isatty()
    if interactive:
        titles = "; ".join(document.title for document in knowledge.documents.values())
        console.print(GREETING.format(titles=titles))
    history: list[str] = []
    while True:
        try:
            text = console.input("[bold]> [/bold]" if interactive else "")
        except (EOFError, KeyboardInterrupt):
            return
        if not text.strip():
            if interactive:
                return
            continue
        show(knowledge.ask(Question(text=text, history=tuple(history[-REMEMBERED:]))), console)
        history.append(text)
