"""OONI's lookups (df-002) as ours: what the system's resolver said is the walk, what other resolvers said checks it."""

from collections.abc import Iterable, Mapping

from evidence.ooni_endpoints import address, depth, tags
from evidence.ooni_words import Json, failure, mapping, micros, objects, octets, text
from models.failures import Failure
from models.measurement import digest
from models.observations import DnsLookup, DnsRecord, DnsReply, Purpose

_MOST_QUERIES, _MOST_ANSWERS = 200, 50
_SYSTEM = frozenset({"", "system", "getaddrinfo", "golang_net_resolver", "unknown"})
_RCODES = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}
_FIELDS = {"A": "ipv4", "AAAA": "ipv6", "CNAME": "hostname"}
Key = tuple[str, str, str]


def lookups(keys: Json, hop_of: Mapping[str, int], blobs: dict[str, bytes]) -> tuple[DnsLookup, ...]:
    """Returns the lookups, with what came twice for one query among its replies."""
    queries = objects(keys.get("queries"), _MOST_QUERIES)
    later: dict[Key, list[Json]] = {}
    for duplicate in objects(keys.get("x_dns_duplicate_responses"), _MOST_QUERIES):
        later.setdefault(_key(duplicate), []).append(duplicate)
    return tuple(_lookup(query, later.pop(_key(query), []), hop_of, blobs) for query in queries)


def asns(keys: Json) -> dict[str, int]:
    """Returns the AS number of each answer, by the probe's own table."""
    found: dict[str, int] = {}
    for query in objects(keys.get("queries"), _MOST_QUERIES):
        for answer in objects(query.get("answers"), _MOST_ANSWERS):
            where, number = address(answer.get("ipv4") or answer.get("ipv6")), answer.get("asn")
            if where and isinstance(number, int) and 0 < number < 2**32:
                found[where] = number
    return found


def _lookup(query: Json, later: Iterable[Json], hop_of: Mapping[str, int], blobs: dict[str, bytes]) -> DnsLookup:
    resolver, name = _resolver(query), (text(query.get("hostname"), 300) or "").rstrip(".").lower()
    found = _addresses(query)
    failed = failure(query.get("failure"))
    hop = depth(query)
    return DnsLookup(
        hop=hop_of.get(name, 0) if hop is None else hop,
        purpose=Purpose.WALK if resolver == "system" or "classic" in tags(query) else Purpose.CHECK,
        name=name,
        type=text(query.get("query_type"), 10) or "A",
        resolver=resolver,
        started_us=micros(query.get("t0")),
        duration_us=max(0, micros(query.get("t")) - micros(query.get("t0"))),
        failure=failed if failed or found else Failure.DNS_NO_ANSWER,
        addresses=found,
        replies=() if resolver == "system" else tuple(_reply(entry, blobs) for entry in (query, *later)),
    )


def _key(query: Json) -> Key:
    name, kind = text(query.get("hostname"), 300) or "", text(query.get("query_type"), 10) or ""
    return name.rstrip(".").lower(), kind, _resolver(query)


def _resolver(query: Json) -> str:
    engine, asked = text(query.get("engine"), 30) or "", text(query.get("resolver_address"), 300) or ""
    if engine in _SYSTEM:
        return "system"
    if engine == "doh":
        return asked if asked.startswith("https://") else "https://"
    return f"{engine}://{asked}"


def _addresses(query: Json) -> tuple[str, ...]:
    answers = objects(query.get("answers"), _MOST_ANSWERS)
    found = (address(answer.get("ipv4") or answer.get("ipv6")) for answer in answers)
    return tuple(dict.fromkeys(where for where in found if where))


def _reply(entry: Json, blobs: dict[str, bytes]) -> DnsReply:
    name = text(entry.get("hostname"), 300) or ""
    raw = octets({"data": entry.get("raw_response")}, 65_535)
    if raw:
        blobs[digest(raw)] = raw
    return DnsReply(
        at_us=micros(entry.get("t")),
        sender=text(entry.get("resolver_address"), 300),
        rcode=_rcode(entry),
        records=tuple(_records(entry, name)),
        raw=digest(raw) if raw else None,
    )


def _rcode(entry: Json) -> str | None:
    told = entry.get("rcode")
    if isinstance(told, int) and not isinstance(told, bool) and told in _RCODES:
        return _RCODES[told]
    failed = failure(entry.get("failure"))
    by_word: dict[str | None, str] = {
        None: "NOERROR",
        Failure.DNS_NO_ANSWER: "NOERROR",
        Failure.DNS_NXDOMAIN_ERROR: "NXDOMAIN",
    }
    return by_word.get(failed)


def _records(entry: Json, name: str) -> Iterable[DnsRecord]:
    for answer in objects(entry.get("answers"), _MOST_ANSWERS):
        kind = text(answer.get("answer_type"), 10) or ""
        value = text(mapping(answer).get(_FIELDS.get(kind, "")), 300)
        if value:
            yield DnsRecord(name=name, type=kind, value=value)
