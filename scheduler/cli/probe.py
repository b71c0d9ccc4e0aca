"""`wallwatch probe`: measures now, prints the verdict and why."""

import asyncio
import contextlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evidence.fingerprint_match import FingerprintSet
from evidence.judge import Judge
from models.certificates import Roots, default_roots
from models.measurement import Finished, digest
from models.observations import CanaryLook, ControlReport, Observation
from models.store import Judged, Store, open_store
from models.targets import Configuration, VantagePoint
from models.targets_file import read
from probes.canary import look_at_canaries
from probes.contrast_residue import Residue
from probes.web import Plan, measure
from scheduler.cli import probe_choice
from scheduler.cli.measurement_line import to_line
from scheduler.cli.options import DEFAULT_CONFIG, DEFAULT_DB, Config, Db, Json
from scheduler.cli.probe_choice import Asked, ChoiceError
from scheduler.cli.probe_shown import show, step
from scheduler.fingerprints import known, own
from scheduler.folding import Folding
from scheduler.sink import judged

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class _Printing:
    """Where results and progress go."""

    out: Console
    err: Console
    json: bool

    def progress(self, seen: Observation | ControlReport) -> None:
        if self.err.is_terminal:
            self.err.print(step(seen), soft_wrap=True)

    def done(self, one: Judged) -> None:
        measurement = one.finished.measurement
        name = digest(measurement.to_canonical())
        if self.json:
            typer.echo(to_line(name, measurement, one.verdict))
        else:
            show(self.out, name, measurement, one.verdict)


def command(
    *,
    subjects: Annotated[
        list[str] | None, typer.Argument(metavar="[TARGET_ID or URL]...", help="What to measure; none: all targets.")
    ] = None,
    vantage: Annotated[
        list[str] | None, typer.Option("--vantage", metavar="ID", help="From where; none: all that the target has.")
    ] = None,
    control: Annotated[
        str | None,
        typer.Option("--control", metavar="URL or ID", help="The control to ask; none: the configured ones."),
    ] = None,
    resolver: Annotated[
        str | None,
        typer.Option(
            "--resolver", metavar="ADDR", help="Ask this resolver: an address, udp://…, tcp://… or a DoH URL."
        ),
    ] = None,
    no_store: Annotated[bool, typer.Option("--no-store", help="Do not keep the measurement.")] = False,
    config: Config = DEFAULT_CONFIG,
    db: Db = DEFAULT_DB,
    json: Json = False,
) -> None:
    """Measure now, and say what was seen, step by step, what it amounts to, and why.

    Ends with 0 when the measurements were made, whatever they showed, and with 2 for bad input.
    """
    asked = Asked(subjects=subjects or (), vantages=vantage or (), control=control, resolver=resolver)
    configuration, fingerprints = _configuration(config)
    plans = _plans(asked, configuration)
    roots = _roots()
    printing = _Printing(Console(), Console(stderr=True), json)
    with contextlib.ExitStack() as stack:
        store = None if no_store else stack.enter_context(open_store(db))
        judge = Judge(roots=roots, fingerprints=fingerprints)
        asyncio.run(_measure_all(plans, configuration, judge, store, printing, roots=roots))


def _configuration(config: Path) -> tuple[Configuration, FingerprintSet]:
    """A URL can be measured without any file; a file that was named must be there."""
    if config == DEFAULT_CONFIG and not config.exists():
        return Configuration(), own().set
    loaded = read(config)
    return loaded.configuration, known(loaded).set


def _plans(asked: Asked, configuration: Configuration) -> list[Plan]:
    times = configuration.defaults
    controls = probe_choice.controls(asked, configuration)
    residue = Residue()
    return [
        Plan(
            target=subject.target,
            vantage=vantage,
            timeout=(subject.target.timeout or times.timeout).total_seconds(),
            total_timeout=times.total_timeout.total_seconds(),
            dns_window=times.dns_window.total_seconds(),
            controls=controls,
            check_resolvers=configuration.check_resolvers,
            simulated=configuration.simulated,
            allow_lan=subject.typed,
            contrasts=configuration.contrasts,
            residue=residue,
        )
        for subject in probe_choice.subjects(asked, configuration)
        for vantage in probe_choice.vantages(subject.target, asked, configuration)
    ]


def _roots() -> Roots:
    try:
        return default_roots()
    except ValueError as error:
        raise ChoiceError(str(error)) from None


async def _measure_all(
    plans: list[Plan],
    configuration: Configuration,
    judge: Judge,
    store: Store | None,
    printing: _Printing,
    *,
    roots: Roots,
) -> None:
    folding = Folding(store) if store is not None else None
    canaries = await _canaries({plan.vantage.id: plan.vantage for plan in plans}.values(), configuration, roots)
    room = asyncio.Semaphore(_AT_ONCE)
    waiting = [asyncio.ensure_future(_one(plan, canaries, roots, room, printing)) for plan in plans]
    with _status(plans, printing):
        for each in asyncio.as_completed(waiting):
            finished = await each
            one = Judged(finished=finished, verdict=judged(judge, finished))
            if store is not None and folding is not None:
                store.put([one])
                folding.written([one])
            printing.done(one)


async def _one(
    plan: Plan, canaries: dict[str, tuple[CanaryLook, ...]], roots: Roots, room: asyncio.Semaphore, printing: _Printing
) -> Finished:
    async with room:
        plan = replace(plan, canaries=canaries.get(plan.vantage.id, ()))
        return await measure(plan, roots=roots, on_step=printing.progress)


async def _canaries(
    vantages: Iterable[VantagePoint], configuration: Configuration, roots: Roots
) -> dict[str, tuple[CanaryLook, ...]]:
    """Each vantage point proves itself first."""
    looks = {}
    for point in vantages:
        chosen = [c for c in configuration.canaries if not c.vantage_points or point.id in c.vantage_points]
        timeout = configuration.defaults.timeout.total_seconds()
        looks[point.id] = await look_at_canaries(chosen, point, timeout=timeout, roots=roots) if chosen else ()
    return looks


def _status(plans: list[Plan], printing: _Printing) -> contextlib.AbstractContextManager[object]:
    what = f"{len(plans)} measurements" if len(plans) > 1 else f"{plans[0].target.url} from {plans[0].vantage.id}"
    if printing.err.is_terminal:
        return printing.err.status(f"measuring {what} …")
    print(f"measuring {what}", file=sys.stderr, flush=True)  # noqa: T201
    return contextlib.nullcontext()
