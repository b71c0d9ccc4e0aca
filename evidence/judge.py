"""The judge: one measurement and its blobs in, one verdict out. Pure: the same record gives the same verdict anywhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evidence.account import contrasts_showed, control_saw, facts_of
from evidence.facts import Facts, Hop
from evidence.fingerprint_seam import Fingerprints
from evidence.rule import Rule, first_that_holds
from evidence.rules import STAGES
from evidence.rules_measurement import MEASUREMENT
from evidence.ruleset import RULESET
from evidence.series_import import as_stated
from evidence.wording import Words
from models.certificates import Roots, default_roots
from models.measurement import Measurement
from models.verdict import Verdict
from models.words import BLOCKED, Mechanism, Outcome, Stage

_MOST_REASONS = 5


class Judge:
    """Holds what verdicts depend on besides the record: the rules, the trusted roots, the fingerprints."""

    def __init__(self, roots: Roots | None = None, fingerprints: Fingerprints | None = None) -> None:
        self._roots = roots if roots is not None else default_roots()
        self._fingerprints = fingerprints

    @property
    def fingerprints(self) -> str | None:
        """The digest of the fingerprints that it knows."""
        return self._fingerprints.digest if self._fingerprints else None

    def verdict(self, measurement: Measurement, blobs: Mapping[str, bytes]) -> Verdict:
        """Returns what the rules say; never raises, whatever the record holds."""
        if measurement.origin == "series":
            return as_stated(measurement, blobs)
        facts = Facts(measurement, blobs, self._roots, self._fingerprints)
        findings = _findings(facts)
        given, first = _settled(findings), _first(findings)
        return Verdict(
            outcome=given.outcome,
            stage=first.rule.stage,
            mechanism=first.mechanism,
            also=_also(first, findings),
            rule=given.rule.id,
            ruleset=RULESET,
            fingerprints=self.fingerprints,
            reasons=_reasons(given, findings),
            facts=facts_of(facts),
            control_saw=control_saw(facts),
            contrasts_showed=contrasts_showed(facts),
            would_change=(given.rule.would_change,) if given.rule.would_change else (),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that held at one hop, and gave an outcome."""

    rule: Rule
    hop: Hop
    outcome: Outcome

    @property
    def mechanism(self) -> Mechanism | None:
        return self.rule.mechanism_for(self.hop)

    @property
    def blocked(self) -> bool:
        return self.outcome in BLOCKED


def _findings(facts: Facts) -> list[Finding]:
    """Returns every rule with an outcome, in the order of the walk; there is always one."""
    first = facts.hops[0]
    unfit = first_that_holds(MEASUREMENT, first)
    if unfit.outcome is not None:
        return [Finding(unfit, first, unfit.outcome)]
    held = ((first_that_holds(table, hop), hop) for hop in facts.hops for table in STAGES.values())
    return [Finding(rule, hop, rule.outcome) for rule, hop in held if rule.outcome is not None]


def _settled(findings: Sequence[Finding]) -> Finding:
    """Returns the finding that gives the outcome: an artefact that settles what began as suspicion or as doubt."""
    if findings[0].blocked or findings[0].outcome is Outcome.INCONCLUSIVE:
        return next((finding for finding in findings if finding.outcome is Outcome.CONFIRMED), findings[0])
    return findings[0]


def _first(findings: Sequence[Finding]) -> Finding:
    """Returns where interference manifested first, else the finding that gives the outcome."""
    settled = _settled(findings)
    return next(finding for finding in findings if finding.blocked) if settled.blocked else settled


def _also(first: Finding, findings: Iterable[Finding]) -> tuple[Mechanism, ...]:
    if not first.blocked:
        return ()
    further = [finding.mechanism for finding in findings if finding.blocked]
    if first.rule.stage is Stage.DNS:
        further += _at_forged_address(first.hop)
    return tuple(mechanism for mechanism in Mechanism if mechanism in further and mechanism is not first.mechanism)


def _at_forged_address(hop: Hop) -> list[Mechanism | None]:
    """Returns what the visitor met where a lie about the name led: a consequence, whoever is behind that address."""
    met: list[Mechanism | None] = []
    if hop.tcp.all_failed:
        met.append(hop.tcp.mechanism)
    if hop.tls.untrusted or hop.tls.for_another_name:
        met.append(Mechanism.TLS_MITM)
    if hop.tls.interrupted:
        met.append(hop.tls.mechanism)
    if hop.http.unanswered:
        met.append(hop.http.mechanism)
    if hop.http.answered and hop.http.unlike_control:
        met.append(Mechanism.HTTP_DIFF)
    return met


def _reasons(given: Finding, findings: Sequence[Finding]) -> tuple[str, ...]:
    told = [given, *(finding for finding in findings if finding.blocked)] if given.blocked else [given]
    return tuple(dict.fromkeys(sentence(finding.rule, finding.hop) for finding in told))[:_MOST_REASONS]


def sentence(rule: Rule, hop: Hop) -> str:
    """Returns a rule's sentence, filled with what this hop showed."""
    said = rule.sentence.format_map(Words(hop))
    return said[:1].upper() + said[1:]
