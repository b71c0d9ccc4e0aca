"""The fifth table: the page, whose it is, and whether it is the one that the control got."""

from evidence.facts import Hop
from evidence.rule import Rule, always
from evidence.rules_dns import NEEDS_CONTROL
from models.words import Mechanism, Outcome, Stage

_SLOWER = 5  # times, before a rate counts as another
_PAIR = "The pair of contrasts: a harmless Host at this address, and this Host at a harmless address."


def _mechanism(h: Hop) -> Mechanism | None:
    return h.http.mechanism


def _pointed_at(h: Hop) -> bool:
    """A mark that settles nothing alone, on a page that is not the control's and that nothing vouches for."""
    vouched = h.http.secured and not _elsewhere(h)
    return bool(h.marks.pointing) and h.http.unlike_control and h.http.control_loads_well and not vouched


def _server_error(h: Hop) -> bool:
    return h.http.answered and (h.http.status or 0) >= 500


def _same_status(h: Hop) -> bool:
    return h.http.beside is not None and h.http.beside.status == h.http.status


def _own_refusal(h: Hop) -> bool:
    """Who refuses is the site's own server or CDN: by its certificate, or because the control is refused alike."""
    if not h.http.refused:
        return False
    return (h.http.secured and h.http.at_home) or _same_status(h) or (h.http.challenger is not None and h.http.at_home)


def _name_is_cause(h: Hop) -> bool:
    return h.http.unanswered and h.contrast.neutral_host_answers and h.contrast.host_fails_elsewhere


def _octets(h: Hop) -> int:
    return h.http.fetch.body_bytes if h.http.fetch else 0


def _names_only(h: Hop) -> bool:
    return h.facts.measurement.vantage.via == "resolver" and not h.tcp.tried and not h.http.tried


def _not_controls(h: Hop) -> bool:
    """The control got a good page, and not this one."""
    return h.http.comparison is not None and not h.http.like_control and h.control.loads_well


def _elsewhere(h: Hop) -> bool:
    """The walk was led to somebody else's domain, and the control is not known to have been."""
    return not h.http.at_home


