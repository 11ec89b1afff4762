"""Reads the library's text files into documents and entries; refuses what is wrong by file, line, entry and field."""

from __future__ import annotations

import ast
import hashlib
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from knowledge.entry import Absence, Derivation, Document, Entry, Omission, Term, Value
from knowledge.errors import LibraryError

CODE = Path(__file__).parent
PACKAGED = CODE / "library"
ModelType = TypeVar("ModelType", bound=BaseModel)


@dataclass(frozen=True)
class Library:
    """Documents, entries, absences and the glossary's terms by id, in the order of their ids.

    `omissions` are the passages left out on purpose, and `places` tells where each item stands; only a library read
    from text files has them.
    """

    documents: dict[str, Document]
    entries: dict[str, Entry]
    absences: dict[str, Absence] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    omissions: dict[str, Omission] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    @property
    def owners(self) -> Iterator[Entry | Absence]:
        """Everything that phrasings belong to: entries, then absences."""
        yield from self.entries.values()
        yield from self.absences.values()


def read_library(folder: Path) -> Library:
    """Read every document and entry under `folder`; raise LibraryError naming all that is wrong."""
    reader = _Reader(folder)
    for file in sorted(folder.glob("*/document.yaml")):
        reader.read_document(file)
    if not reader.documents and not reader.problems:
        raise LibraryError([f"{folder}: no document here (looked for */document.yaml)"])
    for file in sorted(folder.glob("*/*.yaml")):
        if file.name not in {"document.yaml", "omitted.yaml"}:
            reader.read_entries(file)
    for file in sorted(folder.glob("*/omitted.yaml")):
        reader.read_omissions(file)
    for file in sorted(folder.glob("absent*.yaml")):
        reader.read_absences(file)
    if (folder / "glossary.yaml").exists():
        reader.read_terms(folder / "glossary.yaml")
    reader.check()
    if reader.problems:
        raise LibraryError(reader.problems)
    return Library(
        documents=dict(sorted(reader.documents.items())),
        entries=dict(sorted(reader.entries.items())),
        absences=dict(sorted(reader.absences.items())),
        terms=dict(sorted(reader.terms.items())),
        omissions=reader.omissions,
        places=reader.places,
    )


def digest(folder: Path) -> str:
    """A fingerprint of every text file under `folder`, and of the code and the models that compile them."""
    fingerprint = hashlib.sha256()
    for root, pattern in ((folder, "**/*.yaml"), (CODE, "**/*.py"), (CODE, "*.json"), (CODE, "encoder/*.json")):
        for file in sorted(root.glob(pattern)):
            fingerprint.update(file.relative_to(root).as_posix().encode() + b"\0" + _read_bytes(file) + b"\0")
    return fingerprint.hexdigest()


