"""OONI's fifty kinds of QA scenario in our own words and on our own simulated internet, adjudicated from the condition."""

import random

from lab.censor import Action
from lab.scenario import HERE, ControlState, Expected, Scenario, blocked, only
from lab.scenario_parts import (
    BLOCK_PAGE,
    DOWN,
    FORGED,
    LARGE_PAGE,
    LONG_AGO,
    NAME,
    NOWHERE,
    OK,
    RAN_OUT,
    RESTRICTED,
    VOID,
    box,
    page,
    site,
)
from lab.scenarios_ooni_walks import OONI_WALKS
from lab.sites import Page, Site
from models.measurement import Baseline
from models.words import BLOCKED, Mechanism, Stage

M = Mechanism
_AT_BLOCK_PAGE = Site(
    name="blocked.ministry.example", addresses=(FORGED,), pages={"/": Page(body=BLOCK_PAGE)}, secure=False
)
_PROXY = Site(name="proxy.isp.example", addresses=(FORGED,), proxies=True)
_FILE = Page(body=random.Random(1).randbytes(3_000_000), headers=(("Content-Type", "application/octet-stream"),))
_CHALLENGE = page("Just a moment...", "Checking that the connection is secure.", ("Server", "cloudflare"), status=503)
_IDN = "www.xn--80aafi6cg.example"
_USUAL = Baseline(looks=12, body_rate=2_000_000, load_us=150_000)

_CERTIFICATES = (
    Scenario(
        id="certificate_of_unknown_authority",
        says="The site shows everybody a certificate that no trusted authority signed.",
        looks_like="badSSLWithUnknownAuthorityWithConsistentDNS",
        target=NAME,
        sites=(site(trusted=False),),
        expected=only(DOWN),
    ),
    Scenario(
        id="certificate_of_unknown_authority_at_forged_address",
        says="The resolver gives a forged address, where a certificate of an unknown authority is shown.",
        looks_like="badSSLWithUnknownAuthorityWithInconsistentDNS",
        target=NAME,
        sites=(site(), site("untrusted.example", FORGED, trusted=False)),
        rules=(box(Action.DNS_FORGE, addresses=(FORGED,)),),
        expected=blocked(Stage.DNS, M.DNS_FORGED_ANSWER),
    ),
    Scenario(
        id="certificate_for_another_name",
        says="The site shows everybody a certificate for another name.",
        looks_like="badSSLWithWrongServerName",
        target=NAME,
        sites=(site(certificate_names=("somebody.else.example",)),),
        expected=only(DOWN),
    ),
)

_CHALLENGES = tuple(
    Scenario(
        id=f"challenge_of_the_cdn_over_{scheme}",
        says="The site's CDN asks this visitor to prove that he is human, and shows the control the page.",
        looks_like=kind,
        target=NAME,
        scheme=scheme,
        sites=(site(shown_to={HERE: _CHALLENGE}),),
        expected=only(RESTRICTED),
    )
    for scheme, kind in (("http", "cloudflareCAPTCHAWithHTTP"), ("https", "cloudflareCAPTCHAWithHTTPS"))
)

_CONTROL_AWAY = (
    Scenario(
        id="control_away_and_http_site_loads",
        says="The site loads over http, and no control can be asked: nothing tells whose page it is.",
        looks_like="controlFailureWithSuccessfulHTTPWebsite",
        target=NAME,
        scheme="http",
        sites=(site(),),
        control=ControlState.UNREACHABLE,
        expected=only(OK, VOID),
    ),
    Scenario(
        id="control_away_and_https_site_loads",
        says="The site loads with its own certificate, and no control can be asked.",
        looks_like="controlFailureWithSuccessfulHTTPSWebsite",
        target=NAME,
        sites=(site(),),
        control=ControlState.UNREACHABLE,
        expected=only(OK),
    ),
)

