"""Somebody presses a button: a choice, an example, or "share"."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from handlers import blocks, delivery
from handlers.blocks import CHOOSE, EXAMPLE, SHARE
from handlers.conversation import Thread
from handlers.desk import Desk
from knowledge import Question, Reply


def register(app: App, desk: Desk) -> None:
    """Answer buttons where they were pressed: privately, in the thread, or in the direct messages for the Home tab."""

    @app.action(re.compile(rf"^{CHOOSE}_\d+$"))
    def show_choice(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient, context: BoltContext
    ) -> None:
        ack()
        reply = desk.knowledge.show(action["value"])
        if is_private(body):
            delivery.reply_privately(client, body["response_url"], blocks.private_message(reply), replace=True)
            return
        thread = thread_of(body, context)
        desk.conversations.add(thread, reply.question)
        delivery.post(client, thread.channel, blocks.chosen_message(reply, body["user"]["id"]), thread.ts)

    @app.action(re.compile(rf"^{EXAMPLE}_\d+$"))
    def answer_example(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient, context: BoltContext
    ) -> None:
        ack()
        text, user = action["value"], body["user"]["id"]
        if "view" in body:
            _answer_from_home(desk, body, text, client, context)
        elif is_private(body):
            question = Question(text=text, asker=user, place=body["container"]["channel_id"])
            message = blocks.private_message(desk.knowledge.ask(question))
            delivery.reply_privately(client, body["response_url"], message)
        else:
            thread = thread_of(body, context)
            message = blocks.chosen_message(desk.ask(text, user, thread), user)
            delivery.post(client, thread.channel, message, thread.ts)

    @app.action(SHARE)
    def share_answer(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient, context: BoltContext
    ) -> None:
        ack()
        container = body["container"]
        key = ("share", context.team_id or "", container["channel_id"], container["message_ts"])
        if not desk.seen.first(key):
            return
        reply = together([desk.knowledge.show(entry) for entry in action["value"].split()])
        try:
            if reply.answers:
                delivery.share(client, body["response_url"], blocks.shared_message(reply, body["user"]["id"]))
        except Exception:
            desk.seen.forget(key)
            raise
        delivery.reply_privately(client, body["response_url"], blocks.answer_message(reply), replace=True)


def is_private(body: dict[str, Any]) -> bool:
    """Whether the pressed button stands in a message that only one person sees."""
    return bool(body["container"].get("is_ephemeral"))


def thread_of(body: dict[str, Any], context: BoltContext) -> Thread:
    """The thread of the message whose button was pressed."""
    container = body["container"]
    ts = body.get("message", {}).get("thread_ts") or container.get("thread_ts") or container["message_ts"]
    return Thread(context.team_id or "", container["channel_id"], ts)


def together(replies: list[Reply]) -> Reply:
    """Several shown entries as one reply; those that the library no longer has are left out, unless all are gone."""
    shown = [reply for reply in replies if reply.answers]
    if not shown:
        return replies[0]
    return Reply(
        question=shown[0].question,
        status="answered",
        answers=[answer for reply in shown for answer in reply.answers],
        text="\n\n".join(reply.text for reply in shown),
    )


def _answer_from_home(desk: Desk, body: dict[str, Any], text: str, client: WebClient, context: BoltContext) -> None:
    user = body["user"]["id"]
    reply = desk.knowledge.ask(Question(text=text, asker=user, place=user))
    posted = delivery.post(client, user, blocks.answer_message(reply))
    desk.conversations.add(Thread(context.team_id or "", posted["channel"], posted["ts"]), text)
