"""`wallwatch check`: is the configuration right, and what would it do?"""

import json as json_format
from typing import Annotated

import typer

from models.targets import Configuration
from models.targets_errors import TargetsError
from models.targets_file import Loaded, read
from models.targets_schema import schema
from scheduler.cli.options import DEFAULT_CONFIG, Config, Json
from scheduler.fingerprints import Known, known

Schema = Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of the file, for editors, and exit.")]

_ONE = {
    "targets": "target",
    "vantage_points": "vantage point",
    "controls": "control",
    "canaries": "canary",
    "campaigns": "campaign",
}


def command(config: Config = DEFAULT_CONFIG, json: Json = False, schema_only: Schema = False) -> None:
    """Check targets.yaml: all errors at once, each with its line, what was expected, and the nearest right spelling.

    Ends with 0 when the file can be used, and with 2 when it cannot. Warnings do not change that.
    """
    if schema_only:
        typer.echo(schema(), nl=False)
        return
    try:
        loaded = read(config)
        fingerprints = known(loaded)
    except TargetsError as error:
        if not json:
            raise
        for problem in error.problems:
            _line({"level": "error", **problem.to_json()})
        raise typer.Exit(2) from None
    _say_as_json(loaded, fingerprints) if json else _say(loaded, fingerprints)


def _say_as_json(loaded: Loaded, fingerprints: Known) -> None:
    for warning in loaded.warnings:
        _line({"level": "warning", **warning.to_json()})
    summary = {**_counts(loaded.configuration), "lists": [report.to_json() for report in loaded.lists]}
    _line({"level": "summary", **summary, "fingerprints": fingerprints.to_json()})


def _say(loaded: Loaded, fingerprints: Known) -> None:
    configuration = loaded.configuration
    for warning in loaded.warnings:
        typer.echo(f"warning: {warning}")
    for complaint in (one for report in fingerprints.reports for one in report.complaints()):
        typer.echo(f"warning: {complaint}")
    for report in (*loaded.lists, *fingerprints.reports):
        typer.echo(str(report))
    if fingerprints.reports:
        typer.echo(f"{fingerprints.set.count} fingerprints with our own, {fingerprints.set.digest}")
    typer.echo(f"{loaded.files[0]} is right: {_in_words(_counts(configuration))}.")


def _in_words(counts: dict[str, int]) -> str:
    def of(name: str, aside: str = "") -> str:
        word = name.replace("_", " ") if counts[name] != 1 else _ONE[name]
        return f"{counts[name]} {word}{aside}"

    enabled, usable = counts["targets_enabled"], counts["vantage_points_usable"]
    return ", ".join(
        [
            of("targets", f" ({enabled} enabled)"),
            of("vantage_points", f" ({usable} usable)"),
            of("controls"),
            of("canaries"),
            of("campaigns"),
        ]
    )


def _counts(configuration: Configuration) -> dict[str, int]:
    return {
        "targets": len(configuration.targets),
        "targets_enabled": sum(target.enabled for target in configuration.targets),
        "vantage_points": len(configuration.vantage_points),
        "vantage_points_usable": sum(point.usable for point in configuration.vantage_points),
        "controls": len(configuration.controls),
        "canaries": len(configuration.canaries),
        "campaigns": len(configuration.campaigns),
    }


def _line(record: dict[str, object]) -> None:
    typer.echo(json_format.dumps(record, ensure_ascii=False))
