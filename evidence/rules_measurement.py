"""The first table: was this vantage point, at that moment, able to see anything? If not, nothing is said of the site."""

from evidence.rule import Rule, always
from models.words import Outcome

_CANARY = "A round in which the canaries hold."

MEASUREMENT = (
    Rule(
        id="measurement.own_fault",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Our own fault, which says nothing about the site: {own_fault}.",
        holds=lambda h: h.look.own_fault,
    ),
    Rule(
        id="measurement.no_consent",
        outcome=Outcome.INCONCLUSIVE,
        sentence="No consent is recorded for the vantage point {vantage}, so what it saw is not used.",
        would_change="A `consent:` entry for this vantage point in `targets.yaml`.",
        holds=lambda h: not h.look.consented,
    ),
    Rule(
        id="measurement.nothing_recorded",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The record holds no operation at all{notes}.",
        holds=lambda h: h.look.empty,
    ),
    Rule(
        id="measurement.way_out_failed",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The way out of {vantage} failed of itself ({way_out_failure}), so the site was never reached for.",
        would_change="A working proxy.",
        holds=lambda h: h.look.way_out_failed,
    ),
    Rule(
        id="measurement.offline",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Vantage point offline, as far as can be told: of {asked} from {vantage} no name resolved, nothing connected, and no control answered.",
        would_change=_CANARY,
        holds=lambda h: h.look.offline,
    ),
    Rule(
        id="measurement.nothing_connects",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Vantage point offline: a name resolved, perhaps from a cache, but nothing that was tried ({attempts}) connects.",
        would_change=_CANARY,
        holds=lambda h: h.look.nothing_connects,
    ),
    Rule(
        id="measurement.filter_off",
        outcome=Outcome.INCONCLUSIVE,
        sentence="A site that is always blocked on this network loaded ({canary}), so the filter was not looked through.",
        holds=lambda h: h.look.filter_is_off,
    ),
    Rule(
        id="measurement.clock_wrong",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The clock of {vantage} is doubtful: no canary's certificate is valid by it ({canary}).",
        would_change="A right clock.",
        holds=lambda h: h.look.clock_doubtful,
    ),
    Rule(
        id="measurement.resolver_dead",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The resolver of {vantage} answers for no canary either ({canary}).",
        would_change=_CANARY,
        holds=lambda h: h.look.resolver_dead,
    ),
    Rule(
        id="measurement.network_intercepts",
        outcome=Outcome.INCONCLUSIVE,
        sentence="The network of {vantage} shows certificates of its own for the canaries too ({canary}).",
        would_change=_CANARY,
        holds=lambda h: h.look.untrusted_canary,
    ),
    Rule(
        id="measurement.captive_portal",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Captive portal: a canary was answered, otherwise than it answers everywhere else ({canary}).",
        would_change=_CANARY,
        holds=lambda h: h.look.portal,
    ),
    Rule(
        id="measurement.canary_failed",
        outcome=Outcome.INCONCLUSIVE,
        sentence="Vantage point offline: the canaries failed too ({canary}).",
        would_change=_CANARY,
        holds=lambda h: bool(h.look.failed_canaries),
    ),
    Rule(
        id="measurement.fit",
        outcome=None,
        sentence="The vantage point worked.",
        holds=always,
    ),
)
