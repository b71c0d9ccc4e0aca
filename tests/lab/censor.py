"""What a simulated censor does, to whom, for which names, and from when to when."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """What the box in the middle does when it sees a name or an address that it looks for."""

    DNS_NXDOMAIN = "dns_nxdomain"
    DNS_SERVFAIL = "dns_servfail"
    DNS_REFUSED = "dns_refused"
    DNS_EMPTY = "dns_empty"
    DNS_SILENT = "dns_silent"
    DNS_FORGE = "dns_forge"  # answers with `addresses` instead of the truth
    DNS_INJECT = "dns_inject"  # answers with `addresses` first; the truth follows
    IP_DROP = "ip_drop"  # the SYN gets no reply
    IP_RESET = "ip_reset"  # the connection is reset as soon as it stands
    SNI_RESET = "sni_reset"
    SNI_CLOSE = "sni_close"
    SNI_DROP = "sni_drop"
    TLS_MITM = "tls_mitm"  # shakes hands with a certificate of its own, shows `page` or the true one
    HTTP_RESET = "http_reset"
    HTTP_CLOSE = "http_close"
    HTTP_DROP = "http_drop"
    HTTP_PAGE = "http_page"  # answers with `status` and `page`
    HTTP_REDIRECT = "http_redirect"  # sends the visitor to `location`
    THROTTLE = "throttle"  # lets `rate` octets a second through
    FREEZE = "freeze"  # lets `after` octets through, then nothing


DNS_ACTIONS = frozenset(action for action in Action if action.value.startswith("dns_"))
IP_ACTIONS = frozenset({Action.IP_DROP, Action.IP_RESET})
TLS_ACTIONS = frozenset({Action.SNI_RESET, Action.SNI_CLOSE, Action.SNI_DROP, Action.TLS_MITM})
HTTP_ACTIONS = frozenset(Action) - DNS_ACTIONS - IP_ACTIONS - TLS_ACTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that a censor does; `since` and `until` are instants of the simulated clock."""

    action: Action
    names: tuple[str, ...]  # exact host names, or ".suffix"; for IP actions the names of the sites concerned
    sources: tuple[str, ...]  # the addresses of the vantage points behind this box
    since: datetime | None = None
    until: datetime | None = None
    addresses: tuple[str, ...] = ()
    page: bytes = b""
    status: int = 200
    location: str = ""
    rate: int = 4_000
    after: int = 16_000
    only_at: tuple[str, ...] = ()  # site addresses where it acts; none: wherever the name goes
    most: int | None = None  # how often it acts at all
    residual: float = 0  # seconds for which, after a trigger, all from that source to that address and port is reset
    chance: float = 1.0  # of acting at all, for censors that miss
    ip_ttl: int = 44  # of forged DNS answers
    headers: tuple[tuple[str, str], ...] = field(default=())

    def concerns(self, name: str | None, source: str, at: datetime) -> bool:
        """Tells whether the rule acts on this name, from this source, at this instant."""
        return source in self.sources and self._in_force(at) and name is not None and self._names(name.lower())

    def _in_force(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def _names(self, name: str) -> bool:
        return any(name == wanted or (wanted.startswith(".") and name.endswith(wanted)) for wanted in self.names)
