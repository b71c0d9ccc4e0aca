"""Looks at canaries: does the vantage point itself work? Blame comes later, and only where they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from models.certificates import Roots, chain_failure, default_roots, parse
from models.failures import UNREACHABLE, Failure
from models.measurement import Finished, to_instant
from models.observations import CanaryLook, HttpFetch, Purpose, TlsHandshake
from models.targets import Canary, Target, VantagePoint
from probes.addresses import is_public
from probes.places import Place, place
from probes.plan import Plan
from probes.together import together
from probes.web import measure

_OFFLINE = UNREACHABLE | {Failure.NETWORK_DOWN, Failure.ADDRESS_NOT_AVAILABLE}
_SILENT = frozenset({Failure.GENERIC_TIMEOUT_ERROR, Failure.TIMED_OUT, Failure.CONNECTION_REFUSED})
_STEPS = 3  # a canary may take so many step timeouts in all


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a canary did not load, in words; `blind` where that is the vantage point's fault, not somebody's on the way."""

    failure: str | None
    detail: str
    blind: bool = False


async def look_at_canaries(
    canaries: Iterable[Canary],
    vantage: VantagePoint,
    *,
    timeout: float,
    at: datetime | None = None,
    roots: Roots | None = None,
) -> tuple[CanaryLook, ...]:
    """Looks at each canary that is meant for this vantage point, by its way out, with the steps of any measurement.

    Raises what `measure` raises for a vantage point that cannot be used as configured.
    """
    mine = [canary for canary in canaries if not canary.vantage_points or vantage.id in canary.vantage_points]
    return tuple(await together(_look(canary, vantage, timeout, at, roots or default_roots()) for canary in mine))


async def _look(canary: Canary, vantage: VantagePoint, timeout: float, at: datetime | None, roots: Roots) -> CanaryLook:
    at = at or datetime.now(UTC)
    target = Target(id=canary.id, url=canary.url, allow_private=canary.allow_private)
    plan = Plan(target=target, vantage=vantage, timeout=timeout, total_timeout=_STEPS * timeout, dns_window=0)
    trouble = _trouble(canary, await measure(plan, at=at, roots=roots), at, roots)
    held, detail = _verdict(canary, trouble)
    return CanaryLook(
        id=canary.id,
        url=canary.url,
        expect=canary.expect,
        started_at=to_instant(at),
        held=held,
        failure=trouble.failure if trouble else None,
        detail=detail,
    )


def _verdict(canary: Canary, trouble: Trouble | None) -> tuple[bool, str | None]:
    if canary.expect == "loads":
        return trouble is None, trouble.detail if trouble else None
    if trouble is None:
        return False, "it loads here, so what is filtered elsewhere is not filtered here"
    return not trouble.blind, f"it cannot be told whether it is blocked: {trouble.detail}" if trouble.blind else None


def _trouble(canary: Canary, finished: Finished, at: datetime, roots: Roots) -> Trouble | None:
    seen = finished.measurement
    if seen.own_fault:
        return Trouble(None, f"a fault of this machine: {seen.own_fault}", blind=True)
    here = place(canary.url)
    return _of_way(finished) or _of_names(finished, here) or _of_pages(canary, finished, here, at, roots)


def _of_way(finished: Finished) -> Trouble | None:
    seen = finished.measurement
    broken = [one.way_out_failure for one in seen.dns if one.way_out_failure]
    broken += [one.way_out_failure for one in seen.tcp if one.way_out_failure]
    whole = any(one.failure is None for one in seen.tcp)
    if not broken or whole:
        return None
    return Trouble(Failure.WAY_OUT_ERROR, f"the way out failed: {broken[0]}", blind=True)


def _of_names(finished: Finished, here: Place) -> Trouble | None:
    lookups = [one for one in finished.measurement.dns if one.purpose is Purpose.WALK and one.name == here.host]
    failures = [one.failure for one in lookups if one.failure]
    if not failures or any(one.addresses for one in lookups):
        return None
    if any(failure in _OFFLINE for failure in failures):
        return Trouble(failures[0], "offline: no network to reach the resolver", blind=True)
    if all(failure in _SILENT for failure in failures):
        return Trouble(failures[0], f"the resolver does not answer ({failures[0]})", blind=True)
    return Trouble(failures[0], f"the resolver gives no address for {here.host} ({failures[0]})")


