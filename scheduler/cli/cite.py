"""`wallwatch cite`: a sentence, BibTeX, CSL-JSON or HTML that points to an episode."""

from collections.abc import Callable
from typing import Annotated

import typer

from evidence.citation_forms import FORMATS
from evidence.citation_source import cited, found
from models.store import open_store
from scheduler.cli.options import DEFAULT_DB, Db


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def check(word: str) -> str:
        if word not in words:
            raise typer.BadParameter(f"{word!r} is not one of {', '.join(words)}.")
        return word

    return check


def command(
    episode: Annotated[str, typer.Argument(metavar="EPISODE", help="An id, as `wallwatch episodes` prints it.")],
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORM", callback=_one_of(tuple(FORMATS)), help=f"One of {', '.join(FORMATS)}."
        ),
    ] = "text",
    publisher: Annotated[
        str | None, typer.Option("--publisher", metavar="NAME", help="Who publishes it: a name that may be printed.")
    ] = None,
    permalink: Annotated[str | None, typer.Option("--permalink", metavar="URL", help="Where readers find it.")] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Cite an episode: what was seen, from where, between when and when; never why, never by whom."""
    if permalink is not None and not permalink.lower().startswith(("http://", "https://")):
        raise typer.BadParameter(f"--permalink: {permalink[:80]!r} is no address; it begins with https:// or http://.")
    with open_store(db, read_only=True) as store:
        told = cited(store, found(store, episode), publisher=publisher, permalink=permalink)
    typer.echo(FORMATS[form](told))
