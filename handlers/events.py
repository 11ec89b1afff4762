"""Which events were seen, so that Slack's retries and doubles get no second reply."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

AGE = 3600.0
"""Seconds. Slack's last retry comes about six minutes after the event."""
SIZE = 20_000
"""Slack sends a workspace at most 30,000 events an hour, so even then this holds well over ten minutes."""

Key = tuple[str, ...]


class Seen:
    """A bounded memory of what was seen; safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: OrderedDict[Key, float] = OrderedDict()
        self._lock = Lock()

    def first(self, key: Key) -> bool:
        """Whether `key` is seen for the first time; from now on it is seen."""
        with self._lock:
            now = self._clock()
            self._prune(now)
            if key in self._times:
                return False
            self._times[key] = now
            return True

    def forget(self, key: Key) -> None:
        """Let `key` be seen for the first time again."""
        with self._lock:
            self._times.pop(key, None)

    def _prune(self, now: float) -> None:
        while self._times:
            oldest = next(iter(self._times.values()))
            if len(self._times) < SIZE and now - oldest < AGE:
                return
            self._times.popitem(last=False)
