"""Stores and configurations for the pages' tests, filled through the Store interface; and the web process itself."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest

from evidence.episodes import episodes
from models.measurement import Finished, Measurement, Software, TargetFacts, VantageFacts, digest, to_instant
from models.observations import (
    CanaryLook,
    Contrast,
    ContrastKind,
    ControlEndpoint,
    ControlReport,
    DnsLookup,
    DnsRecord,
    DnsReply,
    HttpFetch,
    Purpose,
    TcpConnect,
    TlsHandshake,
)
from models.store import Judged, Missed, Store, open_store
from models.verdict import Verdict
from models.words import Mechanism, Outcome, Stage

HOSTILE = '<script>document.title="pwned"</script><img src=x onerror=alert(1)>"\'\u202egnp.exe'
MARKUP = b'<html><script>fetch("https://evil.example/")</script><title>' + HOSTILE.encode() + b"</title></html>"


@dataclass(frozen=True)
class Pair:
    """One target seen from one vantage point: what it did, as (days ago, outcome, mechanism) spells, oldest first."""

    target: str
    url: str
    vantage: str
    spells: tuple[tuple[float, Outcome, Mechanism | None], ...]
    every: timedelta = timedelta(hours=6)


OK, CONFIRMED, ANOMALY, DOWN = Outcome.OK, Outcome.CONFIRMED, Outcome.ANOMALY, Outcome.DOWN
STORY = (
    Pair("amnesty-org", "https://www.amnesty.org/", "henan", ((120, OK, None), (40, CONFIRMED, Mechanism.SNI_RESET))),
    Pair(
        "amnesty-org",
        "https://www.amnesty.org/",
        "beijing",
        ((80, ANOMALY, Mechanism.SNI_TIMEOUT), (30, OK, None), (9, ANOMALY, Mechanism.SNI_TIMEOUT)),
    ),
    Pair("amnesty-org", "https://www.amnesty.org/", "here", ((120, OK, None),)),
    Pair(
        "hrw-org",
        "https://www.hrw.org/",
        "henan",
        ((120, OK, None), (70, ANOMALY, Mechanism.DNS_INJECTION), (52, OK, None)),
    ),
    Pair(
        "hrw-org",
        "https://www.hrw.org/",
        "beijing",
        ((120, OK, None), (60, Outcome.INCONCLUSIVE, None), (55, OK, None), (0.6, ANOMALY, Mechanism.HTTP_RESET)),
    ),
    Pair("hrw-org", "https://www.hrw.org/", "here", ((120, OK, None),)),
    Pair("rsf-org", "https://rsf.org/", "henan", ((120, OK, None), (20, DOWN, None), (18, OK, None))),
    Pair("rsf-org", "https://rsf.org/", "here", ((120, OK, None), (20, DOWN, None), (18, OK, None))),
    Pair("change-org", "https://www.change.org/", "beijing", ((100, OK, None), (12, Outcome.RESTRICTED, None))),
    Pair("hostile", "https://hostile.example/", "here", ((3, OK, None), (1, CONFIRMED, Mechanism.BLOCKPAGE))),
)


def observed(
    pair: Pair, at: datetime, outcome: Outcome, mechanism: Mechanism | None, *, simulated: bool = False
) -> Finished:
    """Makes one measurement with every step, its bodies hostile."""
    host = pair.url.split("/")[2]
    message, certificate = b"\x12\x34raw dns message", b"0\x82not a certificate"
    blobs = {digest(b): b for b in (message, certificate, MARKUP)}
    blocked = outcome in {CONFIRMED, ANOMALY}
    reset = "connection_reset" if blocked else None
    reply = DnsReply(
        at_us=11_000,
        sender="9.9.9.9:53",
        rcode="NOERROR",
        records=(DnsRecord(name=host, type="A", value="192.0.2.7", ttl=300),),
        ip_ttl=55,
        raw=digest(message),
    )
    lookup = DnsLookup(
        name=host,
        type="A",
        resolver="udp://9.9.9.9:53",
        started_us=0,
        duration_us=11_000,
        failure=None,
        addresses=("192.0.2.7",),
        replies=(reply,),
    )
    control = ControlReport(
        id="control-1",
        url="https://control.example/",
        asked_url=pair.url,
        started_us=13_000,
        duration_us=310_000,
        failure=None,
        addresses=("192.0.2.7",),
        endpoints=(ControlEndpoint(address="192.0.2.7", port=443, tcp_failure=None, tls_tried=True),),
        http_tried=True,
        status=200,
        title=HOSTILE,
    )
    http = (
        ()
        if blocked
        else (
            HttpFetch(
                connection=1,
                url=pair.url,
                host=host,
                address="192.0.2.7",
                port=443,
                started_us=90_000,
                duration_us=140_000,
                failure=None,
                status=200,
                headers=(("content-type", "text/html"), ("x-hostile", HOSTILE)),
                body=digest(MARKUP),
                body_bytes=len(MARKUP),
                first_byte_us=150_000,
                last_byte_us=230_000,
            ),
        )
    )
    measurement = Measurement(
        target=TargetFacts(id=pair.target, url=pair.url, category="HUMR", campaigns=("defend",)),
        vantage=VantageFacts(
            id=pair.vantage,
            via="direct",
            country="CN",
            asn=4837,
            network="Test network",
            consent="operator, 2026-01-01",
        ),
        started_at=to_instant(at),
        runtime_us=330_000,
        simulated=simulated,
        ipv6=False,
        software=Software(name="wallwatch", version="0.1.0", python="3.11.7", tls="OpenSSL 3.0"),
        dns=(lookup,),
        tcp=(
            TcpConnect(
                connection=1,
                address="192.0.2.7",
                port=443,
                started_us=12_000,
                duration_us=38_000 + at.hour * 900,
                failure=None,
            ),
        ),
        tls=(
            TlsHandshake(
                connection=1,
                address="192.0.2.7",
                port=443,
                server_name=host,
                started_us=51_000,
                duration_us=36_000,
                failure=reset,
                version=None if blocked else "TLSv1.3",
                chain=(digest(certificate),),
                opinion=None if blocked else "ok",
            ),
        ),
        http=http,
        contrasts=_contrasts() if blocked else (),
        controls=(control,),
        canaries=(
            CanaryLook(
                id="generate-204",
                url="http://canary.example/204",
                expect="loads",
                started_at=to_instant(at - timedelta(seconds=30)),
                held=outcome is not Outcome.INCONCLUSIVE,
            ),
        ),
    )
    return Finished(measurement=measurement, blobs=blobs)


def _contrasts() -> tuple[Contrast, ...]:
    """A harmless name at the same address: its handshake completes."""
    where = {"connection": 2, "address": "192.0.2.7", "port": 443, "failure": None, "purpose": Purpose.CONTRAST}
    connected = TcpConnect(started_us=340_000, duration_us=30_000, **where)  # type: ignore[arg-type]
    shaken = TlsHandshake(server_name="neutral.example", started_us=371_000, duration_us=36_000, opinion="ssl_invalid_hostname", **where)  # type: ignore[arg-type]  # fmt: skip
    return (Contrast(kind=ContrastKind.NEUTRAL_SNI, detail="neutral.example", tcp=(connected,), tls=(shaken,)),)


def judged(outcome: Outcome, mechanism: Mechanism | None) -> Verdict:
    """Makes a verdict as the judge would word it."""
    stage = (
        Stage(mechanism.value.split("_")[0].replace("sni", "tls").replace("ip", "tcp").replace("blockpage", "http"))
        if mechanism
        else None
    )
    return Verdict(
        outcome=outcome,
        stage=stage,
        mechanism=mechanism,
        rule="tls.reset_only_here" if stage else "http.loads",
        ruleset="2026.11",
        reasons=("Reset after the ClientHello here; the control shakes hands and loads the page.",)
        if mechanism
        else (outcome.sentence,),
        facts=("dns 1 of 1 answered", "tcp 1 of 1 connected"),
        control_saw=f'200, "{HOSTILE}"',
        would_change=("a handshake that completes here",),
    )


def fill(store: Store, now: datetime, story: tuple[Pair, ...] = STORY, *, simulated: bool = False) -> None:
    """Fills a store with a story and folds its episodes."""
    for pair in story:
        at = now - timedelta(days=pair.spells[0][0])
        batch = []
        while at < now - timedelta(minutes=2):
            days = (now - at).total_seconds() / 86400
            _, outcome, mechanism = [spell for spell in pair.spells if days <= spell[0]][-1]
            if not 44 < days < 47:
                batch.append(
                    Judged(observed(pair, at, outcome, mechanism, simulated=simulated), judged(outcome, mechanism))
                )
            at += pair.every
        store.put(batch)
        store.replace_episodes(
            pair.target, pair.vantage, episodes(pair.target, pair.vantage, store.looks(pair.target, pair.vantage))
        )
    store.put_gap(Missed(after=now - timedelta(days=47), by=now - timedelta(days=44), reason="the prober was stopped"))
    store.put_status("scheduler", {"lag_seconds": 1.5, "pairs": len(story), "queued": 0}, at=now)


CONFIG = """
version: 1
defaults: {every: 6h, jitter: 20m}
vantage_points:
  - {id: henan, name: Henan, via: direct, country: CN, asn: 4837, network: China Unicom Henan, consent: {by: operator, on: 2026-01-01}}
  - {id: beijing, name: Beijing, via: direct, country: CN, asn: 4134, network: Chinanet, consent: {by: operator, on: 2026-01-01}}
  - {id: here, name: This machine, via: direct, consent: {by: operator, on: 2026-01-01}}