def _of_pages(canary: Canary, finished: Finished, here: Place, at: datetime, roots: Roots) -> Trouble | None:
    seen = finished.measurement
    if not seen.tcp:
        return _without_connection(finished, here)
    failures = [one.failure for one in seen.tcp if one.failure]
    if len(failures) == len(seen.tcp):
        offline = all(failure in _OFFLINE for failure in failures)
        detail = "offline: no network" if offline else f"no connection to {here.host} ({failures[0]})"
        return Trouble(failures[0], detail, blind=offline)
    return _of_tls(finished, here, at, roots) or _of_answers(canary, seen.http)


def _without_connection(finished: Finished, here: Place) -> Trouble | None:
    found = [a for one in finished.measurement.dns if one.purpose is Purpose.WALK for a in one.addresses]
    private = [address for address in (found or [here.host]) if not is_public(address)]
    if private:
        return Trouble(Failure.DNS_BOGON_ERROR, f"captive portal or filter: {here.host} is said to be at {private[0]}")
    if found:
        return None  # a way out for names alone
    return Trouble(Failure.GENERIC_TIMEOUT_ERROR, f"no time was left to connect to {here.host}")


def _of_tls(finished: Finished, here: Place, at: datetime, roots: Roots) -> Trouble | None:
    fetched = {one.connection for one in finished.measurement.http if one.failure is None}
    handshakes = finished.measurement.tls
    for shaken in [one for one in handshakes if one.connection in fetched] or handshakes[:1]:
        if shaken.failure is not None:
            return Trouble(shaken.failure, f"TLS is broken on the way to {here.host} ({shaken.failure})")
        if shaken.opinion != "ok":
            return _distrusted(finished, shaken, at, roots)
    return None


def _distrusted(finished: Finished, shaken: TlsHandshake, at: datetime, roots: Roots) -> Trouble:
    chain = [finished.blobs[name] for name in shaken.chain]
    leaf = parse(chain[0]) if chain else None
    name = shaken.server_name or shaken.address
    if leaf is None:
        return Trouble(shaken.opinion, f"TLS is broken: {name} shows no certificate that can be read")
    middle = leaf.not_before + (leaf.not_after - leaf.not_before) / 2
    outdated = not leaf.not_before <= at <= leaf.not_after
    if outdated and chain_failure(chain, name, middle, roots) is None:
        valid = f"from {leaf.not_before:%Y-%m-%d} to {leaf.not_after:%Y-%m-%d}"
        detail = (
            f"the clock is wrong, or {name} is: its certificate is valid {valid}, and this clock says {at:%Y-%m-%d}"
        )
        return Trouble(shaken.opinion, detail, blind=True)
    return Trouble(
        shaken.opinion, f"TLS is intercepted: the certificate for {name} is by {leaf.issuer} ({shaken.opinion})"
    )


def _of_answers(canary: Canary, fetches: tuple[HttpFetch, ...]) -> Trouble | None:
    if not fetches:
        return Trouble(Failure.GENERIC_TIMEOUT_ERROR, "no time was left to ask for the page")
    for fetch in fetches:
        if fetch.location is not None and fetch.url.startswith("http://") and _leads_away(fetch.url, fetch.location):
            return Trouble(None, f"captive portal: sent to {fetch.location[:200]} instead of an answer")
    last = fetches[-1]
    if last.failure is not None:
        return Trouble(last.failure, f"the page breaks off ({last.failure})")
    if canary.status is None:
        return None if (last.status or 0) < 400 else Trouble(None, f"answers with status {last.status}")
    if last.status == canary.status:
        return None
    return Trouble(None, f"captive portal: status {last.status} instead of {canary.status}")


def _leads_away(url: str, location: str) -> bool:
    """Tells whether a redirect leads to another site; from `example.org` to `www.example.org` it does not."""
    try:
        there = place(location).host.removeprefix("www.")
    except ValueError:
        return True
    here = place(url).host.removeprefix("www.")
    return there != here and not there.endswith("." + here)
