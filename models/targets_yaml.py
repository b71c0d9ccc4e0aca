"""YAML 1.2 text into plain data with the place of every key and value; strict, and bounded against hostile files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from models.targets_errors import Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 20
MAX_NODES = 200_000

_INT = re.compile(r"[-+]?\d{1,18}|0x[0-9a-fA-F]{1,15}|0o[0-7]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")
_WORDS = {word: value for value in (True, False) for word in (str(value), str(value).lower(), str(value).upper())}
_NULLS = ("", "~", "null", "Null", "NULL")
_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|(?P<bad>\{))")
_STANDARD_TAGS = ("tag:yaml.org,2002:str", "!")

Path = tuple[str | int, ...]


class Place(NamedTuple):
    """A line and a column, both counted from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Node:
    """One value as written, before aliases are followed."""

    place: Place
    scalar: str | bool | int | float | None = None
    items: "list[Node] | None" = None
    pairs: "list[Pair] | None" = None


class Pair(NamedTuple):
    """One key of a map, with its value."""

    place: Place
    key: str
    value: Node


class RefusalError(Exception):
    """Ends the reading of this file: nothing after this place can be trusted."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


@dataclass(slots=True)
class Tree:
    """A file as plain data, with the places of keys and values by their path, and what was wrong on the way."""

    file: str
    data: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unfilled: set[Path] = field(default_factory=set)
    """Values with a variable that is not set: what else is wrong with them says nothing."""

    def problem(self, path: Path, message: str, *, at_key: bool = False, suggestion: str | None = None) -> None:
        """Notes what is wrong at a path, or at the nearest place above it that stands in the file."""
        place = self.place(path, at_key=at_key)
        self.refuse(place, written(path), message, suggestion)

    def refuse(self, place: Place, key: str, message: str, suggestion: str | None = None) -> None:
        self.problems.append(
            Problem(
                file=self.file,
                line=place.line,
                column=place.column,
                key=key,
                message=message,
                suggestion=suggestion,
            )
        )

    def place(self, path: Path, *, at_key: bool = False) -> Place:
        places = self.keys if at_key else self.values
        while path and path not in places:
            path = path[:-1]
            places = self.keys if path in self.keys else self.values
        return places.get(path, Place(1, 1))


def written(path: Path) -> str:
    """A path as people write it: `targets[3].url`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read_tree(text: str, file: str, environment: Mapping[str, str]) -> Tree:
    """Reads one YAML document; what is wrong with it is in `problems`, never raised."""
    tree = Tree(file)
    try:
        root = _Composer(tree, text).document()
        tree.data = _Flattener(tree, environment).flatten(root)
    except RefusalError as refusal:
        tree.refuse(refusal.place, "", str(refusal))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        tree.refuse(place, "", f"this is not YAML: {error.problem or error.context}{_advice(error.problem)}")
    except ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        tree.refuse(place, "", f"this is not YAML: the character {error.character!r} is not allowed")
    except (YAMLError, RecursionError, ValueError) as error:
        tree.refuse(Place(1, 1), "", f"this is not YAML: {error}")
    return tree


def _advice(problem: str | None) -> str:
    """What most likely happened, for the messages that people meet most."""
    advice = {
        "\\t": "; indent with spaces",
        "expected <block end>": "; the indentation of this line does not fit the lines above it",
        "mapping values": "; put quotes around text that holds ': '",
        "cannot start any token": "; put quotes around text that begins with a sign",
    }
    return next((words for part, words in advice.items() if part in (problem or "")), "")


