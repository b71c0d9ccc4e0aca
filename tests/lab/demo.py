"""`wallwatch demo`: the simulated internet, three weeks played on it, and then the very same program watching it live."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from lab import demo_world
from lab.certificates import Authority
from lab.control import serve_control
from lab.internet import Internet
from lab.playing import Stage, instants, play_days
from models.roots import from_pem
from models.store import open_store
from models.targets_file import load
from scheduler.supervisor import Child, supervise

_CONTROL_SOURCE = "127.20.0.9"


@dataclass(frozen=True, slots=True)
class Files:
    """Where a demo keeps its things."""

    folder: Path

    @property
    def configuration(self) -> Path:
        return self.folder / "targets.yaml"

    @property
    def authority(self) -> Path:
        return self.folder / "simulated-authority.pem"

    @property
    def db(self) -> str:
        return f"sqlite:///{self.folder / 'demo.sqlite'}"


async def run(folder: Path, listen: str, stop: asyncio.Event) -> int:
    """Runs the demo until `stop` is set; returns the exit code."""
    files = Files(folder)
    end = datetime.now(UTC)
    authority = Authority("The demo's authority (simulated)")
    files.authority.write_bytes(authority.pem)
    os.environ["SSL_CERT_FILE"] = str(files.authority)  # for the processes started below
    async with _world(authority, end) as (internet, control):
        _write_configuration(files, internet, control, end)
        open_store(files.db).close()  # the pages open it read-only
        common = ("--db", files.db, "--config", str(files.configuration))
        web = Child("web", (sys.executable, "-m", "dashboard", *common, "--listen", listen))
        prober = Child("prober", (sys.executable, "-m", "scheduler.prober", *common))
        pages = asyncio.create_task(supervise([web], stop))
        playing = asyncio.create_task(_play(files, internet, authority, end))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([playing, stopping, pages], return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            return await pages
        internet.set_clock(end + timedelta(days=3650))  # what is still in force stays so
        await playing
        codes = await asyncio.gather(pages, supervise([prober], stop))
        return max(codes)


@asynccontextmanager
async def _world(authority: Authority, end: datetime) -> AsyncIterator[tuple[Internet, str]]:
    internet = Internet(demo_world.sites(end), demo_world.rules(end), at=end, authority=authority)
    internet.everybody = frozenset({demo_world.CAPITAL, demo_world.COAST, demo_world.ABROAD, _CONTROL_SOURCE})
    async with internet, serve_control(internet, _CONTROL_SOURCE, from_pem(authority.pem)) as control:
        yield internet, control


def _write_configuration(files: Files, internet: Internet, control: str, end: datetime) -> None:
    urls = {
        site: internet.url(demo_world.host(site), scheme="http" if site in demo_world.PLAIN_SITES else "https")
        for site in demo_world.SITES
    }
    content = demo_world.configuration(end, urls, resolver=internet.resolver_address, control=control)
    # JSON is YAML 1.2.
    files.configuration.write_text(json.dumps(content, indent=2), encoding="utf-8")


async def _play(files: Files, internet: Internet, authority: Authority, end: datetime) -> None:
    step = demo_world.EVERY
    looks = list(instants(end - timedelta(days=demo_world.DAYS), end, step.total_seconds()))
    configuration = load(files.configuration)
    with (
        open_store(files.db) as store,
        typer.progressbar(length=len(looks), label="Playing three weeks of looks", file=sys.stderr) as bar,
    ):
        stage = Stage(internet=internet, configuration=configuration, store=store, roots=from_pem(authority.pem))
        stored = await play_days(stage, looks, lambda _: bar.update(1))
        found = store.episodes(limit=1000)
    typer.echo(
        f"Played {demo_world.DAYS} days: {stored} measurements, {len(found)} episodes, "
        f"{len({mechanism for episode in found for mechanism in episode.mechanisms})} mechanisms. "
        "From now on the schedule runs live, a look a minute; Ctrl-C stops."
    )
