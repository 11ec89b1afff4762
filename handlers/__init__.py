"""What Slack can do to the bot, one file a surface."""

from slack_bolt import App

from handlers import actions, agent, commands, failures, home, mentions, messages, unclaimed
from handlers.desk import Desk
from knowledge import Knowledge


def register(app: App, knowledge: Knowledge) -> None:
    """Register every listener; bolt runs the first that matches, so the catch-all comes last."""
    desk = Desk(knowledge)
    mentions.register(app, desk)
    messages.register(app, desk)
    commands.register(app, desk)
    actions.register(app, desk)
    home.register(app, desk)
    agent.register(app, desk)
    failures.register(app)
    unclaimed.register(app)
