"""What irbot knows and how it finds it: a library in its own right, with no Slack, network, clock or environment."""

from knowledge.entry import Citation, Document, Entry, Person
from knowledge.errors import IrbotError, LibraryError, StoreError
from knowledge.knowledge import Knowledge
from knowledge.matcher import Match, Matcher
from knowledge.reply import Answer, Choice, Question, Reply, Source

__all__ = [
    "Answer",
    "Choice",
    "Citation",
    "Document",
    "Entry",
    "IrbotError",
    "Knowledge",
    "LibraryError",
    "Match",
    "Matcher",
    "Person",
    "Question",
    "Reply",
    "Source",
    "StoreError",
]
