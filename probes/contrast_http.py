"""Contrasts of a request that got no answer, or another page: another Host here, this Host elsewhere, the same again."""

from collections.abc import Sequence

from models.observations import ContrastKind, HttpFetch
from probes.contrast_bench import Bench, as_far_as_possible
from probes.contrast_neutral import neutral_address, neutral_names, unregistered_name


async def contrast_http(bench: Bench, fetches: Sequence[HttpFetch]) -> None:
    """Tells a name in the request from the address it goes to; inside TLS nobody on the path sees a name."""
    address = fetches[0].address
    if bench.place.is_address:
        await _again(bench, address)
        return
    if bench.place.scheme == "https":
        await _inside_tls(bench, address)
        return
    await as_far_as_possible([_elsewhere(bench), _here(bench, address)])


async def _here(bench: Bench, address: str) -> None:
    names = neutral_names(bench)
    if names:
        bench.keep(ContrastKind.NEUTRAL_HOST, await bench.request(address, names[0]), detail=names[0])
    await _again(bench, address)


async def _inside_tls(bench: Bench, address: str) -> None:
    """A freeze or a throttle goes by the name in the ClientHello: the same request after a harmless one shows it."""
    names = neutral_names(bench)
    if names:
        bench.keep(ContrastKind.NEUTRAL_SNI, await bench.request(address, names[0], names[0]), detail=names[0])
    await _again(bench, address)


async def _again(bench: Bench, address: str) -> None:
    bench.keep(ContrastKind.REPEAT, await bench.request(address, None))


async def _elsewhere(bench: Bench) -> None:
    """Sends the target's Host to a harmless address, once that has answered for a Host that it never heard of."""
    address, lookups = await neutral_address(bench)
    if address is None:
        return
    stranger = unregistered_name(bench)
    harmless = await bench.request(address, stranger)
    bench.keep(ContrastKind.NEUTRAL_HOST, harmless, detail=f"{stranger} at {address}")
    if not harmless.cut:
        tried = await bench.request(address, bench.place.authority)
        bench.keep(ContrastKind.TARGET_HOST_ELSEWHERE, tried, detail=address, lookups=lookups)
