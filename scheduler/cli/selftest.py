"""`wallwatch selftest`: the matrix of scenarios, played on loopback and judged by the shipped rules."""

import asyncio
import json as json_format
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lab.scenario import Played, Scenario
from lab.scenarios import SCENARIOS
from lab.selftest import play_all
from lab.selftest_page import page
from models.errors import WallwatchError
from scheduler import logs
from scheduler.cli.options import Json

Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="ID", help="Play this scenario alone; may be given several times."),
]
Write = Annotated[
    Path | None,
    typer.Option("--write", metavar="FILE", help="Write the page of all scenarios there, and play none."),
]


class SelftestError(WallwatchError):
    """There is no such scenario."""


def command(json: Json = False, only: Only = None, write: Write = None) -> None:
    """Play scenarios of censorship and of what merely looks so, on loopback, and compare each verdict with the truth."""
    if write is not None:
        write.write_text(page(), encoding="utf-8")
        typer.echo(f"Wrote {write}.", err=True)
        return
    logs.configure()
    held, of = asyncio.run(_play(_chosen(only or []), json=json))
    typer.echo(f"{held}/{of}", err=json)
    raise typer.Exit(0 if held == of else 1)


def _chosen(wanted: Sequence[str]) -> tuple[Scenario, ...]:
    by_id = {scenario.id: scenario for scenario in SCENARIOS}
    unknown = [each for each in wanted if each not in by_id]
    if unknown:
        raise SelftestError(f"there is no scenario {unknown[0]!r}; `wallwatch selftest` prints the ids of all")
    return tuple(by_id[each] for each in wanted) or SCENARIOS


async def _play(scenarios: Sequence[Scenario], *, json: bool) -> tuple[int, int]:
    held, width = 0, max(len(scenario.id) for scenario in scenarios)
    async for played in play_all(scenarios):
        held += played.miss is None
        typer.echo(_as_json(played) if json else _as_row(played, width))
    return held, len(scenarios)


def _as_row(played: Played, width: int) -> str:
    verdict = played.verdict
    said = verdict.outcome.value + (f" {verdict.mechanism.value}" if verdict.mechanism else "")
    row = f"{'ok  ' if played.miss is None else 'MISS'}  {played.scenario.id:{width}}  {said:28}  {verdict.rule}"
    return row if played.miss is None else f"{row}\n      {played.miss}: {' '.join(verdict.reasons)}"


def _as_json(played: Played) -> str:
    scenario, verdict = played.scenario, played.verdict
    return json_format.dumps(
        {
            "scenario": scenario.id,
            "says": scenario.says,
            "looks_like": scenario.looks_like,
            "expected": str(scenario.expected),
            "holds": played.miss is None,
            "miss": played.miss,
            "outcome": verdict.outcome,
            "stage": verdict.stage,
            "mechanism": verdict.mechanism,
            "rule": verdict.rule,
            "reasons": verdict.reasons,
        },
        ensure_ascii=False,
    )
