"""Cases of the first table: vantage points that could not have seen anything."""

from dataclasses import replace

from models.measurement import VantageFacts
from models.words import Outcome
from tests.judge.case import Case
from tests.judge.records import SITE, blind, canary, dns, https, look, nameless, plain, tcp

VOID = Outcome.INCONCLUSIVE
LOST = "generic_timeout_error"

MEASUREMENT_CASES = [
    Case("no file descriptor was left here", "measurement.own_fault", https(own_fault="EMFILE"), VOID),
    Case(
        "nobody consented to this vantage point",
        "measurement.no_consent",
        https(vantage=VantageFacts(id="volunteer", via="socks5")),
        VOID,
    ),
    Case("the record is empty", "measurement.nothing_recorded", look(notes=("test_keys is null",)), VOID),
    Case(
        "the proxy does not answer",
        "measurement.way_out_failed",
        https(tcp=tcp(SITE, "connection_refused", way_out_failure="connection_refused"), tls=(), http=()),
        VOID,
    ),
    Case(
        "a machine without internet, no canary, no control",
        "measurement.offline",
        look(dns=dns(failure="dns_nxdomain_error")),
        VOID,
    ),
    Case(
        "a machine without internet, the control and every resolver fail",
        "measurement.offline",
        look(
            dns=[dns(failure="dns_temporary_failure"), dns(failure=LOST, resolver="https://dns.example/dns-query")],
            controls=blind("dns_temporary_failure"),
        ),
        VOID,
    ),
    Case(
        "a machine without internet whose control is on itself",
        "measurement.offline",
        look(
            dns=dns(failure="dns_temporary_failure"),
            controls=replace(nameless("dns_temporary_failure"), url="http://127.0.0.1:8080/"),
        ),
        VOID,
    ),
    Case(
        "a name from the cache, and nothing connects",
        "measurement.nothing_connects",
        https(tcp=tcp(SITE, "network_unreachable"), tls=(), http=(), controls=blind("network_unreachable")),
        VOID,
    ),
    Case(
        "the filter that should be looked through is off",
        "measurement.filter_off",
        https(canaries=[canary(), canary(held=False, expect="blocked")]),
        VOID,
    ),
    Case(
        "no canary's certificate is valid by this clock",
        "measurement.clock_wrong",
        https(canaries=canary(held=False, failure="ssl_invalid_certificate")),
        VOID,
    ),
    Case(
        "the resolver answers nothing",
        "measurement.resolver_dead",
        https(canaries=canary(held=False, failure="dns_servfail_error")),
        VOID,
    ),
    Case(
        "a company's proxy signs every certificate",
        "measurement.network_intercepts",
        https(canaries=canary(held=False, failure="ssl_unknown_authority")),
        VOID,
    ),
    Case(
        "a captive portal answers for the canary",
        "measurement.captive_portal",
        plain(canaries=canary(held=False, detail="status 302 instead of 204")),
        VOID,
    ),
    Case(
        "the canaries fail and the site does too",
        "measurement.canary_failed",
        https(tcp=tcp(SITE, LOST), tls=(), http=(), canaries=canary(held=False, failure=LOST)),
        VOID,
    ),
    Case("everything is in order", "measurement.fit", https(), Outcome.OK),
    Case(
        "one canary of two is down, the vantage point is not",
        "measurement.fit",
        https(canaries=[canary(), canary(held=False, failure=LOST)]),
        Outcome.OK,
    ),
]
