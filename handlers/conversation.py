"""What was asked before in a thread, for questions that follow up."""

from __future__ import annotations

from collections import OrderedDict, deque
from threading import Lock
from typing import NamedTuple

THREADS = 5_000
QUESTIONS = 5
CHARACTERS = 1_000
"""A longer question is remembered by its beginning."""


class Thread(NamedTuple):
    """A thread in Slack; `ts` is that of its first message."""

    team: str
    channel: str
    ts: str


class Conversations:
    """The last questions of the threads last active; safe to share between threads of execution."""

    def __init__(self) -> None:
        self._questions: OrderedDict[Thread, deque[str]] = OrderedDict()
        self._lock = Lock()

    def add(self, thread: Thread, question: str) -> tuple[str, ...]:
        """Record a question of this thread; what was asked in it before, oldest first."""
        with self._lock:
            questions = self._questions.setdefault(thread, deque(maxlen=QUESTIONS))
            self._questions.move_to_end(thread)
            if len(self._questions) > THREADS:
                self._questions.popitem(last=False)
            earlier = tuple(questions)
            questions.append(question[:CHARACTERS])
            return earlier
