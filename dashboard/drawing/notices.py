"""What the overview says above its table: which vantage points are offline, and that verdicts want for a control."""

from collections.abc import Iterable

from markupsafe import Markup

from dashboard.drawing import links
from dashboard.drawing.markup import el, foreign, joined, prose
from dashboard.drawing.when import stamp
from dashboard.shown.offline import Offline
from dashboard.strings import say, say_count


def notices(offline: Iterable[Offline], uncontrolled: int) -> Markup:
    """Draws one banner for each vantage point, and one where looks (that many) wanted for a control."""
    return joined([*map(_offline, offline), _no_control(uncontrolled) if uncontrolled else None])


def _offline(found: Offline) -> Markup:
    name = el(
        "a", foreign(found.vantage.name or found.vantage.id, 60), href=links.vantage(found.vantage.id), target="_self"
    )
    since = joined([" ", say("offline.since"), " ", stamp(found.since)]) if found.since else None
    shown = joined([" (", foreign(found.shown_by, 200), ")"]) if found.shown_by else None
    head = el("b", name, " ", say("offline.is"), since)
    return el("div", el("p", head, shown, ". ", say("offline.counts")), class_="ww-banner offline", role="note")


def _no_control(looks: int) -> Markup:
    first = el("p", el("b", say_count("uncontrolled", looks)), " ", say("uncontrolled.why"))
    how = el("p", say("uncontrolled.run"), " ", el("code", say("control.command")), " ", prose(say("control.then")))
    return el("div", first, how, class_="ww-banner", role="note")
