"""Contrasts of a name that got no answer, or a doubtful one: other names of this resolver, this name by other roads."""

from collections.abc import Iterator, Sequence

from models.observations import ContrastKind, DnsLookup, Purpose
from probes.contrast_bench import Bench, as_far_as_possible
from probes.contrast_neutral import neutral_names, unregistered_name
from probes.hop import barred, chosen, reach
from probes.together import together

_MOST = 2  # resolvers to which they are put
Question = tuple[ContrastKind, str, Sequence[str]]


async def contrast_dns(bench: Bench, asked: Sequence[DnsLookup]) -> None:
    """Asks everything at once, the harmless names first."""
    await as_far_as_possible([*(_ask(bench, question) for question in _questions(bench, asked)), _ask_nobody(bench)])
    await _whose(bench)


def _questions(bench: Bench, asked: Sequence[DnsLookup]) -> Iterator[Question]:
    resolvers = list(dict.fromkeys(look.resolver for look in asked if _is_resolver(look)))[:_MOST]
    host = bench.place.host
    for resolver in resolvers:
        yield ContrastKind.NEUTRAL_NAME, resolver, neutral_names(bench)[:2]
        yield ContrastKind.UNREGISTERED_NAME, resolver, [unregistered_name(bench)]
    for resolver in resolvers:
        yield ContrastKind.REPEAT, resolver, [host]
    for resolver in _over_tcp(bench, asked):
        yield ContrastKind.TARGET_NAME_TCP, resolver, [host]
    for resolver in _encrypted(bench):
        yield ContrastKind.TARGET_NAME_DOH, resolver, [host]


async def _whose(bench: Bench) -> None:
    """Shakes hands at addresses that only a later reply or another road named: a valid certificate there tells who lied."""
    trail, here = bench.trail, bench.place
    if here.scheme != "https" or not trail.way.can_tcp or trail.way.resolves_far:
        return
    tried = {attempt.address for attempt in trail.tcp if attempt.hop == bench.hop}
    named = [address for address in _named(bench) if address not in tried]
    private = barred(trail, named)
    fit = chosen(trail, here, [address for address in named if address not in private])[:_MOST]
    bench.timeout()
    for one in await reach(trail, here, fit, bench.hop, Purpose.CHECK) if fit else []:
        one.stream.close()


def _named(bench: Bench) -> list[str]:
    """What later replies to the walk's queries, and the same name over TCP or an encrypted road, gave."""
    looks = [each.so_far for each in bench.trail.lookups]
    late = [r for x in looks if x.name == bench.place.host for reply in x.replies for r in reply.records]
    roads = (ContrastKind.TARGET_NAME_TCP, ContrastKind.TARGET_NAME_DOH)
    contrasts = [c for c in bench.trail.contrasts if c.kind in roads and c.hop == bench.hop]
    found = [record.value for record in late if record.type in ("A", "AAAA")]
    return list(dict.fromkeys([*found, *(a for c in contrasts for x in c.dns for a in x.addresses)]))


def _is_resolver(look: DnsLookup) -> bool:
    """Neither this machine's own list of names nor the far end of a proxy can be asked for anything else."""
    return look.resolver != "hosts" and not look.resolver.endswith(" far end")


def _over_tcp(bench: Bench, asked: Sequence[DnsLookup]) -> list[str]:
    if not bench.trail.way.can_tcp:
        return []
    servers = dict.fromkeys(server for look in asked for server in look.servers if server.startswith("udp://"))
    return ["tcp://" + server.removeprefix("udp://") for server in servers][:_MOST]


def _encrypted(bench: Bench) -> list[str]:
    """The encrypted resolvers that were not asked for this name as a second opinion already."""
    trail = bench.trail
    if not trail.way.can_tcp:
        return []
    checked = {
        x.so_far.resolver for x in trail.lookups if x.so_far.purpose is Purpose.CHECK and x.so_far.hop == bench.hop
    }
    return [each for each in trail.plan.check_resolvers if each.startswith("https://") and each not in checked][:_MOST]


async def _ask(bench: Bench, question: Question) -> None:
    kind, resolver, names = question
    looks = await together(bench.lookup(name, "A", resolver) for name in names)
    bench.keep_lookups(kind, tuple(looks), detail=", ".join(names))


async def _ask_nobody(bench: Bench) -> None:
    """Asks where no resolver runs: first for a harmless name, because whatever answers for that is a resolver after all."""
    nobody = bench.settings.no_resolver_address
    if nobody is None or not bench.trail.way.can_udp:
        return
    names = [*neutral_names(bench)[:1], bench.place.host]
    looks = await together(bench.lookup(name, "A", nobody) for name in names)
    bench.keep_lookups(ContrastKind.NO_RESOLVER, tuple(looks), detail=nobody)