def figures(text: str) -> set[float]:
    """Every figure in `text`, number words up to twelve included."""
    found = {float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?|\.\d+", text)}
    return found | {NUMBER_WORDS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in NUMBER_WORDS}


NUMBER_WORDS = {
    word: float(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}


@dataclass(frozen=True)
class Place:
    """Where an item stands in the library's text files, to name it in a message."""

    file: Path
    node: yaml.MappingNode

    def at(self, *path: int | str) -> str:
        """File and line of the item, or of the field of it that `path` leads to."""
        return f"{self.file}:{self.line(path)}"

    def line(self, path: tuple[int | str, ...] = ()) -> int:
        node: yaml.Node = self.node
        for step in path:
            if isinstance(node, yaml.MappingNode):
                following = next((value for key, value in node.value if key.value == step), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                following = node.value[step]
            else:
                following = None
            if following is None:
                break
            node = following
        return int(node.start_mark.line) + 1


@dataclass
class _Reader:
    folder: Path
    documents: dict[str, Document] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    absences: dict[str, Absence] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    omissions: dict[str, Omission] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def read_document(self, file: Path) -> None:
        node = self._root(file)
        if not isinstance(node, yaml.MappingNode):
            self._report(file, 1, "document", "must be a mapping of fields")
            return
        document = self._build(Document, Place(file, node), _construct(node))
        if document and document.id != file.parent.name:
            self._report(file, 1, f"document {document.id}, id", f"must be the folder's name, {file.parent.name}")
        elif document:
            self.documents[document.id] = document

    def read_entries(self, file: Path) -> None:
        for place, data in self._items(file):
            for citation in data.get("citations") or []:
                if isinstance(citation, dict):
                    citation.setdefault("document", file.parent.name)
            entry = self._build(Entry, place, data)
            if entry and self._is_new(entry.id, place):
                self.entries[entry.id] = entry

    def read_absences(self, file: Path) -> None:
        for place, data in self._items(file):
            absence = self._build(Absence, place, data)
            if absence and self._is_new(absence.id, place):
                self.absences[absence.id] = absence

    def read_terms(self, file: Path) -> None:
        for place, data in self._items(file):
            term = self._build(Term, place, data)
            if term and self._is_new(f"the term {term.term}", place):
                self.terms[term.term] = term

    def read_omissions(self, file: Path) -> None:
        for number, (place, data) in enumerate(self._items(file), 1):
            name = f"omission {number} of {file.parent.name}"
            omission = self._build(Omission, place, {"document": file.parent.name} | data)
            if omission and self._is_new(name, place):
                self.omissions[name] = omission

    def _items(self, file: Path) -> Iterator[tuple[Place, dict[str, Any]]]:
        root = self._root(file)
        if root is None:
            return
        if not isinstance(root, yaml.SequenceNode):
            self._report(file, 1, "entries", "must be a list of entries")
            return
        for node in root.value:
            if isinstance(node, yaml.MappingNode):
                yield Place(file, node), _construct(node)
            else:
                self._report(file, node.start_mark.line + 1, "entry", "must be a mapping of fields")

    def _is_new(self, identifier: str, place: Place) -> bool:
        first = self.places.setdefault(identifier, place)
        if first is not place:
            where = f"{first.file.relative_to(self.folder)}:{first.line()}"
            self._report(place.file, place.line(("id",)), f"entry {identifier}, id", f"stands already at {where}")
        return first is place

    def check(self) -> None:
        """What one entry alone cannot show: documents, values in excerpts, derived values."""
        for entry in self.entries.values():
            for number, citation in enumerate(entry.citations):
                if citation.document not in self.documents:
                    path = ("citations", number, "document")
                    self._refuse(entry, path, f"there is no document {citation.document!r}")
            if entry.derivation is not None:
                self._check_derivation(entry, entry.derivation)
            elif entry.value is not None and not value_stands_in(
                entry.value, " ".join(citation.excerpt for citation in entry.citations)
            ):
                self._refuse(entry, ("value",), f"{entry.value!r} does not occur in an excerpt")
        for name, omission in self.omissions.items():
            if omission.document not in self.documents:
                place = self.places[name]
                self._report(place.file, place.line(), name, f"there is no document {omission.document!r}")
        for absence in self.absences.values():
            for number, entry_id in enumerate(absence.nearest):
                if entry_id not in self.entries:
                    self._refuse(absence, ("nearest", number), f"there is no entry {entry_id!r}")

    def _check_derivation(self, entry: Entry, derivation: Derivation) -> None:
        inputs: dict[str, float | tuple[float, float]] = {}
        for name, source in derivation.inputs.items():
            value = self.entries[source].value if source in self.entries else None
            if value is None or isinstance(value, str):
                self._refuse(entry, ("derivation", "inputs", name), f"{source!r} is no entry with a figure")
                return
            inputs[name] = value
        try:
            result = round(evaluate(derivation.formula, inputs), derivation.decimals)
        except (ValueError, ZeroDivisionError) as error:
            self._refuse(entry, ("derivation", "formula"), str(error))
            return
        if entry.value != result:
            self._refuse(entry, ("value",), f"is {entry.value!r}, but the formula gives {result!r}")

    def _root(self, file: Path) -> yaml.Node | None:
        try:
            return _compose(file)
        except LibraryError as error:
            self.problems += error.problems
            return None

    def _build(self, model: type[ModelType], place: Place, data: dict[str, Any]) -> ModelType | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            name = f"{model.__name__.lower()} {data.get('id', '(no id)')}"
            for problem in error.errors():
                path = tuple(step for step in problem["loc"] if step not in {"float", "constrained-str"})
                where = f"{name}, {'.'.join(map(str, path))}" if path else name
                self._report(place.file, place.line(path), where, problem["msg"].removeprefix("Value error, "))
            return None

    def _refuse(self, entry: Entry | Absence, path: tuple[int | str, ...], message: str) -> None:
        place = self.places[entry.id]
        self._report(place.file, place.line(path), f"entry {entry.id}, {'.'.join(map(str, path))}", message)

    def _report(self, file: Path, line: int, where: str, message: str) -> None:
        self.problems.append(f"{file}:{line}: {where}: {message}")


def value_stands_in(value: Value, text: str) -> bool:
    """Whether a stated value, or both ends of a stated range, occurs in `text`."""
    if isinstance(value, str):
        return value.lower() in " ".join(text.lower().split())
    wanted = value if isinstance(value, tuple) else (value,)
    return set(wanted) <= figures(text)


OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
RANGES: dict[str, Callable[[tuple[float, float]], float]] = {
    "low": lambda ends: ends[0],
    "high": lambda ends: ends[1],
    "mid": lambda ends: (ends[0] + ends[1]) / 2,
}


def evaluate(formula: str, inputs: dict[str, float | tuple[float, float]]) -> float:
    """The value of a formula of + - * / over named figures and low(), high(), mid() of named ranges.

    Raises ValueError for anything else, ZeroDivisionError for a division by zero.
    """

    def value(node: ast.expr) -> float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name) if isinstance(inputs.get(name), float | int):
                return float(inputs[name])  # type: ignore[arg-type]
            case ast.Call(func=ast.Name(id=end), args=[ast.Name(id=name)]) if end in RANGES and isinstance(
                inputs.get(name), tuple
            ):
                return RANGES[end](inputs[name])  # type: ignore[arg-type]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -value(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](value(left), value(right))
        raise ValueError(f"cannot compute {ast.unparse(node)!r}")

    try:
        return value(ast.parse(formula, mode="eval").body)
    except SyntaxError as error:
        raise ValueError(f"is no formula: {formula!r}") from error


def _read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise LibraryError([f"{file}: cannot be read: {error.strerror}"]) from error


def _compose(file: Path) -> yaml.Node | None:
    try:
        text = _read_bytes(file).decode("utf-8")
        node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        raise LibraryError([f"{file}: is not UTF-8 text (byte {error.start})"]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise LibraryError([f"{file}{line}: {getattr(error, 'problem', None) or error}"]) from error
    for duplicate in _duplicate_keys(node):
        raise LibraryError([f"{file}:{duplicate.start_mark.line + 1}: {duplicate.value}: stands twice in one mapping"])
    return node


def _duplicate_keys(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
            yield from _duplicate_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _duplicate_keys(value)


def _construct(node: yaml.Node) -> Any:  # noqa: ANN401 - plain YAML data
    return yaml.SafeLoader("").construct_document(node)


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
