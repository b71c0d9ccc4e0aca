"""Where a look met interference, so that the address is left alone for a while."""

from collections.abc import Iterable, Iterator

from models.failures import Failure
from models.measurement import Measurement
from models.observations import HttpFetch, TcpConnect, TlsHandshake
from models.verdict import Verdict
from models.words import BLOCKED, Mechanism, Stage
from scheduler.pacing import Address

_SHOWN_BY_THE_ANSWER = frozenset(
    {
        Mechanism.TLS_MITM,
        Mechanism.BLOCKPAGE,
        Mechanism.BLOCKPAGE_REDIRECT,
        Mechanism.HTTP_DIFF,
        Mechanism.STALLED,
        Mechanism.THROTTLED,
    }
)
_NOT_INTERFERENCE = frozenset({Failure.NETWORK_UNREACHABLE, Failure.NETWORK_DOWN, Failure.ADDRESS_FAMILY_NOT_SUPPORTED})


def met(measurement: Measurement) -> tuple[Address, ...]:
    """Returns every address and port that a look touched: what the next look of this pair will likely touch."""
    return tuple(dict.fromkeys(Address(measurement.vantage.id, step.address, step.port) for step in measurement.tcp))


def interfered(measurement: Measurement, verdict: Verdict) -> tuple[Address, ...]:
    """Returns the addresses to leave alone: where connections failed, or where an answer was not the site's."""
    if verdict.outcome not in BLOCKED or (verdict.stage is Stage.DNS and not verdict.also):
        return ()
    mechanisms = {verdict.mechanism, *verdict.also}
    if mechanisms & _SHOWN_BY_THE_ANSWER:
        return met(measurement)
    failed = (step for step in _steps(measurement) if step.failure and step.failure not in _NOT_INTERFERENCE)
    return tuple(dict.fromkeys(_addresses(measurement.vantage.id, failed)))


def over_quic(verdict: Verdict) -> bool:
    return Mechanism.QUIC_TIMEOUT in {verdict.mechanism, *verdict.also}


def _steps(measurement: Measurement) -> Iterator[TcpConnect | TlsHandshake | HttpFetch]:
    yield from measurement.tcp
    yield from measurement.tls
    yield from measurement.http
    for contrast in measurement.contrasts:
        yield from contrast.tcp
        yield from contrast.tls
        yield from contrast.http


def _addresses(vantage: str, steps: Iterable[TcpConnect | TlsHandshake | HttpFetch]) -> Iterator[Address]:
    return (Address(vantage, step.address, step.port) for step in steps)
