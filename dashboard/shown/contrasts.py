"""Contrasts in plain words: what was changed, what came of it, and whether it counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.drawing.markup import plain
from dashboard.drawing.when import milliseconds
from dashboard.shown.walk import endpoint
from dashboard.strings import say
from evidence.wording import in_words
from models.observations import Contrast, ContrastKind, DnsLookup, HttpFetch, Observation, TcpConnect, TlsHandshake

MOST = 60
_MAY_BE_ELSEWHERE = {ContrastKind.NEUTRAL_SNI, ContrastKind.NEUTRAL_HOST}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastLine:
    """One contrast as it is told."""

    kind: str
    changed: str
    detail: str | None
    results: tuple[str, ...]
    counts: bool
    why_not: str | None


def contrast_lines(contrasts: Iterable[Contrast]) -> list[ContrastLine]:
    """Returns each contrast in words."""
    return [_line(contrast) for contrast in list(contrasts)[:MOST]]


def _line(contrast: Contrast) -> ContrastLine:
    told = _deciding(contrast)
    why_not = _why_not(contrast, told)
    return ContrastLine(
        kind=contrast.kind.value,
        changed=changed(contrast),
        detail=contrast.detail,
        results=tuple(dict.fromkeys(map(_result, told))),
        counts=why_not is None,
        why_not=why_not,
    )


def changed(contrast: Contrast) -> str:
    """Returns in plain words what was different, and only that."""
    key = f"contrast.{contrast.kind.value}"
    if contrast.kind in _MAY_BE_ELSEWHERE and " at " in (contrast.detail or ""):
        key = f"contrast.elsewhere.{contrast.kind.value}"
    after = say("steps.hop", n=contrast.hop) if contrast.hop else None
    return ", ".join(filter(None, (say(key), after)))


def _deciding(contrast: Contrast) -> Sequence[Observation]:
    """The operation that was contrasted; what had to come before it (a lookup, a connection) only where that failed."""
    for steps in (contrast.http, contrast.tls, contrast.tcp):
        if steps:
            return steps
    return contrast.dns


def _why_not(contrast: Contrast, told: Sequence[Observation]) -> str | None:
    if contrast.poisoned:
        after = contrast.after_interference_us
        return say("contrast.poisoned", after=milliseconds(after) if after is not None else say("contrast.shortly"))
    return None if told else say("contrast.not_done")


def _result(seen: Observation) -> str:
    match seen:
        case DnsLookup():
            several = say("contrast.replies", n=len(seen.replies)) if len(seen.replies) > 1 else ""
            return f"{plain(seen.name, 100)}: {_addresses(seen)}{several}"
        case TcpConnect():
            return f"{endpoint(plain(seen.address, 60), seen.port)}: {_or(seen.failure, say('contrast.connected'))}"
        case TlsHandshake():
            done = say("contrast.completed")
            return f"{plain(seen.server_name or '–', 100)}: {_or(seen.failure, done)}"
        case HttpFetch():
            got = say(
                "contrast.got", status=seen.status if seen.status is not None else "–", bytes=f"{seen.body_bytes:,}"
            )
            return f"{plain(seen.host, 100)}: {_or(seen.failure, got)}"


def _addresses(seen: DnsLookup) -> str:
    return ", ".join(plain(a, 60) for a in seen.addresses[:4]) or in_words(seen.failure or "dns_no_answer")


def _or(failure: str | None, done: str) -> str:
    return done if failure is None else in_words(failure)
