"""The command line: one file a command, loaded only when it is called, because imports cost more than most commands."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from models.errors import WallwatchError

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("scheduler.cli.up", "Measure on schedule and show it, until Ctrl-C."),
    "init": ("scheduler.cli.init", "Write a targets.yaml to start from."),
    "check": ("scheduler.cli.check", "Check targets.yaml; names every error with its line."),
    "probe": ("scheduler.cli.probe", "Measure now, and say what was seen and why it amounts to what."),
    "show": ("scheduler.cli.show", "A stored measurement step by step, and why it amounts to what."),
    "control": ("scheduler.cli.control", "Look at sites for other vantage points, from where the censor is not."),
    "judge": ("scheduler.cli.judge", "Derive all verdicts and episodes anew under the rules of today."),
    "episodes": ("scheduler.cli.episodes", "Block episodes, of the store or of a series file."),
    "cite": ("scheduler.cli.cite", "A citation of an episode: a sentence, BibTeX, CSL-JSON or HTML."),
    "bundle": ("scheduler.cli.bundle", "The files that prove an episode, signed, in one zip that anybody can check."),
    "verify": ("scheduler.cli.verify", "Whether a bundle is whole, signed, and says what its records say; offline."),
    "export": (
        "scheduler.cli.export",
        "Measurements, verdicts and episodes as CSV or Parquet; measurements as OONI writes them.",
    ),
    "demo": ("scheduler.cli.demo", "The whole thing on a simulated censored internet, on loopback."),
    "selftest": ("scheduler.cli.selftest", "Every scenario of the lab on loopback, and how many verdicts are right."),
    "import": ("scheduler.cli.import_", "Archive files into measurements, judged by the same rules as our own."),
    "rules": ("scheduler.cli.rules", "The rules that turn a look into a verdict, in their order."),
}
"""Name of a command -> (the module with its `command` function, what it does in one line)."""

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; ends in `SystemExit` with 0 done, 1 the check did not hold, 2 bad input."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _app(_called(given))(args=given, prog_name="wallwatch")
    except WallwatchError as error:
        print(f"wallwatch: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(BAD_INPUT) from None


def _called(arguments: Sequence[str]) -> str | None:
    """The name of the command, known before anything is loaded: no option before it takes a value."""
    return next((word for word in arguments if not word.startswith("-")), None)


def _app(called: str | None) -> typer.Typer:
    # Plain help on purpose: the boxed one imports for 0.3 s, and cannot be read aloud or diffed.
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_wallwatch)
    for name, (module, sentence) in COMMANDS.items():
        function = import_module(module).command if name == called else _not_called
        app.command(name, short_help=sentence, help=None if name == called else sentence)(function)
    return app


def _not_called() -> None:
    """Stands in for a command that was not called, so that its module stays unloaded."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wallwatch {_version()}")
        raise typer.Exit


def _version() -> str:
    try:
        return version("wallwatch")
    except PackageNotFoundError:  # run from a bare checkout
        return "unknown"


def _wallwatch(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Whether sites resolve and load, from where, since when not, how, and why we say so."""


__all__ = ["COMMANDS", "main"]
