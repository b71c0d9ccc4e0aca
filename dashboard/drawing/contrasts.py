"""Contrasts as a table: what was changed, what came, whether it counts."""

from collections.abc import Sequence

from markupsafe import Markup

from dashboard.drawing.markup import el, foreign, joined, plain
from dashboard.drawing.steps import steps
from dashboard.shown.contrasts import MOST, ContrastLine, contrast_lines
from dashboard.shown.walk import contrast_steps
from dashboard.strings import say
from models.observations import Contrast


def contrast_table(lines: Sequence[ContrastLine]) -> Markup:
    """Draws the table."""
    head = joined(el("th", say(f"contrasts.{name}"), scope="col") for name in ("changed", "result", "counts"))
    rows = joined(_row(line) for line in lines)
    table = el("table", el("thead", el("tr", head)), el("tbody", rows), class_="ww-table ww-stack")
    return el("div", table, class_="ww-wide")


def _row(line: ContrastLine) -> Markup:
    detail = el("div", foreign(line.detail, 160), class_="soft small") if line.detail else None
    return el(
        "tr",
        el("td", line.changed, detail, data_label=say("contrasts.changed")),
        el("td", joined(el("div", foreign(r, 240)) for r in line.results), data_label=say("contrasts.result")),
        el("td", _counts(line), data_label=say("contrasts.counts")),
    )


def _counts(line: ContrastLine) -> Markup:
    if line.counts:
        return el("span", say("contrasts.yes"))
    return el("span", say("contrasts.no"), el("div", line.why_not, class_="soft small"))


def raw_contrasts(contrasts: Sequence[Contrast]) -> Markup:
    """Draws each contrast with every operation that it took."""
    kept = contrasts[:MOST]
    return joined(_whole(c, line) for c, line in zip(kept, contrast_lines(kept), strict=True))


def _whole(contrast: Contrast, line: ContrastLine) -> Markup:
    head = el("h3", line.changed, " ", el("code", line.kind))
    detail = el("span", foreign(line.detail, 300), ". ") if line.detail else None
    counts = say("contrasts.does_count") if line.counts else plain(line.why_not, 300)
    return joined([head, el("p", detail, counts, class_="soft"), steps(contrast_steps(contrast))])
