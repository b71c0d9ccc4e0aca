"""What is allowed in `targets.yaml` and yet worth a word: it works, but perhaps not as its author thinks."""

from collections.abc import Sequence
from pathlib import Path

from models.targets import Configuration
from models.targets_errors import Problem
from models.targets_lists import ListReport
from models.targets_yaml import Tree

_NAMED_ROWS = 20


def warn(tree: Tree, configuration: Configuration, lists: Sequence[ListReport]) -> tuple[Problem, ...]:
    """Returns the warnings, in the order of the file."""
    notes = Tree(tree.file, keys=tree.keys, values=tree.values)
    _about_vantage_points(notes, configuration)
    if not configuration.simulated:
        _about_what_is_missing(notes, configuration)
    for index, report in enumerate(lists):
        _about_list(notes, index, report)
    return tuple(sorted(notes.problems))


def _about_vantage_points(notes: Tree, configuration: Configuration) -> None:
    for index, point in enumerate(configuration.vantage_points):
        if point.enabled and point.consent is None:
            message = "not used until consent is recorded: consent: {by: NAME, on: YYYY-MM-DD}"
            notes.problem(("vantage_points", index), message)
    if not any(point.usable for point in configuration.vantage_points):
        notes.problem(("vantage_points",), "no vantage point can be used: nothing will be measured", at_key=True)


def _about_what_is_missing(notes: Tree, configuration: Configuration) -> None:
    if not any(target.enabled for target in configuration.targets):
        notes.problem(("targets",), "no target is enabled: nothing will be measured", at_key=True)
    if not configuration.controls:
        message = (
            "no control is configured: verdicts that need one stay inconclusive; "
            "`wallwatch control --listen 0.0.0.0:8080` on a small server abroad is one"
        )
        notes.problem(("controls",), message, at_key=True)
    if not any(canary.expect == "loads" for canary in configuration.canaries):
        message = "no canary must load: a broken line here cannot be told from blocking, and all verdicts say so"
        notes.problem(("canaries",), message, at_key=True)


def _about_list(notes: Tree, index: int, report: ListReport) -> None:
    folder = Path(notes.file).parent
    for line, reason in report.bad[:_NAMED_ROWS]:
        notes.problems.append(Problem(file=str(folder / report.file), line=line, column=1, key="url", message=reason))
    if len(report.bad) > _NAMED_ROWS:
        more = len(report.bad) - _NAMED_ROWS
        notes.problem(("include", index), f"{report.file} has {more} more rows that could not be used as they are")
