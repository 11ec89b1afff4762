"""Where questions are taken in, whatever surface they come from."""

from __future__ import annotations

from typing import Any

from slack_bolt import BoltContext
from slack_sdk import WebClient

from handlers import blocks, delivery
from handlers.conversation import Conversations, Thread
from handlers.events import Seen
from handlers.wording import question_text
from knowledge import Knowledge, Question, Reply


class Desk:
    """What the listeners share: the knowledge, and the memory of events and conversations."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.conversations = Conversations()
        self.seen = Seen()

    def answer(self, event: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """Answer a message in its thread, once, however often Slack delivers it and as whatever event."""
        team, channel, ts = context.team_id or "", event["channel"], event["ts"]
        if not self.seen.first((team, channel, ts)):
            return
        thread = Thread(team, channel, event.get("thread_ts") or ts)
        text = question_text(event, context.bot_user_id)
        if text:
            message = blocks.answer_message(self.ask(text, event.get("user"), thread))
        else:
            message = blocks.help_message(self.knowledge.examples)
        delivery.post(client, channel, message, thread.ts)

    def ask(self, text: str, asker: str | None, thread: Thread) -> Reply:
        """The reply to a question asked in a thread, in the light of what was asked there before."""
        history = self.conversations.add(thread, text)
        return self.knowledge.ask(Question(text=text, history=history, asker=asker, place=thread.channel))
