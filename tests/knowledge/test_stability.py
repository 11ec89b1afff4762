"""What must not change a reply: the order of entries in their files, and an entry about something else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from knowledge import Knowledge, Question
from knowledge.evaluation import FOLDER, LabelledQuestion, read_questions
from knowledge.library import PACKAGED

UNRELATED = """
- id: zoo-opening-hours
  kind: qa
  topic: zoo
  question: When does the city zoo open its gates in summer?
  answer: The zoo opens at nine.
  phrasings:
    - zoo opening hours
    - when can we see the elephants
    - from what time may children visit the lions
  citations:
    - section: Prepared remarks
      excerpt: Good afternoon, everyone.
"""


@pytest.fixture(scope="module")
def rearranged(tmp_path_factory: pytest.TempPathFactory, knowledge: Knowledge, data: Path) -> Knowledge:
    """The packaged library with the entries of every file in reverse, and an unrelated one added."""
    folder = tmp_path_factory.mktemp("rearranged")
    shutil.copytree(PACKAGED, folder / "library")
    shutil.copytree(data, folder / "data")  # compiled by `knowledge`; known vectors are taken over from it
    for file in folder.rglob("*.yaml"):
        head, *blocks = re.split(r"(?m)^(?=- )", file.read_text())
        file.write_text(head + "".join(block.rstrip("\n") + "\n" for block in reversed(blocks)))
    (folder / "library" / "calix-2011-q4-call" / "zoo.yaml").write_text(UNRELATED)
    return Knowledge.load(folder / "library", folder / "data")


def gist(knowledge: Knowledge, asked: LabelledQuestion) -> tuple[str, list[str], list[str]]:
    reply = knowledge.ask(Question(text=asked.q, history=asked.history))
    return reply.status, [answer.entry for answer in reply.answers], [choice.entry for choice in reply.choices]


def test_neither_order_nor_an_unrelated_entry_changes_a_reply(knowledge: Knowledge, rearranged: Knowledge) -> None:
    questions = read_questions(FOLDER / "test.jsonl")
    assert [gist(rearranged, asked) for asked in questions] == [gist(knowledge, asked) for asked in questions]
    assert rearranged.ask("zoo opening hours").answers[0].entry == "zoo-opening-hours"
