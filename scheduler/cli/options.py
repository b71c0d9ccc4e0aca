"""Options that several commands share, so that they are spelled, explained and defaulted once."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_CONFIG = Path("targets.yaml")
DEFAULT_DB = "sqlite:///data/wallwatch.sqlite"


def store_url(text: str) -> str:
    """The URL of a store; a bare file name means SQLite, relative to the working directory."""
    return text if "://" in text else f"sqlite:///{text}"


Config = Annotated[
    Path,
    typer.Option("--config", "-c", metavar="FILE", help="The file of targets, vantage points and campaigns."),
]
"""Write `config: Config = DEFAULT_CONFIG`."""

Db = Annotated[
    str,
    typer.Option(
        "--db",
        metavar="URL",
        envvar="WALLWATCH_DB",
        callback=store_url,
        help="The store: a database URL, or the file name of an SQLite database.",
    ),
]
"""Write `db: Db = DEFAULT_DB`."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON lines, and nothing else, to standard output.")]
"""Write `json: Json = False`; logs and progress go to standard error."""