_NAMES = (
    Scenario(
        id="resolver_hides_the_reason",
        says="The resolver gives no address for the name and no reason, as Android's cache passes it on.",
        looks_like="dnsBlockingAndroidDNSCacheNoData",
        target=NAME,
        sites=(site(),),
        rules=(box(Action.DNS_EMPTY),),
        expected=blocked(Stage.DNS, M.DNS_NO_ANSWER),
    ),
    Scenario(
        id="resolver_gives_a_bogon",
        says="The resolver gives an address where no public site can be.",
        looks_like="dnsBlockingBOGON",
        target=NAME,
        sites=(site(),),
        rules=(box(Action.DNS_FORGE, addresses=(NOWHERE,)),),
        expected=blocked(Stage.DNS, M.DNS_BOGON),
    ),
    Scenario(
        id="resolver_denies_the_name",
        says="The resolver says that the name does not exist; elsewhere it does.",
        looks_like="dnsBlockingNXDOMAIN",
        target=NAME,
        sites=(site(),),
        rules=(box(Action.DNS_NXDOMAIN),),
        expected=blocked(Stage.DNS, M.DNS_NXDOMAIN),
    ),
    *(
        Scenario(
            id=f"resolver_points_to_this_machine_over_{scheme}",
            says="The resolver gives an address that never leaves this machine.",
            looks_like=kind,
            target=NAME,
            scheme=scheme,
            sites=(site(),),
            rules=(box(Action.DNS_FORGE, addresses=("::", NOWHERE)),),
            expected=blocked(Stage.DNS, M.DNS_BOGON),
        )
        for scheme, kind in (("http", "dnsHijackingToLocalhostWithHTTP"), ("https", "dnsHijackingToLocalhostWithHTTPS"))
    ),
    *(
        Scenario(
            id=f"resolver_points_to_a_proxy_over_{scheme}",
            says="The resolver gives the address of the network's proxy, which passes the true page on unchanged.",
            looks_like=kind,
            target=NAME,
            scheme=scheme,
            sites=(site(), _PROXY),
            rules=(box(Action.DNS_FORGE, addresses=(FORGED,)),),
            expected=only(OK),
        )
        for scheme, kind in (("http", "dnsHijackingToProxyWithHTTPURL"), ("https", "dnsHijackingToProxyWithHTTPSURL"))
    ),
    *(
        Scenario(
            id=f"block_of_a_dead_name_over_{scheme}",
            says="The name is gone for everybody; here a box still answers for it, and for no other missing name.",
            looks_like=kind,
            target="www.gone.example",
            scheme=scheme,
            sites=(_AT_BLOCK_PAGE,),
            rules=(box(Action.DNS_FORGE, "www.gone.example", addresses=(FORGED,)),),
            expected=blocked(Stage.DNS, M.DNS_FORGED_ANSWER),
        )
        for scheme, kind in (("http", "ghostDNSBlockingWithHTTP"), ("https", "ghostDNSBlockingWithHTTPS"))
    ),
    *(
        Scenario(
            id=f"owner_points_to_this_machine_over_{scheme}",
            says="The owner publishes an address where no public site can be; it works for nobody.",
            looks_like=kind,
            target=NAME,
            scheme=scheme,
            sites=(site(published=(NOWHERE,), listens=False),),
            expected=only(DOWN),
        )
        for scheme, kind in (("http", "localhostWithHTTP"), ("https", "localhostWithHTTPS"))
    ),
)

_PAGES = (
    Scenario(
        id="request_is_reset",
        says="The connection is reset as soon as the request names the site.",
        looks_like="httpBlockingConnectionReset",
        target=NAME,
        scheme="http",
        sites=(site(),),
        rules=(box(Action.HTTP_RESET),),
        expected=blocked(Stage.HTTP, M.HTTP_RESET),
    ),
    Scenario(
        id="block_page_in_place_of_the_page",
        says="A box answers the request itself, with a block page that nobody knows yet.",
        looks_like="httpDiffWithConsistentDNS",
        target=NAME,
        scheme="http",
        sites=(site(),),
        rules=(box(Action.HTTP_PAGE, page=BLOCK_PAGE),),
        expected=blocked(Stage.HTTP, M.HTTP_DIFF, M.BLOCKPAGE),
    ),
    Scenario(
        id="forged_address_with_block_page",
        says="The resolver gives a forged address, where a block page is shown.",
        looks_like="httpDiffWithInconsistentDNS",
        target=NAME,
        scheme="http",
        sites=(site(), _AT_BLOCK_PAGE),
        rules=(box(Action.DNS_FORGE, addresses=(FORGED,)), box(Action.HTTP_PAGE, page=BLOCK_PAGE)),
        expected=blocked(Stage.DNS, M.DNS_FORGED_ANSWER),
    ),
    *(
        Scenario(
            id=f"internationalised_name_{written}",
            says=f"The name is written in Cyrillic letters, {how}; nobody interferes.",
            looks_like=kind,
            target=name,
            scheme="http",
            sites=(site(_IDN),),
            expected=only(OK),
        )
        for written, how, name, kind in (
            ("in_small_letters", "all small", "www.правда.example", "idnaWithoutCensorshipLowercase"),
            (
                "with_a_capital",
                "the first a capital",
                "www.Правда.example",
                "idnaWithoutCensorshipWithFirstLetterUppercase",
            ),
        )
    ),
    *(
        Scenario(
            id=f"large_file_over_{scheme}",
            says="The target is a file larger than a probe keeps, and no page at all.",
            looks_like=kind,
            target=NAME,
            scheme=scheme,
            sites=(site(pages={"/": _FILE}),),
            expected=only(OK),
        )
        for scheme, kind in (("http", "largeFileWithHTTP"), ("https", "largeFileWithHTTPS"))
    ),
    *(
        Scenario(
            id=f"nobody_interferes_over_{scheme}",
            says="The site works, and nobody interferes.",
            looks_like=kind,
            target=NAME,
            scheme=scheme,
            sites=(site(),),
            expected=only(OK),
        )
        for scheme, kind in (("http", "successWithHTTP"), ("https", "successWithHTTPS"))
    ),
    *(
        Scenario(
            id=f"throttled_over_{scheme}",
            says="A box lets only a trickle of the page through, far less than this vantage point usually gets.",
            looks_like=kind,
            target=NAME,
            scheme=scheme,
            sites=(site(pages={"/": LARGE_PAGE}),),
            rules=(box(Action.THROTTLE, rate=6_000),),
            baseline=_USUAL,
            expected=blocked(Stage.HTTP, M.THROTTLED, M.HTTP_TIMEOUT, M.STALLED),
        )
        for scheme, kind in (("http", "throttlingWithHTTP"), ("https", "throttlingWithHTTPS"))
    ),
)

