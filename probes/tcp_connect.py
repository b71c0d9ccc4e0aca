"""The step `tcp_connect`: one connection attempt to one address."""

from dataclasses import dataclass

from models.failures import Failure
from models.observations import Purpose, TcpConnect
from probes.clock import Clock
from probes.streams import Stream
from probes.ways import WayOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where one connection goes, and why."""

    connection: int
    address: str
    port: int
    hop: int = 0
    purpose: Purpose = Purpose.WALK


@dataclass(frozen=True, slots=True)
class Connected:
    """What was seen, and the stream to go on with."""

    seen: TcpConnect
    stream: Stream | None
    own_fault: str | None = None


async def tcp_connect(to: Endpoint, way: WayOut, clock: Clock, *, timeout: float) -> Connected:
    """Connects; whatever the network does is recorded, nothing is raised."""
    started = clock.us()
    opened = await way.open_stream(to.address, to.port, timeout)
    seen = TcpConnect(
        hop=to.hop,
        purpose=to.purpose,
        connection=to.connection,
        address=to.address,
        port=to.port,
        started_us=started,
        duration_us=clock.since(started),
        failure=Failure.WAY_OUT_ERROR if opened.way_out_failure else opened.failure,
        way_out_failure=opened.way_out_failure,
    )
    return Connected(seen, opened.stream, opened.own_fault)
