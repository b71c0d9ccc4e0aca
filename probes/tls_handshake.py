"""The step `tls_handshake`: shakes hands without verification, keeps the presented chain, and judges it beside."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from models.certificates import Roots, chain_failure
from models.observations import TlsHandshake
from probes.blobs import Blobs
from probes.clock import Clock
from probes.failure import alert_of, failure_of
from probes.streams import Stream
from probes.tcp_connect import Endpoint
from probes.tls_stream import TlsStream, any_certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What live opinions go by."""

    at: datetime
    roots: Roots
    name: str | None  # that the certificate should be for; the address itself where the URL has no name


@dataclass(frozen=True, slots=True)
class Shaken:
    """What was seen, and the stream to go on with."""

    seen: TlsHandshake
    stream: TlsStream | None


async def tls_handshake(
    under: Stream, to: Endpoint, trust: Trust, *, server_name: str | None, clock: Clock, blobs: Blobs, timeout: float
) -> Shaken:
    """Shakes hands over an open stream; whatever the network does is recorded, nothing is raised."""
    started = clock.us()
    tls: TlsStream | None = None
    error: Exception | None = None
    try:
        tls = TlsStream(under, any_certificate(), server_name)
        async with asyncio.timeout(timeout):
            await tls.handshake()
    except Exception as failed:
        error = failed
    except BaseException:
        under.close()
        raise
    seen = _seen(tls, error, to, trust, server_name=server_name, times=(started, clock.since(started)), blobs=blobs)
    if error is not None:
        under.close()
    return Shaken(seen, None if error else tls)


def _seen(
    tls: TlsStream | None,
    error: Exception | None,
    to: Endpoint,
    trust: Trust,
    *,
    server_name: str | None,
    times: tuple[int, int],
    blobs: Blobs,
) -> TlsHandshake:
    chain = tls.chain() if tls else ()
    version, cipher, alpn = tls.agreed() if tls and error is None else (None, None, None)
    return TlsHandshake(
        hop=to.hop,
        purpose=to.purpose,
        connection=to.connection,
        address=to.address,
        port=to.port,
        server_name=server_name,
        started_us=times[0],
        duration_us=times[1],
        failure=failure_of(error) if error else None,
        alert=alert_of(error) if error else None,
        version=version,
        cipher=cipher,
        alpn=alpn,
        chain=tuple(map(blobs.put, chain)),
        opinion=_opinion(chain, trust),
        bytes_sent=tls.bytes_sent if tls else 0,
        bytes_received=tls.bytes_received if tls else 0,
    )


def _opinion(chain: tuple[bytes, ...], trust: Trust) -> str | None:
    if not chain:
        return None
    return chain_failure(chain, trust.name, trust.at, trust.roots) or "ok"
