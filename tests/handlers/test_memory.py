from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from handlers import conversation, events
from handlers.conversation import Conversations, Thread
from handlers.events import Seen


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_event_is_remembered_for_at_least_ten_minutes_and_not_for_ever() -> None:
    clock = Clock()
    seen = Seen(clock)
    assert seen.first(("T", "C", "1"))
    clock.now = 601
    assert not seen.first(("T", "C", "1"))
    clock.now = events.AGE
    assert seen.first(("T", "C", "1"))


def test_the_memory_of_events_stays_within_its_size() -> None:
    seen = Seen(Clock())
    for number in range(events.SIZE + 10):
        assert seen.first((str(number),))
    assert seen.first(("0",))
    assert not seen.first((str(events.SIZE),))


def test_one_of_many_threads_sees_an_event_first() -> None:
    seen = Seen()
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: seen.first(("T", "C", "1")), range(200))) == 1


def test_a_conversation_keeps_the_last_questions_oldest_first() -> None:
    conversations = Conversations()
    thread = Thread("T", "C", "1")
    for number in range(conversation.QUESTIONS + 2):
        conversations.add(thread, f"question {number}")
    expected = tuple(f"question {number}" for number in range(2, conversation.QUESTIONS + 2))
    assert conversations.add(thread, "x" * 10_000) == expected
    assert len(conversations.add(thread, "last")[-1]) == conversation.CHARACTERS


def test_the_conversations_last_active_are_kept() -> None:
    conversations = Conversations()
    oldest = Thread("T", "C", "first")
    conversations.add(oldest, "a")
    for number in range(conversation.THREADS - 1):
        conversations.add(Thread("T", "C", str(number)), "b")
    assert conversations.add(oldest, "c") == ("a",)
    conversations.add(Thread("T", "C", "one more"), "d")
    assert conversations.add(oldest, "e") == ("a", "c")
    assert conversations.add(Thread("T", "C", "0"), "f") == ()
