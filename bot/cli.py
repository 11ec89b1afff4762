"""The command line: `irbot ask`, `chat`, `export`, `check`, `coverage`, `run`, `bench`, `doctor`, `manifest`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn, TextIO

import typer
from pydantic import ValidationError

from bot.settings import read_settings
from bot.terminal import converse, show
from knowledge import IrbotError, Knowledge, Question
from knowledge.library import PACKAGED
from knowledge.store import is_compiled

app = typer.Typer(
    help="Answers investor-relations questions from approved, cited entries.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
SourcesOption = Annotated[Path | None, typer.Option(help="Folder with the original documents, to prove excerpts.")]


def main() -> None:
    """Run the command line; what goes wrong is one sentence on standard error and exit status 2."""
    try:
        app()
    except IrbotError as error:
        fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None


def fail(message: str) -> NoReturn:
    """Say what is wrong and end with exit status 2."""
    print(f"irbot: {message}", file=sys.stderr)
    raise SystemExit(2)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in your own words.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reply as one JSON object.")] = False,
    batch: Annotated[
        str | None, typer.Option(metavar="FILE", help="Answer every line of FILE (- for standard input) as JSON.")
    ] = None,
) -> None:
    """Answer one question, or a file of questions."""
    if (question is None) == (batch is None):
        fail("give one question, or --batch FILE")
    knowledge = open_knowledge()
    if batch is not None:
        for line in _read_batch(batch):
            print(knowledge.ask(line).model_dump_json())
        return
    reply = knowledge.ask(question or "")
    if as_json:
        print(reply.model_dump_json(indent=2))
    else:
        show(reply)


@app.command()
def chat() -> None:
    """Talk with the bot in the terminal."""
    converse(open_knowledge())


@app.command()
def export() -> None:
    """Print every entry as one JSON object a line, citations included."""
    for entry in open_knowledge().entries.values():
        print(entry.model_dump_json())


@app.command()
def check(
    sources: SourcesOption = None,
    answers: Annotated[bool, typer.Option("--answers", help="Ask every phrasing too; takes some minutes.")] = False,
) -> None:
    """Review the whole library; with --sources, prove each excerpt against the originals."""
    from knowledge.library import read_library
    from knowledge.original import prove, read_originals
    from knowledge.review import claimed, review

    library = read_library(read_settings().irbot_library or PACKAGED)
    problems = review(library)
    if sources:
        problems += prove(library, read_originals(library, sources))
    problems += claimed(library, open_knowledge()) if answers else []
    for problem in problems:
        print(problem)
    proof = "every excerpt proven" if sources else "excerpts not proven: give --sources DIR"
    print(f"{len(library.documents)} documents, {len(library.entries)} entries: ", end="")
    print(f"{len(problems)} problems" if problems else proof)
    if problems:
        raise SystemExit(1)


@app.command()
def coverage(sources: SourcesOption = None) -> None:
    """List what of the originals no excerpt covers: figures, management's turns, numbered comments."""
    from knowledge.coverage import cover
    from knowledge.library import read_library
    from knowledge.original import read_originals

    if sources is None:
        fail("coverage needs the original documents: give --sources DIR")
    library = read_library(read_settings().irbot_library or PACKAGED)
    uncovered = False
    for original in read_originals(library, sources).values():
        result = cover(library, original)
        print(result.summary)
        for reason, passages in result.omitted.items():
            print(f"  left out, {passages} passage{'s' if passages > 1 else ''}: {reason}")
        for gap in result.gaps:
            print(f"  {gap}")
        uncovered = uncovered or bool(result.gaps)
    if uncovered:
        raise SystemExit(1)


@app.command()
def why(
    question: Annotated[str, typer.Argument(help="The question, in somebody's words.")],
    before: Annotated[list[str] | None, typer.Option(help="An earlier question of the conversation.")] = None,
) -> None:
    """Say how a question was understood, what was weighed, and why it got its reply."""
    from knowledge.explanation import explain

    print(explain(open_knowledge(), Question(text=question, history=tuple(before or ()))))


@app.command("eval")
def evaluate_questions(
    file: Annotated[
        Path | None, typer.Argument(help="Labelled questions; the project's own test part if left out.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the figures of the test part as the new measure.")] = False,
) -> None:
    """Ask labelled questions: accuracy by kind, false answers, calibration, and each miss."""
    from knowledge.evaluation import TEST, evaluate, keep_score, read_questions, report, score, worse

    judged = evaluate(open_knowledge().ask, read_questions(file or TEST))
    print(report(judged))
    if file is None:
        problems = worse(score(judged))
        for problem in problems:
            print(problem)
        if keep:
            keep_score(score(judged))
        elif problems:
            raise SystemExit(1)


@app.command()
def run(
    http: Annotated[bool, typer.Option("--http", help="Serve HTTP even when an app token is set.")] = False,
) -> None:
    """Run the bot: in Slack when its tokens are set, otherwise in the terminal."""
    from bot.server import serve

    settings = read_settings()
    if settings.slack_bot_token is None:
        chat()
    else:
        serve(settings, open_knowledge(), http=http)


@app.command()
def bench(
    size: Annotated[
        list[int] | None,
        typer.Option(min=10, help="So many synthetic phrasings; may be repeated. 10,000 and 100,000 if left out."),
    ] = None,
    encoded: Annotated[
        int, typer.Option(help="Up to so many phrasings are encoded; beyond, vectors are composed of their words'.")
    ] = 100_000,
) -> None:
    """Measure matching as the library grows, beside a rapidfuzz scan, and asking, beside a full-text query."""
    from bot.bench import SIZES
    from bot.bench import bench as measure

    for line in measure(open_knowledge(), size or SIZES, encoded):
        print(line, flush=True)


@app.command()
def doctor() -> None:
    """Say what is wrong with settings, token, scopes or knowledge, and how to mend it."""
    from bot.doctor import diagnose

    findings = diagnose(read_settings())
    for finding in findings:
        print(finding)
    if any(finding.state == "problem" for finding in findings):
        raise SystemExit(1)


@app.command()
def manifest() -> None:
    """Print the Slack app manifest, to paste into Slack when creating the app."""
    from bot.manifest import read_manifest

    print(json.dumps(read_manifest(), indent=2))


def open_knowledge() -> Knowledge:
    """The knowledge that the settings name."""
    settings = read_settings()
    library = settings.irbot_library or PACKAGED
    if not is_compiled(library, settings.irbot_data):
        print("irbot: preparing the library, which takes about half a minute once…", file=sys.stderr)
    return Knowledge.load(library, settings.irbot_data)


def _read_batch(batch: str) -> list[Question]:
    """A question for each line of the file: plain text, or {"q": …, "history": […]}."""
    if batch == "-":
        return list(_questions(sys.stdin, "standard input"))
    try:
        with open(batch, encoding="utf-8") as file:
            return list(_questions(file, batch))
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{batch}: cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8 text'}")


def _questions(file: TextIO, name: str) -> Iterator[Question]:
    for number, line in enumerate(file, 1):
        text = line.strip()
        if not text.startswith("{"):
            yield Question(text=text)
            continue
        try:
            data = json.loads(text)
            yield Question(text=data["q"], history=data.get("history") or ())
        except (json.JSONDecodeError, KeyError, ValidationError):
            fail(f'{name}:{number}: neither plain text nor {{"q": "…", "history": ["…"]}}')
