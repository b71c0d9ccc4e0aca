"""What a control does for one question: resolves the name by itself, meets the addresses, fetches the page."""

import asyncio
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from models.failures import Failure
from probes.control_eyes import Eyes, Met, Resolved
from probes.control_page import see_page
from probes.control_protocol import (
    About,
    AddressSeen,
    Answer,
    Asked,
    DnsSeen,
    HttpSeen,
    TcpSeen,
    TlsSeen,
    from_endpoint,
    to_endpoint,
)
from probes.places import Place, place
from probes.together import together

_MOST_OF_CLIENT = 16  # addresses
_MOST_OF_OWN = 8
_WHOLE = 25.0  # seconds; clients wait for 30

_Meetings = Mapping[tuple[str, int], Met]


async def look(asked: Asked, eyes: Eyes) -> Answer:
    """Answers one question.

    Raises ValueError for a question that makes no sense, OwnFaultError where the control itself cannot see.
    """
    here = place(asked.http_request)
    flags = _of_client(asked)
    resolved = await eyes.resolve(here)
    for address in resolved.addresses[:_MOST_OF_OWN]:
        flags[address] = flags.get(address, About(0)) | About.RESOLVED_BY_CONTROL
    meeting = asyncio.ensure_future(_meet_all(eyes, here, _ports(asked.http_request, here), flags))
    try:
        page = await _page(eyes, here, resolved)
        met = await meeting
    finally:
        meeting.cancel()
    return Answer(
        tcp_connect={
            to_endpoint(*end): TcpSeen(status=not m.tcp_failure, failure=m.tcp_failure) for end, m in met.items()
        },
        tls_handshake={
            to_endpoint(*end): TlsSeen(server_name=here.host, status=m.is_valid, failure=m.tls_failure)
            for end, m in met.items()
            if m.tls_tried
        },
        quic_handshake={},
        http_request=page,
        dns=DnsSeen(failure=resolved.failure, addrs=list(resolved.addresses)),
        ip_info={address: AddressSeen(flags=_about(eyes, address, known, met)) for address, known in flags.items()},
    )


def _of_client(asked: Asked) -> dict[str, About]:
    """The addresses that the client was given. Its ports are not taken: a control is no port scanner."""
    addresses = dict.fromkeys(from_endpoint(endpoint)[0] for endpoint in asked.tcp_connect or ())
    return dict.fromkeys(list(addresses)[:_MOST_OF_CLIENT], About.RESOLVED_BY_PROBE)


def _ports(url: str, here: Place) -> tuple[int, ...]:
    """As test helpers have it: the URL's own port, else 443, and for http 80 too."""
    if urlsplit(url).port is not None or here.scheme == "https":
        return (here.port,)
    return (80, 443)


async def _meet_all(
    eyes: Eyes, here: Place, ports: Iterable[int], addresses: Iterable[str]
) -> dict[tuple[str, int], Met]:
    ends = [(address, port) for address in addresses if eyes.may_meet(address) for port in ports]
    return dict(zip(ends, await together(_meet(eyes, here, end) for end in ends), strict=True))


async def _meet(eyes: Eyes, here: Place, end: tuple[str, int]) -> Met:
    met = await eyes.meet(here, *end, tls=end[1] == 443 or here.scheme == "https")
    if met.stream is not None:
        met.stream.close()
    return met


async def _page(eyes: Eyes, here: Place, resolved: Resolved) -> HttpSeen:
    try:
        async with asyncio.timeout(_WHOLE):
            return await see_page(eyes, here, resolved)
    except TimeoutError:
        return HttpSeen(failure=Failure.GENERIC_TIMEOUT_ERROR)


def _about(eyes: Eyes, address: str, known: About, met: _Meetings) -> int:
    if not eyes.may_meet(address):
        known |= About.BOGON
    if any(end[0] == address and one.is_valid for end, one in met.items()):
        known |= About.VALID_FOR_DOMAIN
    return int(known)
