"""Cases of the third table: addresses that cannot be connected to, here or anywhere."""

from models.observations import ContrastKind
from models.words import Mechanism, Outcome, Stage
from tests.judge.case import Case
from tests.judge.records import (
    BOGON,
    NAME,
    SITE,
    SITE_2,
    at,
    blind,
    canary,
    contrast,
    control,
    dns,
    endpoint,
    https,
    pageless,
    redirect,
    tcp,
    uncontrolled,
)

LOST, REFUSED, UNREACHABLE = "generic_timeout_error", "connection_refused", "host_unreachable"
V6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
VOID, DOWN, OK, ANOMALY = Outcome.INCONCLUSIVE, Outcome.DOWN, Outcome.OK, Outcome.ANOMALY
M = Mechanism


def _cut(failure: str, **parts: object) -> object:
    return https(**({"tcp": tcp(SITE, failure), "tls": (), "http": ()} | parts))


_ELSEWHERE = {
    "http": redirect("https://other.example/"),
    "dns": [dns(SITE), *at(1, dns(SITE_2, name="other.example"))],
    "tcp": [tcp(SITE), *at(1, tcp(SITE_2, LOST))],
}

_FAR = {"dns": dns(resolver="socks5 far end", queries_sent=0)}

TCP_CASES = [
    Case(
        "a proxy's far end cannot connect to the name, and the control can",
        "tcp.fails_here",
        _cut(LOST, tcp=tcp(NAME, LOST), **_FAR),
        ANOMALY,
        Stage.TCP,
        M.IP_TIMEOUT,
    ),
    Case(
        "neither a proxy's far end nor the control can connect to the name",
        "tcp.down",
        _cut(LOST, tcp=tcp(NAME, LOST), controls=pageless(SITE, endpoints=(endpoint(SITE, LOST),)), **_FAR),
        DOWN,
    ),
    Case(
        "the owner publishes a private address",
        "tcp.private_for_all",
        https(dns=dns(BOGON), tcp=(), tls=(), http=(), controls=pageless(BOGON)),
        DOWN,
    ),
    Case(
        "a private address that is not connected to, and works where the control is",
        "tcp.private_not_tried",
        https(dns=dns(BOGON), tcp=(), tls=(), http=(), controls=control(BOGON)),
        VOID,
    ),
    Case("no connection in the record", "tcp.not_tried", https(tcp=())),
    Case("one address of two works", "tcp.connected", https(tcp=[tcp(SITE_2, LOST), tcp(SITE)]), OK),
    Case(
        "IPv6 is broken at the vantage point",
        "tcp.connected",
        https(tcp=[tcp(V6, "network_unreachable"), tcp(SITE)]),
        OK,
    ),
    Case(
        "the proxy fails after the redirect",
        "tcp.way_out",
        https(
            http=redirect("https://other.example/"),
            tcp=[tcp(SITE), *at(1, tcp(SITE_2, "way_out_error", way_out_failure="eof_error"))],
        ),
        VOID,
        hop=1,
    ),
    Case(
        "only IPv6 addresses, and no IPv6 here",
        "tcp.only_ipv6",
        https(dns=dns(V6, type="AAAA"), tcp=tcp(V6, "network_unreachable"), tls=(), http=(), controls=control(V6)),
        VOID,
    ),
    Case("this machine's firewall", "tcp.own_machine", _cut("permission_denied"), VOID),
    Case(
        "the second try connects",
        "tcp.repeat_connects",
        _cut(LOST, contrasts=contrast(ContrastKind.REPEAT, tcp(SITE))),
        VOID,
    ),
    Case(
        "the server is down for everybody",
        "tcp.down",
        _cut(LOST, controls=pageless(SITE, endpoints=(endpoint(SITE, LOST),))),
        DOWN,
    ),
    Case(
        "one of the site's servers is down, and only that was told to us",
        "tcp.address_down",
        _cut(LOST, controls=control(SITE, SITE_2, endpoints=(endpoint(SITE, LOST), endpoint(SITE_2)))),
        VOID,
    ),
    Case(
        "a redirect to a server that is down",
        "tcp.down_after_redirect",
        https(**(_ELSEWHERE | {"controls": pageless(SITE)})),
        DOWN,
        hop=1,
    ),
    Case("packets to the address are dropped", "tcp.fails_here", _cut(LOST), ANOMALY, Stage.TCP, M.IP_TIMEOUT),
    Case("connections are reset", "tcp.fails_here", _cut("connection_reset"), ANOMALY, Stage.TCP, M.IP_RESET),
    Case("connections are refused", "tcp.fails_here", _cut(REFUSED), ANOMALY, Stage.TCP, M.IP_RESET),
    Case("a router says no", "tcp.fails_here", _cut(UNREACHABLE), ANOMALY, Stage.TCP, M.IP_UNREACHABLE),
    Case(
        "dropped behind a proxy that looks the name up",
        "tcp.fails_here",
        _cut(LOST, dns=(), tcp=tcp(NAME, LOST), canaries=canary()),
        ANOMALY,
        Stage.TCP,
        M.IP_TIMEOUT,
    ),
    Case(
        "dropped after a redirect",
        "tcp.fails_here",
        https(**_ELSEWHERE),
        ANOMALY,
        Stage.TCP,
        M.IP_TIMEOUT,
        hop=1,
    ),
    Case(
        "addresses that nobody else tried",
        "tcp.other_addresses",
        _cut(LOST, dns=(), tcp=tcp(SITE_2, LOST)),
        VOID,
    ),
    Case(
        "no reply from the address, and nobody to ask",
        "tcp.uncontrolled",
        uncontrolled(_cut(LOST, canaries=canary())),
        VOID,
    ),
    Case(
        "no reply from the address, and the control cannot be asked",
        "tcp.uncontrolled",
        _cut(LOST, canaries=canary(), controls=blind()),
        VOID,
    ),
]
