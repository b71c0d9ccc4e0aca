"""`wallwatch verify`: whether a bundle is whole, signed, and says what its records say; offline."""

import json as json_format
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from evidence.bundle_check import Report, Verifier, check
from evidence.bundle_form import form_problems, key_of
from evidence.bundle_open import Opened, open_folder, open_zip
from evidence.bundle_zip import BundleError
from evidence.citation import printable
from evidence.fingerprint_lists import read_own
from evidence.fingerprint_match import FingerprintSet
from evidence.judge import Judge
from models.roots import default_roots
from scheduler.cli.options import Json


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bundle, or the folder that it was unpacked into.")],
    key: Annotated[
        str | None, typer.Option("--key", metavar="ID", help="The id of the key that must have signed it.")
    ] = None,
    json: Json = False,
) -> None:
    """Whether a bundle is whole, signed, and says what its records say; offline. Ends with 1 where it is not."""
    if key is not None and not re.fullmatch(r"[0-9a-f]{64}", key):
        raise typer.BadParameter("--key: an id is 64 hexadecimal digits, as `wallwatch bundle` prints it.")
    with ExitStack() as stack:
        opened = _opened(file, stack)
        problems = form_problems(opened, key)
        report = Report(problems=problems) if opened.problems else check(opened, _verifier())
        report.problems = list(dict.fromkeys([*problems, *report.problems]))
        signer = key_of(opened)
    _say(file, report, signer, asked=key is not None, json=json)
    raise typer.Exit(1 if report.problems else 0)


def _opened(path: Path, stack: ExitStack) -> Opened:
    try:
        if path.is_dir():
            return open_folder(path)
        return open_zip(path, stack.enter_context(path.open("rb")))
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}") from error


def _verifier() -> Verifier:
    roots, fingerprints = default_roots(), FingerprintSet(read_own())
    return Verifier(Judge(roots=roots, fingerprints=fingerprints), roots.digest, fingerprints.digest)


def _say(file: Path, report: Report, signer: str | None, *, asked: bool, json: bool) -> None:
    if json:
        typer.echo(
            json_format.dumps(
                {
                    "file": str(file),
                    "holds": not report.problems,
                    "problems": report.problems,
                    "notes": report.notes,
                    "key": signer,
                    "records": report.records,
                    "records_not_redacted": report.whole,
                    "verdicts_judged_again": report.judged,
                },
                ensure_ascii=False,
            )
        )
        return
    for problem in report.problems:
        typer.echo(f"FAILED  {printable(problem)}")
    if not report.problems:
        redacted = report.records - report.whole
        typer.echo(f"OK  {file}: every file is as it was signed.")
        typer.echo(
            f"    {report.records} records: {report.whole} hash to their ids, {redacted} were redacted and cannot."
        )
        typer.echo(
            f"    {report.judged} verdicts judged again with the same result; series and episode follow from them."
        )
        known = "the key asked for" if asked else "compare it with what the publisher says elsewhere, or give --key"
        typer.echo(f"    Signed by {signer} ({known}).")
    for note in report.notes:
        typer.echo(f"Note: {printable(note)}.")
