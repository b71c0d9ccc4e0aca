"""Cases of the second table: lies about the name, and what looks like them."""

from evidence.fingerprint_seam import Mark
from models.observations import ContrastKind
from models.words import Mechanism, Outcome, Stage
from tests.judge.case import Case
from tests.judge.records import (
    BLOCK_PAGE,
    BOGON,
    CDN,
    DOH,
    FORGED,
    FORGED_2,
    NAME,
    PUBLIC,
    SITE,
    SITE_2,
    at,
    canary,
    checking,
    contrast,
    control,
    dns,
    endpoint,
    http,
    https,
    look,
    nameless,
    pageless,
    plain,
    redirect,
    reply,
    tcp,
    tls,
    uncontrolled,
)

DOWN, OK, VOID = Outcome.DOWN, Outcome.OK, Outcome.INCONCLUSIVE
ANOMALY, CONFIRMED = Outcome.ANOMALY, Outcome.CONFIRMED
DNS = Stage.DNS
M = Mechanism
NXDOMAIN, REFUSED, LOST = "dns_nxdomain_error", "dns_refused_error", "generic_timeout_error"
_UNREACHED = {"tcp": (), "tls": (), "http": ()}
_VOUCHED = {"tcp": checking(tcp(SITE)), "tls": checking(tls(SITE)), "http": ()}
_UNTRUSTED = tls(FORGED, opinion="ssl_unknown_authority")


def _denied(failure: str, **parts: object) -> object:
    return https(dns=dns(failure=failure), **(_UNREACHED | parts))


def _two(*replies: object, **changes: object) -> object:
    first = replies[0].records[0].value  # type: ignore[attr-defined]
    return dns(first, resolver=PUBLIC, replies=replies, **changes)


