"""What must agree across `targets.yaml`: ids, references between sections, intervals. Works on plain data, so that all is found at once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from models import targets_values as values
from models.targets_errors import nearest
from models.targets_yaml import Path, Tree

SHORTEST_EVERY = timedelta(minutes=1)
SHORTEST_TIMEOUT = timedelta(seconds=1)
_SECTIONS = ("vantage_points", "controls", "canaries", "campaigns", "targets")


def check_references(tree: Tree) -> None:
    """Notes duplicate ids, references to nothing, and intervals that cannot work."""
    if not isinstance(tree.data, dict):
        return
    known = {section: _check_ids(tree, section) for section in _SECTIONS}
    for section in ("targets", "canaries", "include"):
        for path, entry in _entries(tree, section):
            _check_names(tree, (*path, "campaigns"), entry, known["campaigns"])
            _check_names(tree, (*path, "vantage_points"), entry, known["vantage_points"])
    for path, campaign in _entries(tree, "campaigns"):
        for index, claim in enumerate(_list(campaign.get("claims"))):
            if isinstance(claim, dict):
                _check_name(tree, (*path, "claims", index, "target"), claim.get("target"), known["targets"])
    if tree.data.get("simulated") is not True:
        _check_intervals(tree)
    for path, target in _entries(tree, "targets"):
        _check_private(tree, path, target)


def _check_ids(tree: Tree, section: str) -> list[str]:
    """The ids of a section; two alike are a problem, even when only upper and lower case differ."""
    first: dict[str, Path] = {}
    ids: list[str] = []
    for index, entry in enumerate(_list(tree.data.get(section))):
        path = (section, index, "id")
        name = _id(entry)
        if name is None:
            continue
        before = first.setdefault(name.lower(), path)
        if before != path:
            line = tree.place(before).line
            tree.problem(path, f"the id {name!r} stands in line {line} already; each needs its own")
        ids.append(name)
    return ids


def _id(entry: object) -> str | None:
    if isinstance(entry, str):
        try:
            return values.id_from_url(values.web_url(entry))
        except ValueError:
            return None
    found = entry.get("id") if isinstance(entry, dict) else None
    return found if isinstance(found, str) else None


def _check_names(tree: Tree, path: Path, entry: dict[str, Any], known: list[str]) -> None:
    for index, name in enumerate(_list(entry.get(str(path[-1])))):
        _check_name(tree, (*path, index), name, known)


def _check_name(tree: Tree, path: Path, name: object, known: list[str]) -> None:
    if isinstance(name, str) and name not in known:
        section = (
            next(str(part) for part in reversed(path) if isinstance(part, str)).removesuffix("s").replace("_", " ")
        )
        expected = f"expected {_some(known)}" if known else "there is none in this file"
        tree.problem(path, f"there is no {section} {name!r}; {expected}", suggestion=nearest(name, known))


def _check_intervals(tree: Tree) -> None:
    defaults = tree.data.get("defaults")
    usual = defaults if isinstance(defaults, dict) else {}
    _check_durations(tree, ("defaults",), usual, {})
    for section in ("targets", "include"):
        for path, entry in _entries(tree, section):
            _check_durations(tree, path, entry, usual)


def _check_durations(tree: Tree, path: Path, given: dict[str, Any], usual: dict[str, Any]) -> None:
    every, jitter, timeout = (_duration(given.get(key)) for key in ("every", "jitter", "timeout"))
    if every is not None and every < SHORTEST_EVERY:
        message = f"{given['every']} is too short for other people's servers; expected at least {values.to_duration(SHORTEST_EVERY)}"
        tree.problem((*path, "every"), message)
    whole = every or _duration(usual.get("every")) or timedelta(hours=6)
    if jitter is not None and jitter > whole:
        tree.problem((*path, "jitter"), f"{given['jitter']} is longer than every {values.to_duration(whole)}")
    if timeout is not None and timeout < SHORTEST_TIMEOUT:
        tree.problem(
            (*path, "timeout"), f"{given['timeout']} is too short to tell silence from slowness; expected at least 1s"
        )
    total = _duration({**usual, **given}.get("total_timeout")) or timedelta(seconds=60)
    if timeout is not None and timeout > total:
        tree.problem((*path, "timeout"), f"{given['timeout']} is longer than total_timeout {values.to_duration(total)}")
    window = _duration(given.get("dns_window"))
    if window is not None and window > timedelta(seconds=30):
        tree.problem((*path, "dns_window"), f"{given['dns_window']} is too long; expected at most 30s")


def _check_private(tree: Tree, path: Path, target: dict[str, Any]) -> None:
    url = target.get("url")
    if not isinstance(url, str) or target.get("allow_private"):
        return
    try:
        private = values.is_private(values.web_url(url))
    except ValueError:
        return  # reported as a bad URL
    if private:
        message = f"{url!r} is a private or reserved address; write `allow_private: true` where that is meant"
        tree.problem((*path, "url"), message)


def _duration(text: object) -> timedelta | None:
    try:
        return values.duration(text)
    except ValueError:
        return None


def _entries(tree: Tree, section: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for index, entry in enumerate(_list(tree.data.get(section))):
        if isinstance(entry, dict):
            yield (section, index), entry


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