controls:
  - {id: control-1, url: "https://control.example.org/"}
campaigns:
  - id: defend
    title: Defend Online Freedom in China!
    organisation: Amnesty International USA
    summary: Whether the sites of human rights organisations can be read in China.
    petition:
      url: https://www.change.org/p/defend-online-freedom-in-china
      state: expired
      text: The petition calls on the Chinese government to provide full media freedom and to protect freedom of expression.
      demands: [Provide full media freedom., Protect freedom of expression.]
      signatures: {source: manual, counts: [{on: 2012-05-01, total: 1204}, {on: 2013-02-01, total: 2310}]}
    promises:
      - {by: Beijing's bid for the 2008 Games, on: 2001-07-13, quote: give the media complete freedom to report when they come to China, source: the petition}
    events:
      - {on: 2008-07-28, title: "Report “Olympic Countdown: Broken Promises” published", source: https://www.amnesty.org/}
    claims:
      - {target: amnesty-org, where: China, state: blocked, on: 2007-11, by: a blog, weight: weak, note: one reader}
      - {target: amnesty-org, where: Olympic press centre in Beijing, state: blocked, on: 2008-07-28, by: Amnesty International}
      - {target: amnesty-org, where: media venues in Beijing, state: reachable, on: 2008-08-01, by: Amnesty International}
      - {target: amnesty-org, where: mainland China, state: blocked, on: 2009-01-13, by: Amnesty International, note: the day of discovery}
targets:
  - {id: amnesty-org, url: "https://www.amnesty.org/", name: Amnesty International, category: HUMR, campaigns: [defend]}
  - {id: hrw-org, url: "https://www.hrw.org/", name: Human Rights Watch, category: HUMR, campaigns: [defend]}
  - {id: rsf-org, url: "https://rsf.org/", name: Reporters Without Borders, category: NEWS, campaigns: [defend]}
  - {id: change-org, url: "https://www.change.org/", category: GRP, campaigns: [defend]}
  - {id: hostile, url: "https://hostile.example/", name: HOSTILE_NAME, category: MISC}
"""


def write_config(path: Path, text: str = CONFIG) -> Path:
    """Writes a configuration, with a hostile name where the text asks for one."""
    path.write_text(text.replace("HOSTILE_NAME", "'" + HOSTILE.replace("'", "''") + "'"), "utf-8")
    return path


@dataclass(frozen=True)
class Web:
    """A running web process."""

    url: str
    db: str
    config: Path
    process: subprocess.Popen[str]


def start(db: str, config: Path) -> Web:
    """Starts `python -m dashboard` on a free port and waits until it says where it listens."""
    command = [sys.executable, "-m", "dashboard", "--db", db, "--config", str(config), "--listen", "127.0.0.1:0"]
    home = config.parent / "home"
    home.mkdir(exist_ok=True)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "HOME": str(home)})
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("dashboard: http://"), line
    return Web(url=line.split()[1].rstrip("/"), db=db, config=config, process=process)


def stop(web: Web) -> None:
    web.process.send_signal(signal.SIGTERM)
    try:
        web.process.wait(10)
    except subprocess.TimeoutExpired:
        web.process.kill()
        web.process.wait()
    assert web.process.stdout is not None
    web.process.stdout.close()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A store with the story in it, and its configuration."""
    folder = tmp_path_factory.mktemp("dashboard")
    db = f"sqlite:///{folder / 'wallwatch.sqlite'}"
    with open_store(db) as store:
        fill(store, datetime.now(UTC).replace(microsecond=0))
    return db, write_config(folder / "targets.yaml")


@pytest.fixture(scope="session")
def web(seeded: tuple[str, Path]) -> Iterator[Web]:
    """The web process over the story."""
    running = start(*seeded)
    yield running
    stop(running)


def get(web: Web, path: str) -> Any:
    """Returns the JSON at a path."""
    connection = http.client.HTTPConnection(urlsplit(web.url).netloc, timeout=20)
    connection.request("GET", path)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


@pytest.fixture(scope="session")
def kit() -> ModuleType:
    """This module, for tests that build stores and processes of their own."""
    return sys.modules[__name__]
