"""What `wallwatch probe` is asked to measure: which targets, from where, beside which control."""

import hashlib
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TypeVar

from pydantic import ValidationError

from models import targets_values
from models.errors import WallwatchError
from models.targets import Configuration, Consent, Control, Target, VantagePoint
from probes.addresses import is_loopback, is_public
from probes.places import place
from probes.ways import WAYS, ConsentError, way_out

_IMPLIED = "here"
_Thing = TypeVar("_Thing")


class ChoiceError(WallwatchError):
    """The command line asks for something that there is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The command line, as it was given."""

    subjects: Sequence[str] = ()
    vantages: Sequence[str] = ()
    control: str | None = None
    resolver: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A target to measure; `typed` where its URL was typed in and stands in no file."""

    target: Target
    typed: bool = False


def subjects(asked: Asked, configuration: Configuration) -> list[Subject]:
    """Returns the targets: those named, or all that are enabled. Raises ChoiceError."""
    if asked.subjects:
        return [_subject(text, asked, configuration) for text in dict.fromkeys(asked.subjects)]
    enabled = [Subject(target=target) for target in configuration.targets if target.enabled]
    if not enabled:
        raise ChoiceError("nothing to measure: name a URL, or write targets.yaml first (`wallwatch init`)")
    return enabled


def vantages(target: Target, asked: Asked, configuration: Configuration) -> list[VantagePoint]:
    """Returns where to look from: those named, those of the target, or all usable ones. Raises ChoiceError."""
    known = {point.id: point for point in configuration.vantage_points}
    if not known:
        known = {_IMPLIED: _implied()}
    if asked.vantages:
        chosen = [_known("vantage point", name, known) for name in dict.fromkeys(asked.vantages)]
    else:
        wanted = target.vantage_points or tuple(known)
        chosen = [known[name] for name in wanted if known[name].usable and _is_ours(known[name])]
    if not chosen:
        raise ChoiceError("no vantage point can be used: each needs `consent:` and a way out of this machine")
    return [_checked(_asking(point, asked.resolver)) for point in chosen]


def controls(asked: Asked, configuration: Configuration) -> tuple[Control, ...]:
    """Returns the control that was named, by id or URL, or those of the configuration. Raises ChoiceError."""
    if asked.control is None:
        return configuration.controls
    if "://" not in asked.control:
        known = {control.id: control for control in configuration.controls}
        return (_known("control", asked.control, known),)
    try:
        return (Control(id="control", url=asked.control),)
    except ValidationError as error:
        raise ChoiceError(f"--control: {_first(error)}") from None


def resolver(text: str) -> str:
    """Reads `1.2.3.4`, `1.2.3.4:5353`, `[::1]:53`, `udp://…`, `tcp://…`, `https://…` or `system`. Raises ChoiceError."""
    written = text if "://" in text or text == "system" else f"udp://{_bracketed(text)}"
    try:
        return targets_values.resolver(written)
    except ValueError as error:
        raise ChoiceError(
            f"--resolver: {error}; expected an address such as 9.9.9.9, 127.0.0.1:5353 or [::1]:53, or udp://, tcp://, https://"
        ) from None


def may_enter_lan(subject: Subject) -> bool:
    """Somebody typed this URL in here and now, as into a browser."""
    return subject.typed


def _subject(text: str, asked: Asked, configuration: Configuration) -> Subject:
    known = {target.id: target for target in configuration.targets}
    if "://" not in text:
        return Subject(target=_known("target", text, known, "a URL starts with http:// or https://"))
    same = next((target for target in configuration.targets if target.url == text), None)
    if same is not None:
        return Subject(target=same)
    try:
        where = place(text)
        target = Target(id=_identifier(text, known), url=text, allow_private=_own(where.host, asked.resolver))
    except ValidationError as error:
        raise ChoiceError(f"{text}: {_first(error)}") from None
    except ValueError as error:
        raise ChoiceError(f"{text}: {error}") from None
    return Subject(target=target, typed=True)


def _own(host: str, asked_resolver: str | None) -> bool:
    """Whoever types a private address, or a resolver on this machine, means it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    if _is_address(host) and not is_public(host):
        return True
    return asked_resolver is not None and is_loopback(_host_of(resolver(asked_resolver)))


def _identifier(url: str, known: dict[str, Target]) -> str:
    """A short id that stays the same for the same URL, and is no other target's."""
    where = place(url)
    words = re.sub(r"[^a-z0-9]+", "-", f"{where.host}{where.target}".lower()).strip("-")[:48].strip("-")
    plain = url in (f"https://{where.host}", f"https://{where.host}/")
    if plain and words and words not in known:
        return words
    return f"{words or 'url'}-{hashlib.sha256(url.encode()).hexdigest()[:6]}"


def _implied() -> VantagePoint:
    consent = Consent(by="the person who typed the command", on=datetime.now(UTC).date())
    return VantagePoint(id=_IMPLIED, name="This machine", consent=consent)


def _asking(point: VantagePoint, asked_resolver: str | None) -> VantagePoint:
    if asked_resolver is None:
        return point
    return point.model_copy(update={"resolvers": (resolver(asked_resolver),)})


def _is_ours(point: VantagePoint) -> bool:
    """Agents and the like look for themselves."""
    return point.via.split(":", 1)[0] in WAYS


def _checked(point: VantagePoint) -> VantagePoint:
    try:
        way_out(point)
    except (ConsentError, ValueError) as error:
        raise ChoiceError(str(error)) from None
    return point


def _known(what: str, name: str, known: dict[str, _Thing], hint: str = "") -> _Thing:
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    tail = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(known)[:10])}" if known else ""
    raise ChoiceError(f"no {what} is called {name!r}{tail}" + (f" ({hint})" if hint else ""))


def _first(error: ValidationError) -> str:
    return str(error.errors()[0]["msg"]).removeprefix("Value error, ")


def _bracketed(text: str) -> str:
    return f"[{text}]" if text.count(":") > 1 and not text.startswith("[") else text


def _host_of(address: str) -> str:
    return re.sub(r"^\w+://(?:\[([^\]]*)\]|([^:/]*)).*$", r"\1\2", address)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
