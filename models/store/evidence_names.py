"""Which blobs a measurement names, and which of them are its own (messages) rather than shared (certificates, bodies)."""

from collections.abc import Iterable, Iterator

from models.measurement import Measurement
from models.observations import HttpFetch, TlsHandshake

OWN_LIMIT = 65_536  # a larger message rests apart
OWN_MOST = 254  # and so do those beyond what one record's frame counts


def own_names(measurement: Measurement) -> list[str]:
    """Returns the names of raw messages: each differs from every other by its query id and times."""
    lookups = [*measurement.dns, *(lookup for contrast in measurement.contrasts for lookup in contrast.dns)]
    replies = [reply.raw for lookup in lookups for reply in lookup.replies]
    return [name for name in (*replies, *(report.raw for report in measurement.controls)) if name is not None]


def shared_names(measurement: Measurement) -> Iterator[str]:
    """Yields the names of certificates, bodies and archives' originals."""
    for contrast in measurement.contrasts:
        yield from _of(contrast.tls, contrast.http)
    yield from _of(measurement.tls, measurement.http)
    if measurement.source is not None:
        yield measurement.source


def all_names(measurement: Measurement) -> tuple[str, ...]:
    """Returns every blob's name, each once, in a fixed order."""
    return tuple(dict.fromkeys([*own_names(measurement), *shared_names(measurement)]))


def _of(handshakes: Iterable[TlsHandshake], fetches: Iterable[HttpFetch]) -> Iterator[str]:
    for handshake in handshakes:
        yield from handshake.chain
    for fetch in fetches:
        if fetch.body is not None:
            yield fetch.body
