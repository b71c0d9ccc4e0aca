"""Cases of the fifth table: no page, another page, somebody else's page, and pages that merely look so."""

from dataclasses import replace

from evidence.fingerprint_seam import Mark, Weight
from models.measurement import Baseline, VantageFacts
from models.observations import ContrastKind
from models.words import Mechanism, Outcome, Stage
from tests.judge.case import Case
from tests.judge.records import (
    BLOCK_PAGE,
    NAME,
    NEUTRAL,
    PAGE,
    SITE,
    SITE_2,
    Look,
    at,
    blind,
    contrast,
    control,
    dns,
    http,
    https,
    pageless,
    plain,
    redirect,
    tcp,
    tls,
    uncontrolled,
)

RESET, LOST, CLOSED = "connection_reset", "generic_timeout_error", "eof_error"
VOID, DOWN, OK, RESTRICTED = Outcome.INCONCLUSIVE, Outcome.DOWN, Outcome.OK, Outcome.RESTRICTED
ANOMALY, CONFIRMED = Outcome.ANOMALY, Outcome.CONFIRMED
M = Mechanism
HTTP = Stage.HTTP
NAMES_ONLY = {
    "vantage": VantageFacts(id="inside", via="resolver", consent="operator"),
    "tcp": (),
    "tls": (),
    "http": (),
}
URL = f"http://{NAME}/"
NEUTRAL_HOST = contrast(ContrastKind.NEUTRAL_HOST, http(status=404, host="example.com"))
STRANGER = contrast(ContrastKind.NEUTRAL_HOST, http(status=404, host="x.example", address=NEUTRAL))
HOST_ELSEWHERE = contrast(ContrastKind.TARGET_HOST_ELSEWHERE, http(None, failure=RESET, status=None, address=NEUTRAL))
OTHER_PAGE = b"<html><title>Nachrichten</title><body>" + b"Ganz andere Worte stehen hier. " * 200 + b"</body></html>"


def _page(body: bytes | None = PAGE, **changes: object) -> dict[str, object]:
    return {"http": http(body, url=URL, **changes)}


def _cut(failure: str, **parts: object) -> Look:
    return plain(**(_page(None, failure=failure, status=None) | parts))


def _strange(server: str) -> list[object]:
    """Returns the contrasts of a page that comes for this name from an address that has nothing to do with it too."""
    here, there = (("Server", "one"),), (("Server", server),)
    return [
        contrast(ContrastKind.NEUTRAL_HOST, http(None, host="example.com", headers=here)),
        contrast(ContrastKind.NEUTRAL_HOST, http(None, host="x.example", address=NEUTRAL, headers=there)),
        contrast(ContrastKind.TARGET_HOST_ELSEWHERE, http(BLOCK_PAGE, address=NEUTRAL)),
    ]


USUAL = Baseline(looks=5, body_rate=60_000, load_us=200_000)


def _slow(usual: Baseline | None, *, control_us: int = 300_000, **changes: object) -> Look:
    """Returns a look at a page that took eight seconds."""
    given = {"last_byte_us": 8_150_000, "duration_us": 8_000_000, "first_byte_us": 300_000}
    return plain(**_page(PAGE, **(given | changes)), baseline=usual, controls=control(port=80, duration_us=control_us))


def _led(final: str, body: bytes = BLOCK_PAGE, status: int = 200, **parts: object) -> Look:
    """Returns a look that an unproved redirect led to another host, with its own valid certificate."""
    walk = {
        "http": [
            redirect(f"https://{final}/", url=URL),
            *at(1, http(body, url=f"https://{final}/", host=final, address=SITE_2, status=status)),
        ],
        "dns": [dns(SITE), *at(1, dns(SITE_2, name=final))],
        "tcp": [tcp(SITE, port=80), *at(1, tcp(SITE_2))],
        "tls": at(1, tls(SITE_2, server_name=final)),
    }
    found = plain(**(walk | parts))
    return Look(found.parts, found.blobs | https(bodies=(body,)).blobs)


