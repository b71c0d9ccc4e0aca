"""`wallwatch probe` as its user calls it: in a process of its own."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from lab.censor import Action, Rule
from lab.internet import Internet
from lab.sites import Site
from models.measurement import digest
from models.store import open_store
from models.targets import Configuration
from probing.servers import NOW
from scheduler.cli import main
from scheduler.cli.probe_choice import Asked, ChoiceError, controls, resolver, subjects, vantages


async def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Runs the command in a folder; returns exit code, stdout, stderr."""
    kept = {name: value for name, value in os.environ.items() if name not in ("SSL_CERT_FILE", "WALLWATCH_DB")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from scheduler.cli import main; main()", "probe", *arguments,
        cwd=folder, env={**kept, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
async def internet(tmp_path):
    sites = [
        Site(name="site.example", addresses=("127.0.12.1",)),
        Site(name="blocked.example", addresses=("127.0.12.2",)),
    ]
    rules = [Rule(action=Action.SNI_RESET, names=("blocked.example",), sources=("127.0.0.1",))]
    async with Internet(sites, rules, at=NOW) as net:
        (tmp_path / "ca.pem").write_bytes(net.authority.pem)
        yield net


async def test_probe_measures_a_bare_url_without_any_file_when_asked_for_json(tmp_path, internet):
    url, ca = internet.url("site.example"), str(tmp_path / "ca.pem")
    code, out, err = await run(tmp_path, url, "--resolver", internet.resolver_address, "--json", SSL_CERT_FILE=ca)
    assert (code, out.count("\n")) == (0, 1), err
    line = json.loads(out)
    assert list(line)[:7] == ["target", "url", "vantage", "measurement", "started_at", "runtime", "verdict"]
    assert (line["url"], line["vantage"], line["verdict"]["outcome"]) == (url, "here", "ok")
    assert isinstance(line["runtime"], float)
    with open_store(f"sqlite:///{tmp_path}/data/wallwatch.sqlite", read_only=True) as store:
        record = store.record(line["measurement"])
    assert record is not None
    assert digest(record) == line["measurement"]


async def test_probe_shows_the_walk_and_the_reason_to_a_person(tmp_path, internet):
    url, ca = internet.url("blocked.example"), str(tmp_path / "ca.pem")
    code, out, _ = await run(
        tmp_path, url, "--resolver", internet.resolver_address.removeprefix("udp://"), "--no-store", SSL_CERT_FILE=ca
    )
    assert code == 0
    words = ("dns  A blocked.example", "127.0.12.2", "connected", "connection_reset", "INCONCLUSIVE", "control")
    assert [word for word in words if word not in out] == []
    assert not (tmp_path / "data").exists()


async def test_probe_measures_targets_of_the_file_from_its_vantage_points(tmp_path, internet):
    (tmp_path / "targets.yaml").write_text(f"""
version: 1
defaults: {{dns_window: 1s, timeout: 2s}}
vantage_points:
  - {{id: one, consent: {{by: operator, on: 2026-11-22}}, resolvers: ["{internet.resolver_address}"]}}
  - {{id: two, consent: {{by: operator, on: 2026-11-22}}, resolvers: ["{internet.resolver_address}"]}}
  - {{id: nobody-asked}}
targets:
  - {{id: site, url: "{internet.url("site.example")}", allow_private: true}}
  - {{id: blocked, url: "{internet.url("blocked.example")}", allow_private: true}}
""")
    ca = str(tmp_path / "ca.pem")
    code, out, err = await run(tmp_path, "--json", "--no-store", SSL_CERT_FILE=ca)
    assert code == 0, err
    pairs = {(line["target"], line["vantage"]) for line in map(json.loads, out.splitlines())}
    assert pairs == {("site", "one"), ("site", "two"), ("blocked", "one"), ("blocked", "two")}
    code, out, err = await run(tmp_path, "site", "--vantage", "two", "--json", "--no-store", SSL_CERT_FILE=ca)
    assert [json.loads(line)["vantage"] for line in out.splitlines()] == ["two"]
    code, out, err = await run(tmp_path, "site", "--vantage", "nobody-asked", "--json", "--no-store")
    assert (code, out) == (2, "")
    assert "no recorded consent" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a URL"),
        (["ftp://x.example/"], "http"),
        (["http://x.example:99999/"], "x.example"),
        (["nosuch"], "no target is called 'nosuch'"),
        (["http://x.example/", "--resolver", "one.example"], "--resolver"),
        (["http://x.example/", "--control", "nosuch"], "no control is called"),
        (["http://x.example/", "--vantage", "nosuch"], "no vantage point is called"),
        (["http://x.example/", "--config", "missing.yaml"], "missing.yaml"),
    ],
)
def test_probe_ends_with_2_and_says_why_when_its_input_is_bad(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["probe", *arguments, "--json"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, ""), err
    assert said in err


def test_probe_ends_with_2_when_ssl_cert_file_cannot_be_read(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(SystemExit) as ended:
        main(["probe", "http://127.0.0.1:9/", "--json"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert "SSL_CERT_FILE names /nowhere/ca.pem" in err


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("9.9.9.9", "udp://9.9.9.9"),
        ("127.0.0.1:5353", "udp://127.0.0.1:5353"),
        ("[::1]:53", "udp://[::1]:53"),
        ("::1", "udp://[::1]"),
        ("tcp://9.9.9.9", "tcp://9.9.9.9"),
        ("https://dns.example/dns-query", "https://dns.example/dns-query"),
        ("system", "system"),
    ],
)
def test_resolver_takes_all_forms(written, read):
    assert resolver(written) == read


def test_subjects_lets_a_typed_loopback_url_through_and_no_other_private_answers():
    asked = Asked(subjects=["http://127.0.0.1:8080/", "http://localhost/", "https://site.example/"])
    found = subjects(asked, Configuration())
    assert [(one.target.allow_private, one.typed) for one in found] == [(True, True), (True, True), (False, True)]
    assert len({one.target.id for one in found}) == 3


def test_subjects_takes_the_target_of_the_file_when_its_url_is_typed():
    configuration = Configuration.model_validate({"targets": [{"id": "site", "url": "https://site.example/"}]})
    found = subjects(Asked(subjects=["https://site.example/"]), configuration)
    assert [(one.target.id, one.typed) for one in found] == [("site", False)]


def test_controls_are_named_by_id_or_url():
    configuration = Configuration.model_validate({"controls": [{"id": "control-1", "url": "https://c.example/"}]})
    assert controls(Asked(), configuration) == configuration.controls
    assert controls(Asked(control="control-1"), configuration) == configuration.controls
    assert controls(Asked(control="http://127.0.0.1:8500/"), configuration)[0].url == "http://127.0.0.1:8500/"
    with pytest.raises(ChoiceError, match="did you mean control-1"):
        controls(Asked(control="control-2"), configuration)


def test_vantages_are_implied_when_there_is_no_file():
    target = subjects(Asked(subjects=["https://site.example/"]), Configuration())[0].target
    found = vantages(target, Asked(resolver="9.9.9.9"), Configuration())
    assert [(one.id, one.via, one.resolvers) for one in found] == [("here", "direct", ("udp://9.9.9.9",))]
    assert found[0].consent is not None
