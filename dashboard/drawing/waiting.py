"""What the pages say while nothing is measured yet: what is being done, what comes next, what to do if nothing comes."""

from datetime import datetime

from markupsafe import Markup

from dashboard.drawing.markup import el, joined, plain, prose
from dashboard.drawing.when import ago
from dashboard.reading import Reader
from dashboard.shown.status import coming_looks
from dashboard.strings import say, say_count
from models.targets import Configuration


def waiting(configuration: Configuration, reader: Reader, now: datetime) -> Markup:
    """Draws the sheet."""
    steps = [
        _being_done(configuration),
        _prober(reader, now),
        _coming(reader),
        _vantages(configuration),
        _next(configuration),
    ]
    return el(
        "section",
        el("h2", say("waiting.title")),
        el("ul", joined(el("li", prose(s)) for s in steps if s)),
        no_control(configuration),
        class_="ww-sheet",
    )


def _being_done(configuration: Configuration) -> str:
    if not configuration.targets:
        return say("waiting.no_targets")
    usable = [v for v in configuration.vantage_points if v.enabled and v.consent is not None]
    return say(
        "waiting.doing",
        targets=say_count("overview.targets", len(configuration.targets)),
        vantages=say_count("overview.vantages", len(usable)),
    )


def _prober(reader: Reader, now: datetime) -> str:
    problem = reader.problem()
    if problem is not None:
        return say("waiting.no_store", problem=plain(problem, 300))
    heartbeat = reader.status().get("scheduler")
    if heartbeat is None:
        return say("waiting.no_prober")
    return say("waiting.prober", ago=ago(heartbeat.at, now))


def _coming(reader: Reader) -> str | None:
    listed = coming_looks(reader.status())
    return say("waiting.coming", looks="; ".join(listed)) if listed else None


def _vantages(configuration: Configuration) -> str | None:
    refused = [v.id for v in configuration.vantage_points if v.enabled and v.consent is None]
    return say("waiting.no_consent", vantages=", ".join(refused)) if refused else None


def _next(configuration: Configuration) -> str:
    return say("waiting.next") if configuration.targets else say("waiting.next.targets")


def no_control(configuration: Configuration) -> Markup | None:
    """Says what is missing without a control, and the one command that starts one."""
    if configuration.controls or configuration.simulated:
        return None
    return el("p", say("control.none"), " ", el("code", say("control.command")), " ", prose(say("control.then")))
