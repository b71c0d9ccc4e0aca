"""`targets.yaml` into a Configuration: everything that is wrong is reported at once, and nothing is guessed."""

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from models import targets_values as values
from models.targets import Campaign, Configuration, Include, SignatureCount, Target, VantagePoint
from models.targets_errors import Problem, TargetsError
from models.targets_lists import MAX_LIST_BYTES, ListError, ListReport, forbids, read_list
from models.targets_references import check_references
from models.targets_warnings import warn
from models.targets_words import add_problems
from models.targets_yaml import MAX_BYTES, Place, Tree, read_tree

_MAX_SECRET = 4096


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, and what is worth knowing about how it was read."""

    configuration: Configuration
    warnings: tuple[Problem, ...]
    lists: tuple[ListReport, ...]
    files: tuple[Path, ...]
    """Every file that was read: a change of any of them changes the configuration."""
    fingerprints: tuple[tuple[str, str], ...] = ()
    """The lists of fingerprints: what each file is called, and its text, which the judge's room reads."""


def load(path: Path | str, environment: Mapping[str, str] = os.environ) -> Configuration:
    """Reads `targets.yaml` and all that it includes; raises TargetsError with everything that is wrong."""
    return read(path, environment).configuration


def read(path: Path | str, environment: Mapping[str, str] = os.environ) -> Loaded:
    """As `load`, with warnings and what became of the included lists; raises TargetsError."""
    file = Path(path)
    tree = read_tree(_text_of_targets(file), str(path), environment)
    if tree.data is None:
        if not tree.problems:
            tree.refuse(Place(1, 1), "", "the file says nothing; `wallwatch init` writes one to start from")
        raise TargetsError(tree.problems)
    configuration = _validated(tree)
    check_references(tree)
    others = _OtherFiles(tree, file.parent)
    included, lists = others.included()
    passwords, counts = others.passwords(), others.counts()
    fingerprints = tuple(others.fingerprints())
    _check_forbidden(tree)
    if tree.problems or configuration is None:
        raise TargetsError(tree.problems)
    complete = _completed(configuration, included, passwords, counts)
    files = (file, *others.files)
    return Loaded(complete, warn(tree, complete, lists), tuple(lists), files, fingerprints)


def _text_of_targets(file: Path) -> str:
    try:
        return _text(file, MAX_BYTES)
    except FileNotFoundError:
        message = "there is no such file; write one with `wallwatch init`, or name yours with --config FILE"
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
    except ValueError as error:
        message = str(error)
    raise TargetsError([Problem(file=str(file), line=1, column=1, key="", message=message)])


