"""How episodes are shown to a person: a table of intervals, and what whoever quotes them must know."""

import sys
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from models.episode import Episode, Interval


def show(told: Sequence[Episode]) -> None:
    """Prints a table, and below it what a reader must know who would quote the dates."""
    if not told:
        typer.echo("No episodes.")
        return
    table = Table("Episode", "Target", "Vantage point", "Onset", "Release", "State", "Blocked", "Wave", "How", box=None)
    for one in told:
        blocked = f"{one.blocked_checks} of {one.checks} checks"
        how = ", ".join(one.mechanisms) or "-"
        wave = str(one.wave) if one.wave else "-"
        dates = (onset_in_words(one.onset), release_in_words(one))
        table.add_row(one.id, one.target, one.vantage, *dates, one.state, blocked, wave, how)
    Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False).print(table)
    for one in told:
        for line in _notes(one):
            typer.echo(f"{one.id}: {line}")


def onset_in_words(onset: Interval) -> str:
    by = f"{onset.by:%Y-%m-%d %H:%M}"
    if onset.after is None:
        return f"already blocked when first looked at, {by}"
    return f"{onset.after:%Y-%m-%d %H:%M} to {by}{_mixed(onset)}"


def release_in_words(one: Episode) -> str:
    if one.release is None or one.release.after is None:
        return "not seen yet"
    return f"{one.release.after:%Y-%m-%d %H:%M} to {one.release.by:%Y-%m-%d %H:%M}{_mixed(one.release)}"


def _mixed(of: Interval) -> str:
    return "" if of.clean else " (mixed)"


def _notes(one: Episode) -> list[str]:
    """What a reader must know who would quote the dates."""
    notes = [f"nobody looked from {gap.after:%Y-%m-%d %H:%M} to {gap.by:%Y-%m-%d %H:%M}" for gap in one.gaps]
    for blind in one.unusable:
        notes.append(f"no usable look from {blind.after:%Y-%m-%d %H:%M} to {blind.by:%Y-%m-%d %H:%M} ({blind.why})")
    if one.interruptions:
        times = "once" if len(one.interruptions) == 1 else f"{len(one.interruptions)} times"
        notes.append(f"reachable in between {times}, never long enough to call it a release")
    if one.wave:
        others = "one other target" if one.wave == 1 else f"{one.wave} other targets"
        notes.append(f"{others} of this vantage point changed within an hour of the onset")
    return notes