HTTP = (
    Rule(
        id="http.block_page",
        outcome=Outcome.CONFIRMED,
        stage=Stage.HTTP,
        mechanism=Mechanism.BLOCKPAGE,
        sentence="A known block page came instead of the site: {page_marks}.",
        would_change="A page without that mark, or the control getting this very page.",
        holds=lambda h: bool(h.marks.block_page),
    ),
    Rule(
        id="http.block_page_redirect",
        outcome=Outcome.CONFIRMED,
        stage=Stage.HTTP,
        mechanism=Mechanism.BLOCKPAGE_REDIRECT,
        sentence="The visitor is sent to a known block page: {redirect_marks}.",
        would_change="A redirect that stays on the site, or the control being sent there too.",
        holds=lambda h: bool(h.marks.block_redirect),
    ),
    Rule(
        id="http.redirected",
        outcome=None,
        sentence="It redirects, and the walk went on there.",
        holds=lambda h: h.http.leads_on and h.http.failure is None,
    ),
    Rule(
        id="http.names_only",
        outcome=Outcome.OK,
        sentence="The name {name} resolves to {here}, as for the control; this vantage point looks names up and no more.",
        would_change="Another answer than the control's.",
        holds=lambda h: _names_only(h) and bool(h.dns.answered) and h.control.resolved,
    ),
    Rule(
        id="http.names_unchecked",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The name {name} resolves to {here}; this vantage point looks names up and no more, and {no_control}.",
        would_change=NEEDS_CONTROL,
        holds=lambda h: _names_only(h) and bool(h.dns.answered),
    ),
    Rule(
        id="http.not_fetched",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The page was not fetched{time_limit}.",
        holds=lambda h: not h.http.tried,
    ),
    Rule(
        id="http.host_follows_name",
        outcome=Outcome.CONFIRMED,
        stage=Stage.HTTP,
        mechanism=_mechanism,
        sentence="{no_answer} to the request for {name}; the same address answers for a neutral Host, and {name} gets no answer at an address that has nothing to do with it.",
        would_change="A request for this name that is answered anywhere.",
        holds=_name_is_cause,
    ),
    Rule(
        id="http.repeat_answered",
        outcome=Outcome.INCONCLUSIVE,
        sentence="{no_answer} to the request for {name}, but the very same request was answered when it was sent again.",
        holds=lambda h: h.http.unanswered and h.contrast.repeat_succeeds,
    ),
    Rule(
        id="http.down",
        outcome=Outcome.DOWN,
        sentence="{no_answer} to the request for {name}, nor did the control get a page ({control_http}).",
        would_change="A control that gets the page.",
        holds=lambda h: (h.http.unanswered or h.http.malformed or h.http.cut_short) and h.control.not_loaded,
    ),
    Rule(
        id="http.host_contrast",
        outcome=Outcome.CONFIRMED,
        stage=Stage.HTTP,
        mechanism=_mechanism,
        sentence="{no_answer} to the request for {name}; the same address answers for a neutral Host; {control_page}.",
        would_change="A neutral Host that gets no answer at this address either.",
        holds=lambda h: h.http.unanswered and h.contrast.neutral_host_answers and h.control.loaded,
    ),
    Rule(
        id="http.no_answer_here",
        outcome=Outcome.ANOMALY,
        stage=Stage.HTTP,
        mechanism=_mechanism,
        sentence="{no_answer} to the request for {name}; {control_page}.",
        would_change=_PAIR,
        holds=lambda h: h.http.unanswered and h.control.loaded,
    ),
    Rule(
        id="http.no_answer_uncontrolled",
        outcome=Outcome.INCONCLUSIVE,
        sentence="{no_answer} to the request for {name}; {no_control}, so the server may do so to everybody.",
        would_change=NEEDS_CONTROL,
        holds=lambda h: h.http.unanswered,
    ),
    Rule(
        id="http.malformed",
        outcome=Outcome.INCONCLUSIVE,
        sentence="What answered the request for {name} is not an answer of HTTP ({http_failure}).",
        holds=lambda h: h.http.malformed,
    ),
    Rule(
        id="http.stall_contrast",
        outcome=Outcome.CONFIRMED,
        stage=Stage.HTTP,
        mechanism=Mechanism.STALLED,
        sentence="The page froze after {body_bytes} octets; a neutral name at the same address gets more than twice that without a break; {control_page}.",
        would_change="A neutral name that freezes at this address too.",
        holds=lambda h: h.http.stalled and h.http.control_has_more and h.contrast.neutral_outruns(_octets(h)),
    ),
    Rule(
        id="http.throttle_contrast",
        outcome=Outcome.CONFIRMED,
        stage=Stage.HTTP,
        mechanism=Mechanism.THROTTLED,
        sentence="The page came far more slowly than a neutral name's at the same address ({rates}); {control_page}.",
        would_change="A neutral name that is as slow at this address.",
        holds=lambda h: (
            h.http.cut_short and h.http.control_has_more and 0 < h.http.rate * _SLOWER <= h.contrast.neutral_rate()
        ),
    ),
    Rule(
        id="http.stalled",
        outcome=Outcome.ANOMALY,
        stage=Stage.HTTP,
        mechanism=Mechanism.STALLED,
        sentence="The page began to arrive and froze after {body_bytes} octets; {control_page}.",
        would_change="A body that comes in full, or freezes for the control too.",
        holds=lambda h: h.http.stalled and h.http.control_has_more,
    ),
    Rule(
        id="http.body_never_came",
        outcome=Outcome.ANOMALY,
        stage=Stage.HTTP,
        mechanism=_mechanism,
        sentence="Status {status} came, and of the page not an octet ({http_failure}); {control_page}.",
        would_change="A repeat in which the page comes.",
        holds=lambda h: h.http.body_never_came and h.http.control_has_more,
    ),
    Rule(
        id="http.body_cut",
        outcome=Outcome.ANOMALY,
        stage=Stage.HTTP,
        mechanism=_mechanism,
        sentence="The page broke off after {body_bytes} octets ({http_failure}); {control_page}.",
        would_change="A body that comes in full.",
        holds=lambda h: h.http.cut_short and h.http.mechanism is not Mechanism.HTTP_TIMEOUT and h.http.control_has_more,
    ),
    Rule(
        id="http.throttled",
        outcome=Outcome.ANOMALY,
        stage=Stage.HTTP,
        mechanism=Mechanism.THROTTLED,
        sentence="The page came at {speed}; {control_page} in {control_time}.",
        would_change="A control that is as slow, or a faster repeat.",
        holds=lambda h: h.http.at_home and h.speed.throttled,
    ),
    Rule(
        id="http.slow",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The page did not come in full within the time allowed ({body_bytes} octets, {http_failure}); a slow site does the same.",
        would_change="This vantage point's own usual speed to compare with.",
        holds=lambda h: h.http.cut_short,
    ),
    Rule(
        id="http.bad_redirect_for_all",
        outcome=Outcome.DOWN,
        sentence="The site redirects to nowhere ({redirect}); the control gets no page either ({control_http}).",
        holds=lambda h: h.http.bad_redirect and h.control.not_loaded,
    ),
    Rule(
        id="http.bad_redirect",
        outcome=Outcome.INCONCLUSIVE,
        sentence="It redirects to nowhere ({redirect}), so there is no page to look at.",
        holds=lambda h: h.http.bad_redirect,
    ),
    Rule(
        id="http.withheld",
        outcome=Outcome.RESTRICTED,
        stage=Stage.HTTP,
        sentence="The site's own server withholds the page (451){blocked_by}.",
        would_change="The page, or the same answer from somebody who is not the site's server.",
        holds=lambda h: _own_refusal(h) and h.http.status == 451,
    ),
    Rule(
        id="http.challenged",
        outcome=Outcome.RESTRICTED,
        stage=Stage.HTTP,
        sentence="{challenger} in front of the site asks for a proof or refuses ({status}), and the page stays behind it.",
        holds=lambda h: _own_refusal(h) and h.http.challenger is not None,
    ),
    Rule(
        id="http.refused",
        outcome=Outcome.RESTRICTED,
        stage=Stage.HTTP,
        sentence="The site's own server refuses the page ({status}{refused_alike}).",
        holds=_own_refusal,
    ),
    Rule(
        id="http.error_for_all",
        outcome=Outcome.DOWN,
        sentence="The site's server answers with an error ({status}), as it does the control.",
        would_change="A control that gets the page.",
        holds=lambda h: _server_error(h) and h.http.beside is not None and (h.http.beside.status or 0) >= 500,
    ),
    Rule(
        id="http.server_error",
        outcome=Outcome.INCONCLUSIVE,
        sentence="An error page came ({status}), as failing servers and proxies send it.",
        would_change="A repeat.",
        holds=_server_error,
    ),
    Rule(
        id="http.as_control",
        outcome=Outcome.OK,
        sentence="The page is the one that the control gets ({agreeing}).",
        would_change="Another page than the control's.",
        holds=lambda h: h.http.answered and h.http.like_control,
    ),
    Rule(
        id="http.own_page",
        outcome=Outcome.OK,
        sentence="The page came from {host} with a valid certificate, {place}{page_note}.",
        would_change="A certificate that is not valid, or a page on somebody else's domain.",
        holds=lambda h: h.http.answered and h.http.secured and h.http.at_home,
    ),
    Rule(
        id="http.page_follows_name",
        outcome=Outcome.CONFIRMED,
        stage=Stage.HTTP,
        mechanism=Mechanism.HTTP_DIFF,
        sentence="Another page than the control's came ({disagreeing}), and the very same one for {name} from an address that has nothing to do with it, where a harmless name gets another.",
        would_change="The control's page, or another page at the other address.",
        holds=lambda h: h.http.answered and not h.http.secured and _not_controls(h) and h.contrast.same_page_elsewhere,
    ),
    Rule(
        id="http.marked_page",
        outcome=Outcome.ANOMALY,
        stage=Stage.HTTP,
        mechanism=Mechanism.BLOCKPAGE,
        sentence="Another page than the control's came ({disagreeing}), with a mark that settles nothing alone: {pointing}.",
        would_change="A mark that is known from this country's networks, or the control's page.",
        holds=lambda h: h.http.answered and _pointed_at(h),
    ),
    Rule(
        id="http.known_harmless",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Another page than the control's came, of a kind that is known not to be a block: {harmless}.",
        would_change="A page without that mark.",
        holds=lambda h: h.http.answered and h.http.unlike_control and bool(h.marks.harmless),
    ),
    Rule(
        id="http.led_astray",
        outcome=Outcome.ANOMALY,
        stage=Stage.HTTP,
        mechanism=Mechanism.HTTP_DIFF,
        sentence="The visitor here is led to {host} and gets another page than the control ({disagreeing}).",
        would_change="The control being led there too.",
        holds=lambda h: h.http.answered and _elsewhere(h) and h.http.unlike_control and h.http.control_loads_well,
    ),
    Rule(
        id="http.other_page",
        outcome=Outcome.ANOMALY,
        stage=Stage.HTTP,
        mechanism=Mechanism.HTTP_DIFF,
        sentence="Another page than the control's came, over a connection that proves nothing ({disagreeing}).",
        would_change="A valid certificate, or the control's page.",
        holds=lambda h: h.http.answered and not h.http.secured and h.http.unlike_control and h.http.control_loads_well,
    ),
    Rule(
        id="http.control_refused",
        outcome=Outcome.INCONCLUSIVE,
        sentence="A page came here, and an error page for the control ({control_status}): it is no measure for this page.",
        holds=lambda h: h.http.comparison is not None and h.http.comparison.control_refused,
    ),
    Rule(
        id="http.unclear",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The page agrees with the control's in some things and not in others ({disagreeing}).",
        would_change="More that agrees or disagrees: a title, a body of the same kind.",
        holds=lambda h: h.http.comparison is not None and h.http.answered,
    ),
    Rule(
        id="http.marked_unvouched",
        outcome=Outcome.INCONCLUSIVE,
        sentence="A page came with a mark that settles nothing alone ({pointing}); {no_control}.",
        would_change=NEEDS_CONTROL,
        holds=lambda h: h.http.answered and bool(h.marks.pointing) and not h.control.loaded,
    ),
    Rule(
        id="http.unvouched",
        outcome=Outcome.INCONCLUSIVE,
        sentence="A page came ({status}), and nothing says whose it is: no valid certificate for the site, and {no_control}.",
        would_change=NEEDS_CONTROL,
        holds=lambda h: h.http.answered,
    ),
    Rule(
        id="http.undecided",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The request ended in a way that settles nothing ({http_failure}).",
        holds=always,
    ),
)
