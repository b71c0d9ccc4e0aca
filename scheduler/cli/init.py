"""`wallwatch init`: a first targets.yaml, so that the next command has something to do."""

from pathlib import Path

import typer

from models.errors import WallwatchError
from scheduler.cli.options import DEFAULT_CONFIG, Config

_STARTER = Path(__file__).with_name("starter.yaml")


class InitError(WallwatchError):
    """The file was not written."""


def command(config: Config = DEFAULT_CONFIG) -> None:
    """Write a targets.yaml to start from, with a comment at each thing to fill in; never overwrites one."""
    try:
        with config.open("x", encoding="utf-8") as file:
            file.write(_STARTER.read_text(encoding="utf-8"))
    except FileExistsError:
        message = f"{config} is there already, and is left as it is; name another with --config FILE"
        raise InitError(message) from None
    except OSError as error:
        raise InitError(f"{config} cannot be written: {error.strerror}") from None
    typer.echo(f"Wrote {config}. Next: put your targets into it, then `wallwatch check`, then `wallwatch up`.")
