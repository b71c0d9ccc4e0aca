"""How `wallwatch probe` and `wallwatch show` show a measurement to a person: the walk step by step, then the verdict and why."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from models.measurement import Measurement
from models.observations import ControlReport, DnsLookup, HttpFetch, Purpose, TcpConnect, TlsHandshake
from models.observations import Observation as Operation
from models.verdict import Verdict
from models.words import Outcome

_COLOURS = {
    Outcome.OK: "green",
    Outcome.ANOMALY: "yellow",
    Outcome.CONFIRMED: "red",
    Outcome.RESTRICTED: "cyan",
    Outcome.DOWN: "magenta",
    Outcome.INCONCLUSIVE: "bright_black",
}
_WIDEST = 110


def show(console: Console, name: str, measurement: Measurement, verdict: Verdict) -> None:
    """Prints a measurement and its verdict."""
    target, vantage = measurement.target, measurement.vantage
    simulated = "   (a simulated internet)" if measurement.simulated else ""
    console.print(
        Text(f"\n{target.id}   {clean(target.url)}   from {vantage.id}{simulated}", style="bold"), soft_wrap=True
    )
    for line in _walk(measurement):
        console.print(line, soft_wrap=True)
    _verdict(console, verdict)
    console.print(Text(f"  {measurement.runtime_us / 1e6:.2f} s   {name}", style="bright_black"), soft_wrap=True)


def step(seen: Operation | ControlReport) -> Text:
    """Renders one step on one line: what, where, how it ended, how long it took."""
    what, where, ended = _told(seen)
    line = Text(f"  {what:<5}{_cut(where, 46):<47}")
    line.append(_cut(ended, _WIDEST - 62), style="" if seen.failure is None else "yellow")
    line.append(f"   {seen.duration_us / 1000:.0f} ms", style="bright_black")
    return line


def clean(text: str) -> str:
    """What servers say must not steer a terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _walk(measurement: Measurement) -> Iterator[Text]:
    steps: list[Operation] = [
        *measurement.dns,
        *measurement.tcp,
        *measurement.tls,
        *measurement.http,
    ]
    steps.sort(key=lambda seen: (seen.hop, seen.purpose is not Purpose.WALK, seen.started_us))
    hop = 0
    for seen in steps:
        if seen.hop != hop:
            hop = seen.hop
            yield Text(f"  redirect {hop}", style="bold")
        yield step(seen)
    for report in measurement.controls:
        yield step(report)
    for contrast in measurement.contrasts:
        counts = "   does not count: residual blocking" if contrast.poisoned else ""
        yield Text(f"  contrast: {contrast.kind.replace('_', ' ')} {clean(contrast.detail or '')}{counts}")
        operations: list[Operation] = [*contrast.dns, *contrast.tcp, *contrast.tls, *contrast.http]
        yield from map(step, operations)
    for canary in measurement.canaries:
        held = "held" if canary.held else f"failed: {clean(canary.detail or canary.failure or '')}"
        yield Text(f"  canary {canary.id}: {held}", style="" if canary.held else "yellow")
    for note in measurement.notes:
        yield Text(f"  note: {clean(note)}", style="bright_black")
    if measurement.own_fault:
        yield Text(f"  our own fault: {clean(measurement.own_fault)}", style="red")


def _told(seen: Operation | ControlReport) -> tuple[str, str, str]:
    if isinstance(seen, DnsLookup):
        return "dns", f"{seen.type} {seen.name} by {clean(seen.resolver)}", _dns(seen)
    if isinstance(seen, TcpConnect):
        return "tcp", _endpoint(seen), seen.way_out_failure or seen.failure or "connected"
    if isinstance(seen, TlsHandshake):
        return "tls", _endpoint(seen), _tls(seen)
    if isinstance(seen, HttpFetch):
        return "http", clean(seen.url), _http(seen)
    return "ctrl", f"{seen.id} about {clean(seen.asked_url)}", _control(seen)


def _dns(seen: DnsLookup) -> str:
    more = f" ({len(seen.replies)} replies)" if len(seen.replies) > 1 else ""
    return (seen.way_out_failure or seen.failure or ", ".join(seen.addresses) or "resolved there") + more


def _tls(seen: TlsHandshake) -> str:
    if seen.failure:
        return f"{seen.failure} ({seen.alert})" if seen.alert else seen.failure
    return f"{seen.version}, certificate {seen.opinion or 'not shown'}"


def _http(seen: HttpFetch) -> str:
    parts = [str(seen.status)] if seen.status else []
    parts += [f"{seen.body_bytes:,} bytes"] if seen.body_bytes else []
    parts += [f"to {clean(seen.location)}"] if seen.location else []
    return ", ".join([*parts, seen.failure] if seen.failure else parts)


def _control(seen: ControlReport) -> str:
    if seen.failure:
        return seen.failure
    page = seen.http_failure or (str(seen.status) if seen.status else "no page")
    return f"{seen.dns_failure or ', '.join(seen.addresses[:3])}; {clean(page)}"


def _endpoint(seen: TcpConnect | TlsHandshake) -> str:
    address = f"[{seen.address}]" if ":" in seen.address else seen.address
    return f"{address}:{seen.port}"


def _verdict(console: Console, verdict: Verdict) -> None:
    colour = _COLOURS[verdict.outcome]
    line = Text("  ")
    line.append(verdict.outcome.upper(), style=f"bold {colour}")
    if verdict.mechanism:
        line.append(f"   {verdict.mechanism} at {verdict.stage}")
    line.append(f"   rule {verdict.rule}, ruleset {verdict.ruleset}", style="bright_black")
    console.print(line, soft_wrap=True)
    for reason in verdict.reasons:
        console.print(Text(f"  {clean(reason)}"), soft_wrap=True)
    _aside(console, "stands on", verdict.facts)
    _aside(console, "the control", (verdict.control_saw,) if verdict.control_saw else ())
    _aside(console, "contrasts", verdict.contrasts_showed)
    _aside(console, "another verdict with", verdict.would_change)


def _aside(console: Console, what: str, sentences: Iterable[str]) -> None:
    for sentence in sentences:
        console.print(Text(f"  {what}: {clean(sentence)}", style="bright_black"), soft_wrap=True)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
