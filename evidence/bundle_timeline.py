"""The series drawn as SVG: what was seen, the intervals of onset and release, and when nobody looked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape

from evidence.bundle_choice import Subject
from models.episode import Episode, Look
from models.words import BLOCKED, Outcome

_WIDTH, _LEFT, _RIGHT = 960, 10, 950
_COLUMNS = 470  # looks that fall together are drawn together
_TALL = {"blocked": 44, "ok": 22, "other": 10}
_FILL = {"blocked": "#b3261e", "ok": "#2f6f4f", "other": "#8a8f98"}
_WORDS = {"blocked": "anomaly or confirmed", "ok": "ok", "other": "down, restricted or inconclusive"}


def timeline(subject: Subject) -> str:
    """Returns an SVG without script or links; colour never carries a meaning alone."""
    scale = _Scale(*_span(subject))
    parts = [*_intervals(subject.episode, scale), *_bars(subject, scale), *_axis(scale), *_legend()]
    label = escape(f"Timeline from {_day(scale.start)} to {_day(scale.end)} UTC")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} 170" role="img" aria-label="{label}">'
    return head + "".join(parts) + "</svg>"


class _Scale:
    """Instants to pixels."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.end = start, end
        self._whole = max((end - start).total_seconds(), 1.0)

    def place(self, at: datetime) -> float:
        share = (at - self.start).total_seconds() / self._whole
        return round(_LEFT + min(1.0, max(0.0, share)) * (_RIGHT - _LEFT), 1)


def _span(subject: Subject) -> tuple[datetime, datetime]:
    """Returns what is drawn: the episode and a quarter of its length on both sides."""
    first, last = subject.series[0].at, subject.series[-1].at
    if subject.episode is None:
        return first, last
    one = subject.episode
    start, end = one.onset.after or one.onset.by, one.release.by if one.release else one.last_look
    room = (end - start) / 4
    return max(first, start - room), min(last, end + room)


def _kind(outcome: Outcome) -> str:
    if outcome in BLOCKED:
        return "blocked"
    return "ok" if outcome is Outcome.OK else "other"


def _bars(subject: Subject, scale: _Scale) -> Iterator[str]:
    columns: dict[tuple[int, str], list[Look]] = {}
    for look in subject.series:
        if scale.start <= look.at <= scale.end:
            column = int((scale.place(look.at) - _LEFT) / (_RIGHT - _LEFT) * _COLUMNS)
            columns.setdefault((column, _kind(look.outcome)), []).append(look)
    for (column, kind), looks in sorted(columns.items()):
        x = _LEFT + column * (_RIGHT - _LEFT) / _COLUMNS
        first, tall = looks[0], _TALL[kind]
        many = f"{len(looks)} looks from " if len(looks) > 1 else ""
        said = escape(f"{many}{_minute(first.at)} UTC: {first.outcome} {first.mechanism or ''}".strip())
        yield f'<rect x="{x:.1f}" y="{100 - tall}" width="2" height="{tall}" fill="{_FILL[kind]}"><title>{said}</title></rect>'


def _intervals(episode: Episode | None, scale: _Scale) -> Iterator[str]:
    if episode is None:
        return
    yield (
        '<defs><pattern id="unsure" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M0 6L6 0" stroke="#5b4a00" stroke-width="1.5"/></pattern></defs>'
    )
    end = episode.release.after if episode.release and episode.release.after else episode.last_look
    yield _band(scale, episode.onset.by, end, "#f6d5d2", "blocked")
    edges = (("onset", episode.onset), ("release", episode.release))
    for word, edge in edges:
        if edge is not None and edge.after is not None:
            yield _band(scale, edge.after, edge.by, "url(#unsure)", f"{word} between")
    for gap in episode.gaps:
        yield _band(scale, gap.after, gap.by, "#ffffff", "nobody looked")


def _band(scale: _Scale, start: datetime, end: datetime, fill: str, word: str) -> str:
    left, right = scale.place(start), scale.place(end)
    said = escape(f"{word}: {_minute(start)} to {_minute(end)} UTC")
    width = max(right - left, 2)
    return (
        f'<rect x="{left}" y="40" width="{width:.1f}" height="60" fill="{fill}" stroke="#444" stroke-width="0.5">'
        f"<title>{said}</title></rect>"
    )


def _axis(scale: _Scale) -> Iterator[str]:
    yield f'<path d="M{_LEFT} 100H{_RIGHT}" stroke="#444"/>'
    for number in range(5):
        at = scale.start + (scale.end - scale.start) * number / 4
        anchor = "start" if number == 0 else "end" if number == 4 else "middle"
        yield f'<text x="{scale.place(at)}" y="118" font-size="12" text-anchor="{anchor}">{_minute(at)}</text>'


def _legend() -> Iterator[str]:
    x = _LEFT
    for kind, words in _WORDS.items():
        tall = _TALL[kind] // 2
        yield f'<rect x="{x}" y="{160 - tall}" width="4" height="{tall}" fill="{_FILL[kind]}"/>'
        yield f'<text x="{x + 10}" y="160" font-size="12">{words}</text>'
        x += 60 + 7 * len(words)
    yield f'<rect x="{x}" y="148" width="14" height="12" fill="url(#unsure)" stroke="#444" stroke-width="0.5"/>'
    yield f'<text x="{x + 20}" y="160" font-size="12">began or ended within</text>'


def _minute(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def _day(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d")