def _text(file: Path, limit: int) -> str:
    """A file's text; raises OSError, or ValueError where it is too large or not UTF-8."""
    with file.open("rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"the file is larger than {limit // 1024} KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"the file is not UTF-8 (line {line}); save it as UTF-8") from None


def _validated(tree: Tree) -> Configuration | None:
    try:
        return Configuration.model_validate(tree.data)
    except ValidationError as error:
        add_problems(tree, error)
        return None


def _check_forbidden(tree: Tree) -> None:
    """A target that the same file forbids to look at is a contradiction, not a preference."""
    data = tree.data if isinstance(tree.data, dict) else {}
    hosts = tuple(host for host in _list(data.get("do_not_probe")) if isinstance(host, str))
    for index, target in enumerate(_list(data.get("targets"))):
        url = target.get("url") if isinstance(target, dict) else target
        if isinstance(url, str) and forbids(hosts, url):
            tree.problem(("targets", index, "url"), f"{url!r} is under do_not_probe; take it out of one of the two")
    contrasts = data.get("contrasts")
    for index, name in enumerate(_list(contrasts.get("neutral_names")) if isinstance(contrasts, dict) else []):
        if isinstance(name, str) and forbids(hosts, f"https://{name}/"):
            tree.problem(("contrasts", "neutral_names", index), f"{name!r} is under do_not_probe; name another")


class _OtherFiles:
    """The files that the configuration names, relative to its own folder."""

    def __init__(self, tree: Tree, folder: Path) -> None:
        self._tree = tree
        self._folder = folder
        self._data: dict[str, Any] = tree.data if isinstance(tree.data, dict) else {}
        self.files: list[Path] = []

    def included(self) -> tuple[list[Target], list[ListReport]]:
        """The targets of all included lists; those written by hand win."""
        seen = set(self._own_urls())
        hosts = tuple(host for host in _list(self._data.get("do_not_probe")) if isinstance(host, str))
        targets: list[Target] = []
        reports: list[ListReport] = []
        for index, entry in enumerate(_list(self._data.get("include"))):
            try:
                include = Include.model_validate(entry)
            except ValidationError:
                continue  # reported where the whole was validated
            text = self._read(("include", index), include.file, MAX_LIST_BYTES)
            if text is None:
                continue
            try:
                found, report = read_list(text, include, seen, hosts)
            except ListError as error:
                self._tree.problems.append(
                    Problem(
                        file=str(self._folder / include.file), line=error.line, column=1, key="", message=str(error)
                    )
                )
                continue
            targets += found
            reports.append(report)
        return targets, reports

    def passwords(self) -> dict[int, str]:
        """The passwords of proxies, by the index of their vantage point."""
        found = {}
        for index, entry in enumerate(_list(self._data.get("vantage_points"))):
            name = entry.get("password_file") if isinstance(entry, dict) else None
            if isinstance(name, str):
                text = self._read(("vantage_points", index, "password_file"), name, _MAX_SECRET)
                found[index] = (text or "").strip()
                if text is not None and not found[index]:
                    self._tree.problem(("vantage_points", index, "password_file"), f"{name} is empty")
        return found

    def counts(self) -> dict[int, tuple[SignatureCount, ...]]:
        """The counts of signatures that stand in CSV files, by the index of their campaign."""
        found = {}
        for index, campaign in enumerate(_list(self._data.get("campaigns"))):
            petition = campaign.get("petition") if isinstance(campaign, dict) else None
            signatures = petition.get("signatures") if isinstance(petition, dict) else None
            name = signatures.get("file") if isinstance(signatures, dict) else None
            if isinstance(name, str):
                path = ("campaigns", index, "petition", "signatures", "file")
                found[index] = tuple(self._counts(name, self._read(path, name, MAX_LIST_BYTES) or ""))
        return found

    def fingerprints(self) -> Iterator[tuple[str, str]]:
        """Yields the lists of fingerprints as they stand."""
        for index, name in enumerate(_list(self._data.get("fingerprints"))):
            text = self._read(("fingerprints", index), name, MAX_LIST_BYTES) if isinstance(name, str) else None
            if text is not None:
                yield name, text

    def _counts(self, name: str, text: str) -> Iterator[SignatureCount]:
        for line, row in enumerate(csv.reader(text.splitlines()), start=1):
            if not row or (line == 1 and [cell.strip() for cell in row[:2]] == ["date", "count"]):
                continue
            try:
                yield SignatureCount(on=values.day(row[0].strip()), total=int(row[1].replace("_", "x")))
            except (ValueError, IndexError):
                message = "expected a day and a count, such as 2008-08-01,1234"
                self._tree.problems.append(
                    Problem(file=str(self._folder / name), line=line, column=1, key="", message=message)
                )

    def _own_urls(self) -> Iterator[str]:
        for target in _list(self._data.get("targets")):
            url = target.get("url") if isinstance(target, dict) else target
            try:
                yield values.same_url(values.web_url(str(url)))
            except ValueError:
                continue  # reported where the whole was validated

    def _read(self, path: tuple[str | int, ...], name: str, limit: int) -> str | None:
        file = self._folder / name
        self.files.append(file)
        try:
            return _text(file, limit)
        except FileNotFoundError:
            self._tree.problem(path, f"there is no file {name!r} beside this one; paths are relative to this file")
        except OSError as error:
            self._tree.problem(path, f"{name} cannot be read: {error.strerror}")
        except ValueError as error:
            self._tree.problem(path, f"{name}: {error}")
        return None


def _completed(
    configuration: Configuration,
    included: list[Target],
    passwords: Mapping[int, str],
    counts: Mapping[int, tuple[SignatureCount, ...]],
) -> Configuration:
    targets = (*configuration.targets, *included)
    points = enumerate(configuration.vantage_points)
    campaigns = enumerate(configuration.campaigns)
    return configuration.model_copy(
        update={
            "targets": tuple(_with_fitting_jitter(target, configuration) for target in targets),
            "vantage_points": tuple(_with_password(point, passwords.get(index)) for index, point in points),
            "campaigns": tuple(_with_counts(campaign, counts.get(index, ())) for index, campaign in campaigns),
        }
    )


def _with_fitting_jitter(target: Target, configuration: Configuration) -> Target:
    """A target looked at more often than usual would inherit a jitter longer than its interval."""
    every = target.every or configuration.defaults.every
    if target.jitter is None and configuration.defaults.jitter > every:
        return target.model_copy(update={"jitter": timedelta(seconds=every.total_seconds() // 4)})
    return target


def _with_password(point: VantagePoint, password: str | None) -> VantagePoint:
    if not password:
        return point
    scheme, _, rest = point.via.partition("://")
    user, _, place = rest.rpartition("@")
    filled = f"{scheme}://{user.partition(':')[0]}:{quote(password, safe='')}@{place}"
    return point.model_copy(update={"via": filled})


def _with_counts(campaign: Campaign, counts: tuple[SignatureCount, ...]) -> Campaign:
    if not counts:
        return campaign
    signatures = campaign.petition.signatures
    every = {count.on: count for count in (*counts, *signatures.counts)}
    ordered = tuple(every[on] for on in sorted(every))
    petition = campaign.petition.model_copy(update={"signatures": signatures.model_copy(update={"counts": ordered})})
    return campaign.model_copy(update={"petition": petition})


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
