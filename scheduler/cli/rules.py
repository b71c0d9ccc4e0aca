"""`wallwatch rules`: the tables that verdicts are made by."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from evidence.rules import TABLES
from evidence.rules_page import lines, page
from evidence.ruleset import RULESET
from lab.scenarios_rules import SHOWN_BY
from scheduler.cli.options import Json

Write = Annotated[
    Path | None,
    typer.Option("--write", metavar="FILE", help="Write the page of all rules there (the project's is docs/rules.md)."),
]


def command(json: Json = False, write: Write = None) -> None:
    """Print the rules in the order in which they are asked: id, outcome, mechanism, sentence."""
    if write is not None:
        write.write_text(page(SHOWN_BY), encoding="utf-8")
        typer.echo(f"Wrote {write}.", err=True)
        return
    for line in _as_json() if json else [f"ruleset {RULESET}", *lines()]:
        typer.echo(line)


def _as_json() -> list[str]:
    rules = [rule for table in TABLES.values() for rule in table]
    return [
        json_format.dumps(
            {
                "ruleset": RULESET,
                "rule": rule.id,
                "outcome": rule.outcome,
                "stage": rule.stage,
                "sentence": rule.sentence,
                "would_change": rule.would_change,
            },
            ensure_ascii=False,
        )
        for rule in rules
    ]