class _Composer:
    """Events into nodes: no tags that make objects, no endless nesting, no key twice."""

    def __init__(self, tree: Tree, text: str) -> None:
        self._tree = tree
        self._events: Iterator[Any] = iter(YAML(typ="safe", pure=True).parse(text))
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def document(self) -> Node:
        next(self._events)  # the stream begins
        begun = next(self._events)
        if isinstance(begun, events.StreamEndEvent):
            raise RefusalError(Place(1, 1), "the file is empty; `wallwatch init` writes one to start from")
        root = self._node(next(self._events), depth=0)
        next(self._events)
        after = next(self._events)
        if not isinstance(after, events.StreamEndEvent):
            raise RefusalError(_place(after), "a second document begins here; expected one document in a file")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        place = _place(event)
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise RefusalError(place, f"nested deeper than {MAX_DEPTH} levels or longer than {MAX_NODES} values")
        if isinstance(event, events.AliasEvent):
            if event.anchor not in self._anchors:
                raise RefusalError(place, f"*{event.anchor} stands for nothing; expected &{event.anchor} before it")
            return self._anchors[event.anchor]
        node = self._fresh(event, place, depth)
        if event.anchor:
            self._anchors[event.anchor] = node  # only now: an anchor cannot contain itself
        return node

    def _fresh(self, event: Any, place: Place, depth: int) -> Node:
        tag = str(event.tag) if event.tag else None
        if tag and not (isinstance(event, events.ScalarEvent) and tag in _STANDARD_TAGS):
            raise RefusalError(
                place,
                f"the tag {tag.replace('tag:yaml.org,2002:', '!!')} is not used here; expected plain text, lists and maps",
            )
        if isinstance(event, events.SequenceStartEvent):
            return Node(place, items=list(self._items(depth)))
        if isinstance(event, events.MappingStartEvent):
            return Node(place, pairs=self._pairs(depth))
        plain = event.style in (None, "") and tag is None
        return Node(place, _scalar(event.value) if plain else event.value)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), events.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _pairs(self, depth: int) -> list[Pair]:
        pairs: list[Pair] = []
        first: dict[str, Place] = {}
        while not isinstance(event := next(self._events), events.MappingEndEvent):
            key = self._key(event)
            pairs.append(Pair(_place(event), key, self._node(next(self._events), depth + 1)))
            if key in first:
                self._tree.refuse(_place(event), key, f"this key stands in line {first[key].line} already; keep one")
            first.setdefault(key, _place(event))
        return pairs

    def _key(self, event: Any) -> str:
        if not isinstance(event, events.ScalarEvent) or event.anchor:
            raise RefusalError(_place(event), "a list, a map or an anchor cannot be a key; expected a word")
        return str(event.value)


class _Flattener:
    """Nodes into plain data: aliases and merge keys followed, variables filled in, every path's place noted."""

    def __init__(self, tree: Tree, environment: Mapping[str, str]) -> None:
        self._tree = tree
        self._environment = environment
        self._nodes = 0

    def flatten(self, node: Node, path: Path = ()) -> Any:
        self._count(node.place)
        if len(path) > MAX_DEPTH:
            raise RefusalError(node.place, f"aliases nest this file deeper than {MAX_DEPTH} levels")
        self._tree.values[path] = node.place
        if node.pairs is not None:
            return self._map(node, path)
        if node.items is not None:
            return [self.flatten(item, (*path, index)) for index, item in enumerate(node.items)]
        return self._expand(node.scalar, node.place, path) if isinstance(node.scalar, str) else node.scalar

    def _count(self, place: Place) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise RefusalError(place, f"aliases make more than {MAX_NODES} values of this file")

    def _map(self, node: Node, path: Path) -> dict[str, Any]:
        flat: dict[str, Any] = {}
        for place, key, value in self._merged(node, depth=0).values():
            if not path and key.startswith("x-"):
                continue  # a home for anchors
            self._tree.keys[(*path, key)] = place
            flat[key] = self.flatten(value, (*path, key))
        return flat

    def _merged(self, node: Node, depth: int) -> dict[str, Pair]:
        """The pairs of a map and of those that it merges with `<<`; what stands in the map itself wins."""
        own: dict[str, Pair] = {}
        merged: dict[str, Pair] = {}
        for pair in node.pairs or ():
            if pair.key != "<<":
                own.setdefault(pair.key, pair)
                continue
            for other in [pair.value] if pair.value.items is None else pair.value.items:
                self._count(pair.place)
                if other.pairs is None or depth > MAX_DEPTH:
                    raise RefusalError(
                        pair.place, "<< merges maps; expected an alias such as *usual, or a list of them"
                    )
                for name, found in self._merged(other, depth + 1).items():
                    merged.setdefault(name, found)
        return {**merged, **own}

    def _expand(self, text: str, place: Place, path: Path) -> str:
        def value(match: re.Match[str]) -> str:
            if match["bad"]:
                self._tree.unfilled.add(path)
                self._tree.refuse(place, written(path), "'${' begins no variable; expected ${NAME}, or $${ for itself")
                return ""
            if match["name"] is None:
                return "$"
            name, default = match["name"], match["default"]
            found = self._environment.get(name)
            if not found and default is not None:
                return str(default)
            if found is None:
                self._tree.unfilled.add(path)
                message = f"the environment variable {name} is not set; set it, or write ${{{name}:-default}}"
                self._tree.refuse(place, written(path), message)
            return found or ""

        return _VARIABLE.sub(value, text) if "$" in text else text


def _scalar(text: str) -> str | bool | int | float | None:
    """A plain scalar by YAML 1.2's core schema: `NO` is Norway, dates stay text."""
    if text in _NULLS:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, 0) if text.startswith("0") and len(text) > 1 and text[1] in "xo" else int(text)
    return float(text) if _FLOAT.fullmatch(text) and len(text) < 40 else text


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)
