"""`wallwatch bundle`: the files that prove an episode or a measurement, in one zip that anybody can check offline."""

import ipaddress
import re
import socket
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from evidence.bundle import Maker, Told, write_bundle
from evidence.bundle_choice import Subject, of_episode, of_measurement
from evidence.bundle_private import Address
from evidence.bundle_zip import BundleError
from evidence.citation import Cited
from evidence.citation_source import cited, found
from evidence.episode_outages import suspected_outages
from evidence.fingerprint_lists import read_own
from evidence.fingerprint_match import FingerprintSet
from evidence.judge import Judge
from evidence.signing import Signer, signer_at
from models.episode import Episode
from models.roots import default_roots
from models.store import Store, open_store
from scheduler.cli.options import DEFAULT_DB, Db
from scheduler.refolding import is_archive
from scheduler.timetable import Pair

KEY = "signing-key.pem"
_ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}  # kept for documentation; nothing is sent


def command(
    what: Annotated[
        str, typer.Argument(metavar="EPISODE|MEASUREMENT", help="An episode's id, or a measurement's sha256:….")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.zip", help="Where to write it.")],
    most: Annotated[
        int | None,
        typer.Option("--most", metavar="N", min=2, help="At most so many records: the ends first, the rest evenly."),
    ] = None,
    *,
    own_address: Annotated[
        list[str] | None,
        typer.Option("--own-address", metavar="ADDR", help="An address of the vantage point to take out; repeatable."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="The signing key; made where it is not there.")
    ] = None,
    publisher: Annotated[
        str | None, typer.Option("--publisher", metavar="NAME", help="Who publishes it: a name that may be printed.")
    ] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """The files that prove an episode or a measurement, signed, without what could harm whoever measured."""
    own = _own(own_address or [])
    with open_store(db, read_only=True) as store:
        subject, told = _subject(store, what, most, publisher)
        signer = signer_at(key or _key_beside(store, db))
        count = _write(_maker(store, signer, own), subject, told, output)
    _say(output, count, signer)


def _subject(store: Store, what: str, most: int | None, publisher: str | None) -> tuple[Subject, Cited | None]:
    if re.fullmatch(r"sha256:[0-9a-f]{64}", what):
        return of_measurement(store, what), None
    episode = found(store, what)
    outages = _outages(store, episode)
    return of_episode(store, episode, most=most, outages=outages), cited(store, episode, publisher=publisher)


def _outages(store: Store, episode: Episode) -> list:  # type: ignore[type-arg]
    """Returns what was set aside when an archive was folded: live looks answer for themselves."""
    pairs = [Pair(row.target, row.vantage) for row in store.current(vantage=episode.vantage)]
    if not is_archive(store, pairs):
        return []
    return suspected_outages([store.looks(*pair) for pair in sorted(pairs)])


def _maker(store: Store, signer: Signer, own: Sequence[Address]) -> Maker:
    roots, fingerprints = default_roots(), FingerprintSet(read_own())
    return Maker(
        store=store,
        judge=Judge(roots=roots, fingerprints=fingerprints),
        roots=roots.digest,
        fingerprints=fingerprints.digest,
        signer=signer,
        version=_version(),
        own=tuple(own),
    )


def _write(maker: Maker, subject: Subject, told: Cited | None, output: Path) -> Told:
    """Writes the file under its name only once it is whole."""
    try:
        with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as part:
            place = Path(part.name)
            try:
                count = write_bundle(maker, subject, told, part)  # type: ignore[arg-type]
                part.close()
                place.chmod(0o644)
                place.replace(output)
            finally:
                place.unlink(missing_ok=True)
    except OSError as error:
        raise BundleError(f"{output} cannot be written: {error.strerror}; name another file with -o") from error
    return count


def _own(given: Sequence[str]) -> list[Address]:
    """Returns the addresses given, and those that this machine has."""
    return [Address(text) for text in sorted({*map(_address, given), *_of_this_machine()})]


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise typer.BadParameter(f"--own-address: {text[:80]!r} is no IP address.") from None


def _of_this_machine() -> set[str]:
    found: set[str] = set()
    with suppress(OSError):
        found |= {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    for family, elsewhere in _ELSEWHERE.items():
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))  # asks for a route; sends nothing
            found.add(str(probe.getsockname()[0]))
    return {one for one in found if not ipaddress.ip_address(one).is_loopback}


def _key_beside(store: Store, db: str) -> Path:
    if not db.startswith("sqlite"):
        raise typer.BadParameter("A store that is no file has no place for a key beside it; name one with --key FILE.")
    return Path(store.place).parent / KEY


def _version() -> str:
    try:
        return version("wallwatch")
    except PackageNotFoundError:  # run from a bare checkout
        return "unknown"


def _say(output: Path, told: Told, signer: Signer) -> None:
    typer.echo(
        f"{output}: {told.records} records, {told.redacted} of them redacted, {told.withheld} contents withheld."
    )
    for why, count in sorted(told.why_not.items()):
        typer.echo(f"{count} verdicts cannot be derived again from it: {why}.")
    typer.echo(f"Signed by key {signer.id}")