_POINTING = Mark(hop=0, kind="page", name="school", source="ours", weight=Weight.POINTS)
_HARMLESS = Mark(hop=0, kind="exculpatory", name="parked", source="ours", excerpt="This domain is for sale")
HTTP_CASES = [
    Case(
        "a known block page",
        "http.block_page",
        plain(**_page(BLOCK_PAGE)),
        CONFIRMED,
        HTTP,
        M.BLOCKPAGE,
        marks=(Mark(hop=0, kind="page", name="ministry", source="ours"),),
    ),
    Case(
        "a page with a mark that settles nothing alone",
        "http.marked_page",
        plain(**_page(BLOCK_PAGE)),
        ANOMALY,
        HTTP,
        M.BLOCKPAGE,
        marks=(_POINTING,),
    ),
    Case(
        "a page with a mark that settles nothing alone, and no control",
        "http.marked_unvouched",
        uncontrolled(plain(**_page(BLOCK_PAGE))),
        VOID,
        marks=(_POINTING,),
    ),
    Case(
        "another page, of a kind that is known to be harmless",
        "http.known_harmless",
        plain(**_page(BLOCK_PAGE)),
        VOID,
        marks=(_POINTING, _HARMLESS),
    ),
    Case(
        "a block page known from this country, which also bears a look-alike's mark",
        "http.block_page",
        plain(**_page(BLOCK_PAGE)),
        CONFIRMED,
        HTTP,
        M.BLOCKPAGE,
        marks=(Mark(hop=0, kind="page", name="ministry", source="ours", scoped=True), _HARMLESS),
    ),
    Case(
        "a block page known from no country, which also bears a look-alike's mark",
        "http.known_harmless",
        plain(**_page(BLOCK_PAGE)),
        VOID,
        marks=(Mark(hop=0, kind="page", name="filter", source="ours"), _HARMLESS),
    ),
    Case(
        "a filter's mark on a page that is not the control's",
        "http.block_page",
        plain(**_page(BLOCK_PAGE)),
        CONFIRMED,
        HTTP,
        M.BLOCKPAGE,
        marks=(Mark(hop=0, kind="page", name="filter", source="ours", weight=Weight.WITH_CONTROL),),
    ),
    Case(
        "a known block page's words on a page that the control gets too",
        "http.as_control",
        plain(),
        OK,
        marks=(Mark(hop=0, kind="page", name="ministry", source="ours", scoped=True),),
    ),
    Case(
        "a known block page's words on the site's own page, by its certificate",
        "http.own_page",
        https(http=http(BLOCK_PAGE)),
        OK,
        marks=(Mark(hop=0, kind="page", name="ministry", source="ours", scoped=True),),
    ),
    Case(
        "a redirect within the site that looks like one to a block page",
        "http.bad_redirect",
        plain(http=redirect(f"http://{NAME}/blocked", url=URL)),
        VOID,
        marks=(Mark(hop=0, kind="redirect", name="ministry", source="ours", scoped=True),),
    ),
    Case(
        "a redirect to a known block page",
        "http.block_page_redirect",
        plain(http=redirect("http://block.example/", url=URL)),
        CONFIRMED,
        HTTP,
        M.BLOCKPAGE_REDIRECT,
        marks=(Mark(hop=0, kind="redirect", name="ministry", source="ours"),),
    ),
    Case("from http to https, on the same name", "http.redirected", _led(NAME, PAGE), OK),
    Case(
        "a resolver inside the country that answers as it should",
        "http.names_only",
        https(**NAMES_ONLY),
        OK,
    ),
    Case(
        "a resolver inside the country, and nobody to compare with",
        "http.names_unchecked",
        uncontrolled(https(**NAMES_ONLY)),
        VOID,
    ),
    Case("no request in the record", "http.not_fetched", https(http=(), timed_out=True), VOID),
    Case(
        "the Host is cut wherever it goes, without control",
        "http.host_follows_name",
        uncontrolled(_cut(RESET, contrasts=[NEUTRAL_HOST, STRANGER, HOST_ELSEWHERE])),
        CONFIRMED,
        HTTP,
        M.HTTP_RESET,
    ),
    Case(
        "the second request is answered",
        "http.repeat_answered",
        _cut(RESET, contrasts=contrast(ContrastKind.REPEAT, http())),
        VOID,
    ),
    Case("a server that answers nobody", "http.down", _cut(LOST, controls=pageless(SITE, port=80)), DOWN),
    Case(
        "only this Host is cut at this address",
        "http.host_contrast",
        _cut(RESET, contrasts=NEUTRAL_HOST),
        CONFIRMED,
        HTTP,
        M.HTTP_RESET,
    ),
    Case(
        "an address elsewhere that was never seen to answer strangers",
        "http.host_contrast",
        _cut(RESET, contrasts=[NEUTRAL_HOST, HOST_ELSEWHERE]),
        CONFIRMED,
        HTTP,
        M.HTTP_RESET,
    ),
    Case(
        "the very same strange page from anywhere",
        "http.page_follows_name",
        plain(**_page(BLOCK_PAGE, status=200), contrasts=_strange("another")),
        CONFIRMED,
        HTTP,
        M.HTTP_DIFF,
    ),
    Case(
        "the same strange page from two servers of one CDN",
        "http.other_page",
        plain(**_page(BLOCK_PAGE, status=200), contrasts=_strange("one")),
        ANOMALY,
        HTTP,
        M.HTTP_DIFF,
    ),
    Case("reset after the request", "http.no_answer_here", _cut(RESET), ANOMALY, HTTP, M.HTTP_RESET),
    Case("silence after the request", "http.no_answer_here", _cut(LOST), ANOMALY, HTTP, M.HTTP_TIMEOUT),
    Case("closed after the request", "http.no_answer_here", _cut(CLOSED), ANOMALY, HTTP, M.HTTP_CLOSE),
    Case("reset after the request, and nobody to ask", "http.no_answer_uncontrolled", uncontrolled(_cut(RESET)), VOID),
    Case("what answers does not speak HTTP", "http.malformed", _cut("http_malformed_response"), VOID),
    Case(
        "the page freezes after 16 kB",
        "http.stalled",
        plain(
            **_page(b"x" * 16_000, failure=LOST, last_byte_us=400_000, duration_us=10_000_000),
            controls=control(port=80, body_length=200_000),
        ),
        ANOMALY,
        HTTP,
        M.STALLED,
    ),
    Case(
        "the page freezes, a neutral name's does not",
        "http.stall_contrast",
        plain(
            **_page(b"x" * 16_000, failure=LOST, last_byte_us=400_000, duration_us=10_000_000),
            controls=control(port=80, body_length=200_000),
            contrasts=contrast(ContrastKind.NEUTRAL_HOST, http(None, host="example.com", body_bytes=90_000)),
        ),
        CONFIRMED,
        HTTP,
        M.STALLED,
    ),
    Case(
        "the page crawls, a neutral name's does not",
        "http.throttle_contrast",
        plain(
            **_page(b"x" * 9_000, failure=LOST, first_byte_us=200_000, last_byte_us=10_000_000, duration_us=10_000_000),
            controls=control(port=80, body_length=200_000),
            contrasts=contrast(
                ContrastKind.NEUTRAL_HOST,
                http(None, host="example.com", body_bytes=90_000, first_byte_us=200_000, last_byte_us=700_000),
            ),
        ),
        CONFIRMED,
        HTTP,
        M.THROTTLED,
    ),
    Case(
        "ten times slower than this vantage point usually gets it, while the control is fast",
        "http.throttled",
        _slow(USUAL),
        ANOMALY,
        HTTP,
        M.THROTTLED,
    ),
    Case(
        "cut short for slowness, where it is usually fast",
        "http.throttled",
        _slow(USUAL, failure=LOST, body_bytes=4_000),
        ANOMALY,
        HTTP,
        M.THROTTLED,
    ),
    Case("slow, and usually so", "http.as_control", _slow(replace(USUAL, load_us=7_000_000, body_rate=2_000)), OK),
    Case("slow, and too few looks to say what is usual", "http.as_control", _slow(replace(USUAL, looks=4)), OK),
    Case("slow, and nothing known of what is usual", "http.as_control", _slow(None), OK),
    Case("slow for the control too", "http.as_control", _slow(USUAL, control_us=7_000_000), OK),
    Case("slow, and no control to compare with", "http.unvouched", uncontrolled(_slow(USUAL)), VOID),
    Case(
        "a page whose connection ends untidily",
        "http.as_control",
        plain(**_page(PAGE, failure=CLOSED)),
        OK,
    ),
    Case(
        "a page that breaks off and begins as the control's",
        "http.body_cut",
        plain(**_page(PAGE[:900], failure=CLOSED), bodies=(PAGE[:900],)),
        ANOMALY,
        HTTP,
        M.HTTP_CLOSE,
    ),
    Case(
        "headers, and then not an octet",
        "http.body_never_came",
        plain(**_page(None, failure=LOST), controls=control(port=80, body_length=200_000)),
        ANOMALY,
        HTTP,
        M.HTTP_TIMEOUT,
    ),
    Case(
        "reset in the middle of the page",
        "http.body_cut",
        plain(**_page(PAGE[:90], failure=RESET, body_bytes=90), controls=control(port=80, body_length=200_000)),
        ANOMALY,
        HTTP,
        M.HTTP_RESET,
    ),
    Case(
        "a slow site",
        "http.slow",
        plain(
            **_page(b"x" * 90_000, failure=LOST, last_byte_us=10_000_000, duration_us=10_000_000),
            controls=control(port=80, body_length=200_000),
        ),
        VOID,
    ),
    Case(
        "a redirect to nowhere, for all",
        "http.bad_redirect_for_all",
        plain(
            http=redirect("https://", url=URL, failure="http_invalid_redirect_location_host"), controls=pageless(SITE)
        ),
        DOWN,
    ),
    Case(
        "a redirect to nowhere",
        "http.bad_redirect",
        plain(http=redirect("https://", url=URL, failure="http_invalid_redirect_location_host")),
        VOID,
    ),
    Case(
        "withheld for legal reasons, with who ordered it",
        "http.withheld",
        https(http=http(BLOCK_PAGE, status=451, headers=(("Link", '<https://court.example/>; rel="blocked-by"'),))),
        RESTRICTED,
        HTTP,
    ),
    Case(
        "a bot challenge",
        "http.challenged",
        https(http=http(b"<title>Just a moment...</title>", status=403, headers=(("cf-mitigated", "challenge"),))),
        RESTRICTED,
        HTTP,
    ),
    Case(
        "a bot challenge over http",
        "http.challenged",
        plain(
            **_page(b"<title>Just a moment...</title>", status=503, headers=(("cf-ray", "1"), ("server", "cloudflare")))
        ),
        RESTRICTED,
        HTTP,
    ),
    Case("a geoblock by the site itself", "http.refused", https(http=http(BLOCK_PAGE, status=403)), RESTRICTED, HTTP),
    Case(
        "too many requests, for the control too",
        "http.refused",
        plain(**_page(BLOCK_PAGE, status=429), controls=control(port=80, status=429)),
        RESTRICTED,
        HTTP,
    ),
    Case(
        "a server that fails for all",
        "http.error_for_all",
        plain(**_page(BLOCK_PAGE, status=502), controls=control(port=80, status=503)),
        DOWN,
    ),
    Case("a server that fails now and then", "http.server_error", https(http=http(BLOCK_PAGE, status=500)), VOID),
    Case("the control's page over http", "http.as_control", plain(), OK),
    Case(
        "a large file, cut at our cap",
        "http.as_control",
        plain(
            **_page(b"x" * 1_048_576, body_truncated=True),
            controls=control(port=80, body_length=16_777_216, title="", body_sketch=None),
        ),
        OK,
    ),
    Case("a page in another language", "http.own_page", https(http=http(OTHER_PAGE), bodies=(OTHER_PAGE,)), OK),
    Case(
        "a login wall",
        "http.own_page",
        https(http=http(b"<title>Log in</title>"), bodies=(b"<title>Log in</title>",)),
        OK,
    ),
    Case("a valid certificate, and nobody to ask", "http.own_page", uncontrolled(https()), OK),
    Case("a valid certificate, and the control cannot be asked", "http.own_page", https(controls=blind()), OK),
    Case("a page that is gone", "http.own_page", https(http=http(BLOCK_PAGE, status=404)), OK),
    Case(
        "the site itself sends visitors elsewhere",
        "http.own_page",
        https(
            http=[
                redirect("https://elsewhere.example.org/"),
                *at(1, http(OTHER_PAGE, url="https://elsewhere.example.org/")),
            ],
            dns=[dns(SITE), *at(1, dns(SITE_2, name="elsewhere.example.org"))],
            tcp=[tcp(SITE), *at(1, tcp(SITE_2))],
            tls=[tls(SITE), *at(1, tls(SITE_2, server_name="elsewhere.example.org"))],
        ),
        OK,
        hop=1,
    ),
    Case(
        "led to a stranger's host, with a valid certificate of its own",
        "http.led_astray",
        _led("internet-positive.example.org"),
        ANOMALY,
        HTTP,
        M.HTTP_DIFF,
        hop=1,
    ),
    Case(
        "led to a stranger's page, which the control, asked about it, gets too",
        "http.led_astray",
        _led(
            "internet-positive.example.org",
            controls=[control(port=80), control(SITE_2, hop=1, body=BLOCK_PAGE, title="Access denied by order")],
        ),
        ANOMALY,
        HTTP,
        M.HTTP_DIFF,
        hop=1,
    ),
    Case(
        "led to a stranger's refusal, which the control, asked about it, gets too",
        "http.led_astray",
        _led(
            "internet-positive.example.org",
            controls=[
                control(port=80),
                control(SITE_2, hop=1, body=BLOCK_PAGE, title="Access denied by order", status=403),
            ],
            status=403,
        ),
        ANOMALY,
        HTTP,
        M.HTTP_DIFF,
        hop=1,
    ),
    Case(
        "another language over http, with a header that few servers send",
        "http.unclear",
        plain(
            **_page(OTHER_PAGE, headers=(("Content-Type", "text/html"), ("X-Generator", "Drupal 10"))),
            bodies=(OTHER_PAGE,),
            controls=control(port=80, headers=(("X-Generator", "Drupal 10"),)),
        ),
        VOID,
    ),
    Case("another page over http", "http.other_page", plain(**_page(BLOCK_PAGE)), ANOMALY, HTTP, M.HTTP_DIFF),
    Case(
        "a 403 over http that the control does not get",
        "http.other_page",
        plain(**_page(BLOCK_PAGE, status=403)),
        ANOMALY,
        HTTP,
        M.HTTP_DIFF,
    ),
    Case(
        "the control meets a challenge",
        "http.control_refused",
        plain(controls=control(port=80, status=503, title="Just a moment...", body_length=900, body_sketch=None)),
        VOID,
    ),
    Case(
        "the same length under another title",
        "http.unclear",
        plain(controls=control(port=80, title="Quite something else", body_sketch=None)),
        VOID,
    ),
    Case("a page over http, and nobody to ask", "http.unvouched", uncontrolled(plain()), VOID),
    Case(
        "an answer of no kind", "http.undecided", plain(**_page(None, failure="unknown_failure: odd", status=200)), VOID
    ),
]
