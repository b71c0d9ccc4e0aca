"""Contrasts of connections that did not come about: the same again, and an address next door where that is agreed."""

import ipaddress
from collections.abc import Sequence

from models.observations import ContrastKind, TcpConnect
from probes.contrast_bench import Bench, as_far_as_possible

_MOST = 2
_NEIGHBOURHOOD = {4: 24, 6: 48}


async def contrast_tcp(bench: Bench, failed: Sequence[TcpConnect]) -> None:
    """Connects again from new source ports; next door only to addresses that the operator named."""
    addresses = list(dict.fromkeys(attempt.address for attempt in failed))
    doors = [door for door in bench.settings.neighbour_addresses if any(_near(door, a) for a in addresses)]
    await as_far_as_possible(
        [
            *(_keep(bench, ContrastKind.NEIGHBOUR_ADDRESS, door) for door in doors[:1] if door not in addresses),
            *(_keep(bench, ContrastKind.REPEAT, address) for address in addresses[:_MOST]),
        ]
    )


async def _keep(bench: Bench, kind: ContrastKind, address: str) -> None:
    bench.keep(kind, await bench.connect(address), detail=address)


def _near(one: str, other: str) -> bool:
    try:
        here = ipaddress.ip_address(other)
        return ipaddress.ip_address(one) in ipaddress.ip_network((here, _NEIGHBOURHOOD[here.version]), strict=False)
    except ValueError:
        return False  # a name that a proxy resolves