_CONNECTIONS = (
    Scenario(
        id="connecting_gets_no_reply",
        says="The packets to the site's address are dropped.",
        looks_like="tcpBlockingConnectTimeout",
        target=NAME,
        sites=(site(),),
        rules=(box(Action.IP_DROP),),
        expected=blocked(Stage.TCP, M.IP_TIMEOUT),
    ),
    Scenario(
        id="forged_address_refuses",
        says="The resolver gives a forged address, which refuses every connection.",
        looks_like="tcpBlockingConnectionRefusedWithInconsistentDNS",
        target=NAME,
        scheme="http",
        sites=(site(),),
        rules=(box(Action.DNS_FORGE, addresses=(FORGED,)),),
        expected=blocked(Stage.DNS, M.DNS_FORGED_ANSWER),
    ),
    Scenario(
        id="client_hello_is_reset",
        says="The connection is reset after the ClientHello that names the site.",
        looks_like="tlsBlockingConnectionResetWithConsistentDNS",
        target=NAME,
        sites=(site(),),
        rules=(box(Action.SNI_RESET),),
        expected=blocked(Stage.TLS, M.SNI_RESET),
    ),
    Scenario(
        id="client_hello_is_reset_at_forged_address",
        says="The resolver gives a forged address, and there, too, the ClientHello is reset.",
        looks_like="tlsBlockingConnectionResetWithInconsistentDNS",
        target=NAME,
        sites=(site(), _PROXY),
        rules=(box(Action.DNS_FORGE, addresses=(FORGED,)), box(Action.SNI_RESET)),
        # That address shows the control the site's own certificate: no fact tells it from the site's CDN.
        expected=Expected(
            outcomes=BLOCKED,
            stages=frozenset({Stage.DNS, Stage.TLS}),
            mechanisms=frozenset({M.DNS_FORGED_ANSWER, M.SNI_RESET}),
        ),
    ),
    Scenario(
        id="name_is_gone",
        says="The name does not exist, for anybody.",
        looks_like="websiteDownNXDOMAIN",
        target="www.gone.example",
        scheme="http",
        sites=(),
        expected=only(DOWN),
    ),
    Scenario(
        id="name_has_no_address",
        says="The name exists and has no address, for anybody.",
        looks_like="websiteDownNoAddrs",
        target=NAME,
        scheme="http",
        sites=(site(dns="empty", published=(), listens=False),),
        expected=only(DOWN),
    ),
    Scenario(
        id="nothing_listens",
        says="Nothing listens at the site's port, for anybody.",
        looks_like="websiteDownTCPConnect",
        target=NAME,
        scheme="http",
        sites=(site(listens=False),),
        expected=only(DOWN),
    ),
    Scenario(
        id="certificate_out_of_date",
        says="The site shows everybody a certificate that ran out years ago.",
        looks_like="badSSLWithExpiredCertificate",
        target=NAME,
        sites=(site(certificate_since=LONG_AGO, certificate_until=RAN_OUT),),
        expected=only(DOWN),
    ),
)

OONI = (*_CERTIFICATES, *_CHALLENGES, *_CONTROL_AWAY, *_NAMES, *_PAGES, *_CONNECTIONS, *OONI_WALKS)
