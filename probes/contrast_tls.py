"""Contrasts of a handshake that was cut: another name at this address, this name at another address, the same again."""

from collections.abc import Sequence

from models.observations import ContrastKind, TlsHandshake
from probes.contrast_bench import Bench, as_far_as_possible
from probes.contrast_neutral import neutral_address, neutral_names, unregistered_name
from probes.contrast_ttl import reset_from_where

_MOST = 2  # addresses at which they are made


async def contrast_tls(bench: Bench, cut: Sequence[TlsHandshake]) -> None:
    """Makes the harmless handshakes first: once the target's name was sent, residual blocking may cut anything."""
    addresses = list(dict.fromkeys(hello.address for hello in cut))[:_MOST]
    await as_far_as_possible([_elsewhere(bench), *(_here(bench, address) for address in addresses)])
    if _ttl_limited(bench) and addresses:
        await reset_from_where(bench, addresses[0])


async def _here(bench: Bench, address: str) -> None:
    names = neutral_names(bench)
    if names and not bench.place.is_address:
        bench.keep(ContrastKind.NEUTRAL_SNI, await bench.hello(address, names[0]), detail=names[0])
    bench.keep(ContrastKind.REPEAT, await bench.hello(address, _own_name(bench)))


async def _elsewhere(bench: Bench) -> None:
    """Sends the target's name to a harmless address, once that has shown that it does not cut names it never heard of."""
    if bench.place.is_address:
        return
    address, lookups = await neutral_address(bench)
    if address is None:
        return
    stranger = unregistered_name(bench)
    harmless = await bench.hello(address, stranger)
    bench.keep(ContrastKind.NEUTRAL_SNI, harmless, detail=f"{stranger} at {address}")
    if not harmless.cut:
        tried = await bench.hello(address, bench.place.host)
        bench.keep(ContrastKind.TARGET_SNI_ELSEWHERE, tried, detail=address, lookups=lookups)


def _own_name(bench: Bench) -> str | None:
    return None if bench.place.is_address else bench.place.host


def _ttl_limited(bench: Bench) -> bool:
    wanted = bench.trail.plan.vantage.ttl_limited
    return bench.settings.ttl_limited if wanted is None else wanted
