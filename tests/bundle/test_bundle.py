"""Bundles as people get them: checked with sha256sum, bagit.py, openssl and warcio, without our software."""

import hashlib
import json
import os
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from evidence.bundle_choice import chosen
from evidence.bundle_zip import BundleError, ZipWriter, entries, is_safe
from evidence.signing import SigningError, signer_at
from evidence.warc import Exchanges
from models.episode import Look
from models.measurement import Finished, digest, from_canonical
from models.store import open_store
from models.words import Outcome
from tests.bundle.stores import ROOT, bundled, filled, from_network, looks, run, url, with_answer
from tests.scheduler.made import START, finished

PATTERN = "ooooxxxxxxxxooooooooooo"


@pytest.fixture
def store(tmp_path: Path) -> tuple[Path, str]:
    [episode] = filled(tmp_path, looks(PATTERN), from_network)
    return tmp_path, episode.id


def unpacked(path: Path) -> Path:
    with zipfile.ZipFile(path) as file:
        file.extractall(path.parent)
        return path.parent / file.namelist()[0].partition("/")[0]


def tool(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def script(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def test_a_bundle_passes_the_standard_tools(store: tuple[Path, str]) -> None:
    folder, episode = store
    bag = unpacked(bundled(folder, episode))
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        done = tool(bag, "sha256sum", "--strict", "-c", manifest)
        assert done.returncode == 0, done.stdout
    assert tool(bag, script("bagit.py"), "--validate", ".").returncode == 0
    assert tool(bag, script("warcio"), "check", "data/exchanges.warc").returncode == 0


def test_openssl_verifies_the_signature_and_gives_the_keys_id(store: tuple[Path, str]) -> None:
    folder, episode = store
    bag = unpacked(bundled(folder, episode))
    arguments = "-verify -pubin -inkey signing-key.pem -rawin -in tagmanifest-sha256.txt -sigfile signature.ed25519"
    assert "Signature Verified Successfully" in tool(bag, "openssl", "pkeyutl", *arguments.split()).stdout
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", "signing-key.pem", "-outform", "DER"],
        cwd=bag,
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    assert json.loads((bag / "data/bundle.json").read_bytes())["key"] == hashlib.sha256(der).hexdigest()


def test_the_same_episode_gives_the_same_bytes(store: tuple[Path, str]) -> None:
    folder, episode = store
    first, second = bundled(folder, episode), bundled(folder, episode, name="again.zip")
    assert first.read_bytes() == second.read_bytes()


def test_each_record_is_the_stores_and_its_file_name_is_its_hash(store: tuple[Path, str]) -> None:
    folder, episode = store
    bag = unpacked(bundled(folder, episode))
    records = sorted((bag / "data/records").iterdir())
    assert len(records) == 10  # eight blocked, and the look on each side
    with open_store(url(folder), read_only=True) as kept:
        for record in records:
            assert hashlib.sha256(record.read_bytes()).hexdigest() == record.stem
            assert kept.record(f"sha256:{record.stem}") == record.read_bytes()


def test_a_bundle_holds_the_series_the_episode_the_rules_and_the_citation(store: tuple[Path, str]) -> None:
    folder, episode = store
    data = unpacked(bundled(folder, episode)) / "data"
    done = run(folder, "episodes", "--from-series", str(data / "series.csv"), "--json")
    [line] = [json.loads(each) for each in done.stdout.splitlines()]
    assert line == json.loads((data / "episode.json").read_bytes())
    rules = {rule["rule"]: rule["sentence"] for rule in json.loads((data / "rules.json").read_bytes())}
    assert set(rules) == {"http.as_control", "http.no_answer_here"}
    assert all(rules.values())
    assert (data / "citation.txt").read_text() == run(folder, "cite", episode).stdout
    assert "is no citation" not in (data / "citation.bib").read_text()
    assert len((data / "verdicts.jsonl").read_text().splitlines()) == 10


def test_a_measurement_can_be_bundled_by_its_id(store: tuple[Path, str]) -> None:
    folder, _ = store
    with open_store(url(folder), read_only=True) as kept:
        [row] = kept.recent("a", "here", 1)
    path = bundled(folder, row.measurement)
    data = unpacked(path) / "data"
    assert [each.stem for each in (data / "records").iterdir()] == [row.measurement.removeprefix("sha256:")]
    assert not (data / "episode.json").exists()
    assert run(folder, "verify", str(path)).returncode == 0


def test_exchanges_are_read_back_by_warcio_with_body_and_fields(tmp_path: Path) -> None:
    headers = (
        ("Server", "nginx"),
        ("Content-Encoding", "gzip"),
        ("X-Name", "caf\u00e9"),
        ("X-Bad", "a\r\nInjected: b"),
    )
    body = b"<title>A</title>" + b"page " * 100
    filled(tmp_path, looks("o"), with_answer(headers=headers, body=body))
    with open_store(url(tmp_path), read_only=True) as kept:
        [row] = kept.recent("a", "here", 1)
    bag = unpacked(bundled(tmp_path, row.measurement))
    with (bag / "data/exchanges.warc").open("rb") as file:
        found = [(each.rec_type, each, each.content_stream().read()) for each in ArchiveIterator(file)]
    assert [kind for kind, _, _ in found] == ["warcinfo", "request", "response"]
    _, response, content = found[2]
    assert content == body
    assert response.http_headers.get_header("Server") == "nginx"
    assert response.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert response.http_headers.get_header("Injected") is None
    assert response.rec_headers.get_header("WARC-IP-Address") == "192.0.2.1"
    assert response.rec_headers.get_header("WARC-Target-URI") == "http://a.test/"


def test_a_body_that_came_before_is_a_revisit_that_points_to_the_first() -> None:
    one, two = finished(0), finished(5)
    warc = Exchanges("0", "2026-11-22T07:20:00Z")
    pieces = [warc.head()]
    for each in (one, two):
        pieces += warc.of(digest(each.measurement.to_canonical()), each.measurement, each.blobs)
    found = list(ArchiveIterator(BytesIO(b"".join(pieces)), check_digests="raise"))
    kinds = [each.rec_type for each in found]
    assert kinds == ["warcinfo", "request", "response", "request", "revisit"]


@pytest.mark.parametrize(
    "bad", ["http://[::bad/", "http://a.test/\r\nX: y", "", "\ud800", "http://a.test/" + "x" * 9000]
)
def test_exchanges_of_a_hostile_url_stay_readable(bad: str) -> None:
    plain = finished(0)
    fetch = replace(plain.measurement.http[0], url=bad, host=bad, headers=((bad, bad), ("\0\r\n", "\n\n")))
    warc = Exchanges("0", "2026-11-22T07:20:00Z")
    pieces = [warc.head(), *warc.of("sha256:0", replace(plain.measurement, http=(fetch,)), plain.blobs)]
    kinds = [each.rec_type for each in ArchiveIterator(BytesIO(b"".join(pieces)), check_digests="raise")]
    assert kinds == ["warcinfo", "request", "response" if bad.startswith("http") else "metadata"]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("simulated", [True, False])
def test_the_page_has_no_script_and_asks_nobody_whatever_the_target_is_called(tmp_path: Path, simulated: bool) -> None:
    def change(one: Finished) -> Finished:
        target = replace(one.measurement.target, url="http://a.test/'\"><script src=//evil.test></script>")
        made = replace(one.measurement, target=target, simulated=simulated)
        return Finished(measurement=made, blobs=one.blobs)

    [episode] = filled(tmp_path, looks(PATTERN), change)
    text = (unpacked(bundled(tmp_path, episode.id)) / "data/index.html").read_text()
    page = _Page()
    page.feed(text)
    assert not {"script", "img", "link", "iframe", "object", "form", "a"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    assert "svg" in page.tags
    assert ("Simulated: nothing in this bundle is about the real internet." in text) is simulated


def test_most_keeps_the_ends_and_says_what_was_left_out(store: tuple[Path, str]) -> None:
    folder, episode = store
    path = bundled(folder, episode, "--most", "5")
    data = unpacked(path) / "data"
    held = {each.stem for each in (data / "records").iterdir()}
    with open_store(url(folder), read_only=True) as kept:
        one = kept.episode(episode)
    assert one is not None and one.release is not None
    ends = [one.onset.after_measurement, one.onset.by_measurement]
    ends += [one.release.after_measurement, one.release.by_measurement]
    assert {name.removeprefix("sha256:") for name in ends if name} <= held
    assert len(held) == 5
    assert "5 of them were left out" in (data / "HOW-TO-VERIFY.md").read_text()
    assert "5 of them were left out" in (data / "index.html").read_text()
    assert "5 looks of the episode have no record" in run(folder, "verify", str(path)).stdout


@pytest.mark.parametrize("most", [2, 3, 7, 50, 999, 1000, 1001])
def test_a_choice_is_as_large_as_asked_in_order_and_without_repeats(store: tuple[Path, str], most: int) -> None:
    folder, name = store
    with open_store(url(folder), read_only=True) as kept:
        episode = kept.episode(name)
    assert episode is not None
    many = [Look(START + timedelta(minutes=n), Outcome.ANOMALY, None, f"sha256:{n:064x}") for n in range(1000)]
    found = chosen(many, episode, most)
    assert len(found) == min(most, 1000)
    assert [each.at for each in found] == sorted({each.at for each in found})


def test_bundle_names_the_nearest_ids_and_writes_nothing_when_there_is_no_such_episode(store: tuple[Path, str]) -> None:
    folder, episode = store
    done = run(folder, "bundle", episode[:-1] + "0", "-o", "none.zip")
    assert done.returncode == 2
    assert f"did you mean {episode}?" in done.stderr
    assert not (folder / "none.zip").exists()


def test_bundle_refuses_an_episode_that_no_longer_follows_from_its_looks(store: tuple[Path, str]) -> None:
    folder, episode = store
    with open_store(url(folder)) as kept:
        [one] = kept.episodes()
        kept.replace_episodes("a", "here", [replace(one, blocked_checks=7)])
    done = run(folder, "bundle", episode, "-o", "none.zip")
    assert done.returncode == 2
    assert "run `wallwatch judge`" in done.stderr
    assert list(folder.glob("*.zip*")) + list(folder.glob(".none*")) == []


def test_bundle_says_where_it_cannot_write(store: tuple[Path, str]) -> None:
    folder, episode = store
    done = run(folder, "bundle", episode, "-o", "nowhere/none.zip")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "cannot be written" in done.stderr


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key.pem"
    first = signer_at(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signer_at(path).id == first.id
    assert [each.name for each in path.parent.iterdir()] == ["key.pem"]
    path.chmod(0o644)
    with pytest.raises(SigningError, match="chmod 600"):
        signer_at(path)


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_file_that_is_no_key_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SigningError, match="--key"):
        signer_at(path)


@pytest.mark.parametrize("count", [0, 1, 3, 65_534, 65_535, 70_000])
def test_a_zip_of_any_number_of_files_is_read_by_others_and_by_us(count: int) -> None:
    file = BytesIO()
    writer = ZipWriter(file)
    for number in range(count):
        writer.add(f"folder/{number}", BytesIO(b"%d" % number))
    writer.finish()
    with zipfile.ZipFile(file) as other:
        assert len(other.namelist()) == count
        assert other.testzip() is None if count < 10 else True
        assert count == 0 or other.read(f"folder/{count - 1}") == b"%d" % (count - 1)
    assert len(entries(file)) == count


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a/../b", "a\\b", "C:x", "a//b", "", "a/", "\u00e9", "x" * 300, ".hidden", "a/.b", "a\n"]
)
def test_an_unsafe_path_is_neither_written_nor_read(name: str) -> None:
    assert not is_safe(name)
    with pytest.raises(BundleError):
        ZipWriter(BytesIO()).add(name, BytesIO(b""))


def test_a_bundle_of_large_contents_is_written_with_bounded_memory(tmp_path: Path) -> None:
    """Thirty contents of 1 MB, each another one, in less memory than half of them take."""
    numbers = iter(range(100))

    def change(one: Finished) -> Finished:
        body = b"<title>A</title>" + (b"%09d " % next(numbers)) * 100_000
        fetch = replace(one.measurement.http[0], body=digest(body), body_bytes=len(body))
        return Finished(measurement=replace(one.measurement, http=(fetch,)), blobs={digest(body): body})

    [episode] = filled(tmp_path, looks("oooo" + "x" * 30), change)
    code = (
        "import resource, sys\nfrom scheduler.cli import main\n"
        "try: main()\nfinally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    environment = {**os.environ, "WALLWATCH_DB": url(tmp_path)}

    def peak(*arguments: str) -> int:
        """Returns the most memory that a bundle took, in KiB."""
        command = [sys.executable, "-c", code, "bundle", episode.id, *arguments]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False
        )
        assert done.returncode == 0, done.stderr
        return int(done.stderr.splitlines()[-1])

    small = peak("-o", str(tmp_path / "small.zip"), "--most", "2")
    large = peak("-o", str(tmp_path / "large.zip"))
    assert (tmp_path / "large.zip").stat().st_size > 30 * 1_000_000
    assert large - small < 15 << 10


def test_records_are_decoded_as_they_were_measured(store: tuple[Path, str]) -> None:
    folder, episode = store
    for record in (unpacked(bundled(folder, episode)) / "data/records").iterdir():
        assert from_canonical(record.read_bytes()).target.id == "a"
