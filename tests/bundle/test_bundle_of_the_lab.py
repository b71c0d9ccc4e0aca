"""Bundles of what the lab's censors did on real sockets: chains, DNS messages, contrasts, a block page that names its reader."""

import asyncio
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab import demo_world
from lab.censor import Action, Rule
from lab.certificates import Authority
from lab.control import serve_control
from lab.internet import Internet
from lab.playing import Stage, instants, play_days
from lab.sites import Site, ordinary_page
from models.episode import Episode
from models.roots import from_pem
from models.store import open_store
from models.targets_file import load
from tests.bundle.stores import ROOT, url

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CONTROL = "127.20.0.9"
READER = demo_world.CAPITAL
PAGE = f"<title>Denied</title><p>Your address: {READER}<iframe src='/deny?connectionip={READER}&cat=105'></iframe>"


def sites() -> list[Site]:
    names = {"secret": "127.30.7.1", "page": "127.30.7.2", "neutral": "127.30.7.3"}
    return [
        Site(name=demo_world.host(name), addresses=(address,), pages={"/": ordinary_page(name)})
        for name, address in names.items()
    ]


def rules() -> list[Rule]:
    since, until = START + 4.5 * DAY, START + 10.5 * DAY
    common = {"sources": (READER,), "since": since, "until": until}
    return [
        Rule(action=Action.SNI_RESET, names=(demo_world.host("secret"),), **common),
        Rule(action=Action.HTTP_PAGE, names=(demo_world.host("page"),), page=PAGE.encode(), **common),
    ]


def configuration(internet: Internet, control: str) -> dict[str, object]:
    def target(name: str, scheme: str) -> dict[str, object]:
        return {"id": name, "url": internet.url(demo_world.host(name), scheme=scheme), "allow_private": True}

    vantage = {
        "id": "capital",
        "via": f"direct://?source={READER}",
        "country": "XA",
        "asn": 64512,
        "resolvers": [internet.resolver_address],
        "ipv6": False,
        "consent": {"by": "nobody: this is a simulation", "on": "2026-11-22"},
    }
    return {
        "version": 1,
        "simulated": True,
        "vantage_points": [vantage],
        "controls": [{"id": "control", "url": control}],
        "canaries": [target("neutral", "https")],
        "targets": [target("secret", "https"), target("page", "http")],
    }


async def play(folder: Path, authority: Authority) -> list[Episode]:
    internet = Internet(sites(), rules(), at=START, authority=authority)
    internet.everybody = frozenset({READER, CONTROL})
    roots = from_pem(authority.pem)
    async with internet, serve_control(internet, CONTROL, roots) as control:
        (folder / "targets.yaml").write_text(json.dumps(configuration(internet, control)))
        with open_store(url(folder)) as store:
            stage = Stage(internet=internet, configuration=load(folder / "targets.yaml"), store=store, roots=roots)
            looks = list(instants(START, START + 20 * DAY, DAY.total_seconds()))
            await play_days(stage, looks, lambda _: None)
            return store.episodes()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Episode]]:
    folder = tmp_path_factory.mktemp("lab")
    authority = Authority("The lab's authority")
    (folder / "authority.pem").write_bytes(authority.pem)
    found = asyncio.run(play(folder, authority))
    return folder, {each.target: each for each in found}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "WALLWATCH_DB": url(folder), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    environment["SSL_CERT_FILE"] = str(folder / "authority.pem")
    command = [sys.executable, "-c", "from scheduler.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=100
    )


def files(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name.partition("/")[2]: file.read(name) for name in file.namelist()}


def test_a_reset_on_the_name_is_bundled_with_its_chains_and_messages_and_verifies(
    played: tuple[Path, dict[str, Episode]],
) -> None:
    folder, episodes = played
    done = run(folder, "bundle", episodes["secret"].id, "-o", "secret.zip", "--own-address", READER)
    assert done.returncode == 0, done.stderr
    held = files(folder / "secret.zip")
    kinds = {path.split("/")[1] for path in held if path.startswith("data/")}
    assert {"records", "dns", "certificates", "chains", "controls", "bodies"} <= kinds
    chain = next(path for path in held if path.startswith("data/chains/"))
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-issuer"], input=held[chain], capture_output=True, check=True, timeout=60
    ).stdout
    assert b"The lab's authority" in shown
    assert held["data/citation.txt"].startswith(b"SIMULATED")
    report = json.loads(run(folder, "verify", "secret.zip", "--json").stdout)
    assert (report["problems"], report["verdicts_judged_again"]) == ([], report["records"])


def test_a_block_page_that_names_its_reader_is_bundled_without_the_reader(
    played: tuple[Path, dict[str, Episode]],
) -> None:
    folder, episodes = played
    done = run(folder, "bundle", episodes["page"].id, "-o", "page.zip", "--own-address", READER)
    assert done.returncode == 0, done.stderr
    assert READER.encode() not in (folder / "page.zip").read_bytes()
    held = files(folder / "page.zip")
    pages = [content for path, content in held.items() if path.endswith(".redacted.bin")]
    assert any(b"<title>Denied</title>" in page and b"connectionip=REDACTED-CLIENT" in page for page in pages)
    report = json.loads(run(folder, "verify", "page.zip", "--json").stdout)
    assert report["problems"] == []