DNS_CASES = [
    Case(
        "an address as target",
        "dns.literal",
        look(f"https://{SITE}/", tcp=tcp(SITE), tls=tls(SITE, server_name=None), http=http(), controls=control()),
        OK,
    ),
    Case("a proxy looks the name up at its far end", "dns.not_asked", https(dns=()), OK),
    Case(
        "a proxy looks the name up at its far end, and the record says so",
        "dns.not_asked",
        https(dns=dns(resolver="socks5 far end", queries_sent=0)),
        OK,
    ),
    Case(
        "an address without a resolver answers",
        "dns.answer_from_nowhere",
        https(contrasts=contrast(ContrastKind.NO_RESOLVER, dns(FORGED, resolver="udp://202.0.2.1:53"))),
        CONFIRMED,
        DNS,
        M.DNS_INJECTION,
    ),
    Case(
        "a transparent resolver answers truly from nowhere",
        "dns.in_order",
        https(contrasts=contrast(ContrastKind.NO_RESOLVER, dns(SITE, resolver="udp://202.0.2.1:53"))),
        OK,
    ),
    Case(
        "the forged answer arrives first, the true one after, without control",
        "dns.two_authors_here",
        uncontrolled(
            https(
                dns=_two(reply(FORGED), reply(SITE)),
                tcp=[tcp(FORGED), *checking(tcp(SITE))],
                tls=[_UNTRUSTED, *checking(tls(SITE))],
                http=(),
            )
        ),
        CONFIRMED,
        DNS,
        M.DNS_INJECTION,
        (M.TLS_MITM,),
    ),
    Case(
        "the forged answer arrives first, the true one after",
        "dns.two_authors",
        https(dns=_two(reply(FORGED), reply(SITE)), tcp=tcp(FORGED, LOST), tls=(), http=()),
        CONFIRMED,
        DNS,
        M.DNS_INJECTION,
        (M.IP_TIMEOUT,),
    ),
    Case(
        "two forgers and no true answer",
        "dns.two_authors",
        https(dns=_two(reply(FORGED), reply(FORGED_2), queries_sent=1), tcp=tcp(FORGED, LOST), tls=(), http=()),
        CONFIRMED,
        DNS,
        M.DNS_INJECTION,
        (M.IP_TIMEOUT,),
    ),
    Case(
        "no such name, and then the site's address",
        "dns.two_authors",
        https(dns=dns(failure=NXDOMAIN, resolver=PUBLIC, replies=[reply(rcode="NXDOMAIN"), reply(SITE)]), **_UNREACHED),
        CONFIRMED,
        DNS,
        M.DNS_INJECTION,
    ),
    Case("the same answer twice", "dns.in_order", https(dns=_two(reply(SITE), reply(SITE, at_us=900))), OK),
    Case(
        "answers that rotate within the control's set",
        "dns.in_order",
        https(dns=_two(reply(SITE), reply(SITE_2)), controls=control(SITE, SITE_2)),
        OK,
    ),
    Case(
        "the resolver over TCP tells the truth",
        "dns.tcp_contrast",
        https(
            dns=dns(FORGED, resolver=PUBLIC),
            tcp=tcp(FORGED, LOST),
            tls=(),
            http=(),
            contrasts=contrast(ContrastKind.TARGET_NAME_TCP, dns(SITE, resolver=PUBLIC)),
        ),
        CONFIRMED,
        DNS,
        M.DNS_INJECTION,
        (M.IP_TIMEOUT,),
    ),
    Case(
        "a forged address that is known as such",
        "dns.known_forged_address",
        https(dns=dns(FORGED), tcp=tcp(FORGED, LOST), tls=(), http=()),
        CONFIRMED,
        DNS,
        M.DNS_FORGED_ANSWER,
        (M.IP_TIMEOUT,),
        marks=(Mark(hop=0, kind="address", name=FORGED, source="GFWatch"),),
    ),
    Case(
        "an advertisement blocker's hosts file",
        "dns.hosts_file",
        https(dns=dns("0.0.0.0", resolver="hosts"), **_UNREACHED),
        VOID,
    ),
    Case(
        "no such name here; by an encrypted resolver it loads, without control",
        "dns.check_loads",
        uncontrolled(https(dns=[dns(failure=NXDOMAIN), *checking(dns(SITE, resolver=DOH))], **_VOUCHED)),
        ANOMALY,
        DNS,
        M.DNS_NXDOMAIN,
    ),
    Case(
        "one resolver of the walk denies the name, and by the other it loads, without control",
        "dns.check_loads",
        uncontrolled(https(dns=[dns(failure=NXDOMAIN), dns(SITE, resolver=PUBLIC)])),
        ANOMALY,
        DNS,
        M.DNS_NXDOMAIN,
    ),
    Case(
        "a bogon here; by an encrypted resolver it loads, without control",
        "dns.check_contradicts",
        uncontrolled(https(dns=[dns(BOGON), *checking(dns(SITE, resolver=DOH))], **_VOUCHED)),
        ANOMALY,
        DNS,
        M.DNS_BOGON,
    ),
    Case(
        "somebody else's certificate at the answer; by an encrypted resolver it loads, without control",
        "dns.check_contradicts",
        uncontrolled(
            https(
                dns=[dns(FORGED), *checking(dns(SITE, resolver=DOH))],
                tcp=[tcp(FORGED), *checking(tcp(SITE))],
                tls=[_UNTRUSTED, *checking(tls(SITE))],
                http=(),
            )
        ),
        ANOMALY,
        DNS,
        M.DNS_FORGED_ANSWER,
        (M.TLS_MITM,),
    ),
    Case(
        "a resolver that serves its own customers only",
        "dns.resolver_closed",
        _denied(REFUSED, contrasts=contrast(ContrastKind.NEUTRAL_NAME, dns(failure=REFUSED, name="example.com"))),
        VOID,
    ),
    Case(
        "a resolver that is down",
        "dns.resolver_closed",
        _denied(LOST, contrasts=contrast(ContrastKind.NEUTRAL_NAME, dns(failure=LOST, name="example.com"))),
        VOID,
    ),
    Case("REFUSED, and nothing known of the resolver", "dns.resolver_closed", _denied(REFUSED), VOID),
    Case(
        "one UDP packet is lost",
        "dns.lost_packet",
        https(dns=dns(failure=LOST, resolver=PUBLIC, queries_sent=1), **_UNREACHED),
        VOID,
    ),
    Case(
        "a flaky resolver",
        "dns.repeat_answered",
        _denied("dns_servfail_error", contrasts=contrast(ContrastKind.REPEAT, dns(SITE))),
        VOID,
    ),
    Case("the name is gone for everybody", "dns.down", _denied(NXDOMAIN, controls=nameless()), DOWN),
    Case(
        "the name has no address for anybody",
        "dns.down",
        _denied("dns_no_answer", controls=nameless(None)),
        DOWN,
    ),
    Case("no such name, only here", "dns.denied_here", _denied(NXDOMAIN), ANOMALY, DNS, M.DNS_NXDOMAIN),
    Case(
        "server failure, only here",
        "dns.denied_here",
        _denied("dns_servfail_error"),
        ANOMALY,
        DNS,
        M.DNS_SERVFAIL,
    ),
    Case("no address, only here", "dns.denied_here", _denied("dns_no_answer"), ANOMALY, DNS, M.DNS_NO_ANSWER),
    Case(
        "no address by Android's resolver, only here",
        "dns.denied_here",
        _denied("android_dns_cache_no_data"),
        ANOMALY,
        DNS,
        M.DNS_NO_ANSWER,
    ),
    Case(
        "refused for this name only",
        "dns.denied_here",
        _denied(REFUSED, contrasts=contrast(ContrastKind.NEUTRAL_NAME, dns(SITE_2, name="example.com"))),
        ANOMALY,
        DNS,
        M.DNS_REFUSED,
    ),
    Case(
        "refused by the system's resolver, which served the canaries",
        "dns.denied_here",
        _denied(REFUSED, canaries=canary()),
        ANOMALY,
        DNS,
        M.DNS_REFUSED,
    ),
    Case("silence for this name only", "dns.denied_here", _denied(LOST), ANOMALY, DNS, M.DNS_TIMEOUT),
    Case(
        "one resolver lies and another does not",
        "dns.check_loads",
        https(dns=[dns(SITE), dns(failure=NXDOMAIN, resolver=PUBLIC)]),
        ANOMALY,
        DNS,
        M.DNS_NXDOMAIN,
    ),
    Case(
        "one resolver is silent and another is not",
        "dns.in_order",
        https(dns=[dns(SITE), dns(failure=LOST, resolver=PUBLIC)]),
        OK,
    ),
    Case(
        "no such name after a redirect",
        "dns.denied_after_redirect",
        https(
            http=redirect("https://other.example/"),
            dns=[dns(SITE), *at(1, dns(failure=NXDOMAIN, name="other.example"))],
        ),
        ANOMALY,
        DNS,
        M.DNS_NXDOMAIN,
        hop=1,
    ),
    Case(
        "no such name after a redirect, for nobody",
        "dns.down_after_redirect",
        https(
            http=redirect("https://other.example/"),
            dns=[dns(SITE), *at(1, dns(failure=NXDOMAIN, name="other.example"))],
            controls=pageless(SITE),
        ),
        DOWN,
        hop=1,
    ),
    Case(
        "no such name, and nobody to ask",
        "dns.denied_uncontrolled",
        uncontrolled(_denied(NXDOMAIN, canaries=canary())),
        VOID,
    ),
    Case(
        "the provider's search page in place of no such name",
        "dns.nxdomain_rewritten",
        https(
            dns=dns(FORGED),
            tcp=tcp(FORGED),
            tls=_UNTRUSTED,
            http=(),
            contrasts=contrast(ContrastKind.UNREGISTERED_NAME, dns(FORGED, name="never-registered.example")),
        ),
        ANOMALY,
        DNS,
        M.DNS_NXDOMAIN,
        (M.TLS_MITM,),
    ),
    Case(
        "the provider's search page for a name that is gone",
        "dns.search_page",
        plain(
            dns=dns(FORGED),
            tcp=tcp(FORGED, port=80),
            controls=nameless(),
            contrasts=contrast(ContrastKind.UNREGISTERED_NAME, dns(FORGED, name="never-registered.example")),
        ),
        DOWN,
    ),
    Case(
        "a block that outlived its site",
        "dns.ghost_answer",
        plain(
            dns=[dns(FORGED), *checking(dns(FORGED, resolver=PUBLIC))],
            tcp=tcp(FORGED, "connection_refused", port=80),
            http=(),
            controls=nameless(),
        ),
        ANOMALY,
        DNS,
        M.DNS_FORGED_ANSWER,
        (M.IP_RESET,),
    ),
    Case(
        "an answer for a name that is gone",
        "dns.ghost_unexplained",
        plain(dns=dns(FORGED), tcp=tcp(FORGED, port=80), controls=nameless()),
        VOID,
    ),
    Case("a bogon, only here", "dns.bogon", https(dns=dns(BOGON), **_UNREACHED), ANOMALY, DNS, M.DNS_BOGON),
    Case(
        "loopback, only here",
        "dns.bogon",
        https(dns=dns("127.0.0.1"), **_UNREACHED),
        ANOMALY,
        DNS,
        M.DNS_BOGON,
    ),
    Case(
        "somebody else's address and no certificate there",
        "dns.forged_answer",
        https(
            dns=dns(FORGED), tcp=tcp(FORGED), tls=_UNTRUSTED, http=(), controls=control(asns=((FORGED, 1), (SITE, 2)))
        ),
        ANOMALY,
        DNS,
        M.DNS_FORGED_ANSWER,
        (M.TLS_MITM,),
    ),
    Case(
        "somebody else's address with the block page on it",
        "dns.forged_answer",
        plain(dns=dns(FORGED), tcp=tcp(FORGED, port=80), http=http(BLOCK_PAGE, address=FORGED)),
        ANOMALY,
        DNS,
        M.DNS_FORGED_ANSWER,
        (M.HTTP_DIFF,),
    ),
    Case(
        "a CDN's other address with a valid certificate",
        "dns.in_order",
        https(dns=dns(CDN), tcp=tcp(CDN), tls=tls(CDN), http=http(address=CDN)),
        OK,
    ),
    Case(
        "a CDN's other address whose handshake is cut, valid for the control",
        "dns.in_order",
        https(
            dns=dns(CDN),
            tcp=tcp(CDN),
            tls=tls(CDN, "connection_reset"),
            http=(),
            controls=control(endpoints=(endpoint(SITE), endpoint(CDN)), valid_addresses=(SITE, CDN)),
        ),
        ANOMALY,
        Stage.TLS,
        M.SNI_RESET,
    ),
    Case(
        "a CDN over http whose page is the control's",
        "dns.in_order",
        plain(dns=dns(CDN), tcp=tcp(CDN, port=80), http=http(address=CDN, url=f"http://{NAME}/")),
        OK,
    ),
    Case(
        "the same AS as the control's address",
        "dns.in_order",
        https(
            dns=dns(CDN),
            tcp=tcp(CDN, LOST),
            tls=(),
            http=(),
            controls=control(
                asns=((CDN, 54113), (SITE, 54113)),
                endpoints=(endpoint(SITE), endpoint(CDN)),
            ),
        ),
        ANOMALY,
        Stage.TCP,
        M.IP_TIMEOUT,
    ),
    Case(
        "a network that speaks IPv6 only and writes IPv4 addresses into it",
        "dns.in_order",
        https(dns=dns("64:ff9b::5db8:d822", type="AAAA")),
        OK,
    ),
    Case(
        "a bogon, and nobody to ask",
        "dns.bogon_uncontrolled",
        uncontrolled(https(dns=dns(BOGON), canaries=canary(), **_UNREACHED)),
        VOID,
    ),
    Case("a name with nothing against it", "dns.in_order", https(), OK),
    Case(
        "a different answer by an encrypted resolver for a site without TLS, and nobody to ask",
        "dns.in_order",
        uncontrolled(plain(dns=[dns(CDN), *checking(dns(SITE, resolver=DOH))], tcp=tcp(CDN, port=80))),
        VOID,
    ),
]
