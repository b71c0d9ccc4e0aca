"""Citations as people paste them: careful in words, harmless in every form."""

import json
import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evidence.citation import Cited, sentence
from evidence.citation_forms import FORMATS, to_bibtex, to_csl, to_html
from models.episode import Episode, Gap, Interruption, Interval, Unusable
from models.measurement import Finished
from models.words import EpisodeState, Mechanism
from tests.bundle.stores import filled, from_network, looks, run
from tests.scheduler.made import START

HOUR = timedelta(hours=1)
BASE = Episode(
    id="abcdefghij",
    target="amnesty-org",
    vantage="here",
    mechanisms=(Mechanism.SNI_RESET,),
    onset=Interval(after=START, by=START + HOUR),
    release=None,
    state=EpisodeState.ONGOING,
    checks=16,
    blocked_checks=16,
    last_blocked=START + 20 * HOUR,
    last_look=START + 20 * HOUR,
)
CITED = Cited(episode=BASE, url="https://www.amnesty.org/", country="CN", asn=4837, network="Unicom", settled=16)
HOSTILE = [
    "</p><script>alert(1)</script>",
    'x" onmouseover="alert(1)',
    "}\n@misc{evil, title={owned}}",
    "100% of $5 & #1_a^b~c\\input{/etc/passwd}",
    "\u202egro.ytsenma\u202c\x1b[31m\x00\r\nBcc: x",
    "{{{{",
    "}}}}",
    "'; DROP TABLE episode; --",
]


def cite(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "cite", *arguments)


def said_of(**changes: object) -> str:
    return sentence(replace(CITED, episode=replace(BASE, **changes)))


def test_a_citation_says_interval_network_checks_and_the_last_check() -> None:
    said = sentence(CITED)
    assert "First observed blocked between 2026-11-22 07:20 and 2026-11-22 08:20 UTC from AS4837 Unicom (CN)" in said
    assert "16 of 16 checks" in said
    assert "still blocked at the last check on 2026-11-23 03:20 UTC" in said
    assert "seen as sni_reset" in said


def test_a_citation_says_that_the_beginning_is_unknown_when_it_was_blocked_from_the_first_look() -> None:
    said = said_of(onset=Interval(after=None, by=START))
    assert "already blocked when first checked on 2026-11-22 07:20 UTC" in said
    assert "when it began is not known" in said
    assert "between" not in said


def test_a_citation_gives_the_release_as_an_interval() -> None:
    release = Interval(after=BASE.last_blocked, by=BASE.last_blocked + HOUR)
    said = said_of(release=release, state=EpisodeState.RELEASED, last_look=release.by)
    assert "reachable again between 2026-11-23 03:20 and 2026-11-23 04:20 UTC" in said
    assert "still blocked" not in said


def test_a_citation_does_not_call_suspicion_a_block() -> None:
    said = said_of(state=EpisodeState.SUSPECTED)
    assert "failing as if blocked (not yet confirmed)" in said
    assert "still failing at the last check" in said


def test_a_citation_says_reachable_again_but_not_released_when_interrupted() -> None:
    said = said_of(state=EpisodeState.INTERRUPTED, last_look=BASE.last_blocked + HOUR)
    assert "not yet for long enough to call it a release" in said
    assert "still blocked" not in said


def test_a_citation_names_what_makes_its_dates_uncertain() -> None:
    said = said_of(
        onset=Interval(after=START, by=START + HOUR, clean=False),
        gaps=(Gap(after=START + HOUR, by=START + 2 * HOUR), Gap(after=START + 3 * HOUR, by=START + 9 * HOUR)),
        interruptions=(Interruption(first_ok=START + 2 * HOUR, last_ok=START + 3 * HOUR),),
        unusable=(Unusable(after=START + 4 * HOUR, by=START + 5 * HOUR, looks=3, why="down"),),
    )
    assert "successes and failures alternate at the onset" in said
    assert "2 gaps in which nobody looked, the longest from 2026-11-22 10:20 UTC to 2026-11-22 16:20 UTC" in said
    assert "reachable in between once" in said
    assert "1 stretch in which no check could tell" in said


def test_a_citation_says_when_nothing_settled_the_cause() -> None:
    assert "none is settled by an artefact or a contrast" in sentence(replace(CITED, settled=0))
    assert "none is settled" not in sentence(CITED)


@pytest.mark.parametrize("form", FORMATS)
def test_a_simulated_episode_is_called_simulated_in_every_form(form: str) -> None:
    assert "SIMULATED, not an observation of the real internet" in FORMATS[form](replace(CITED, simulated=True))


def test_a_citation_never_names_a_motive_or_a_government() -> None:
    for state in EpisodeState:
        said = said_of(state=state).lower()
        assert not re.search(r"government|censor|because|in order to|authorit|regime|state of", said)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_in_html(name: str) -> None:
    tags = _Tags()
    tags.feed(to_html(replace(CITED, url=name, network=name, publisher=name, permalink=f"https://x.test/{name}")))
    assert [tag for tag, _ in tags.seen] in (["p"], ["p", "a"])
    assert all(dict(attributes).keys() <= {"class", "href"} for _, attributes in tags.seen)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_within_their_bibtex_field(name: str) -> None:
    entry = to_bibtex(replace(CITED, url=name, network=name, publisher=name, permalink=f"https://x.test/{name}"))
    depths, depth = [], 0
    for char in entry:
        depth += {"{": 1, "}": -1}.get(char, 0)
        depths.append(depth)
    assert depth == 0
    assert 0 not in depths[entry.index("{") : -1], "the entry ends before its end"
    assert entry.count("@misc") == 1
    assert not re.search(r"(?<!\\)[%&$#]", re.sub(r"url = .*", "", entry))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_in_csl_json(name: str) -> None:
    said = to_csl(replace(CITED, url=name, network=name, publisher=name))
    [item] = json.loads(said)
    assert item["type"] == "dataset"
    assert "<" not in said
    assert item["issued"] == {"date-parts": [[2026, 11, 23]]}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_cannot_steer_a_terminal_or_turn_the_text_around(name: str) -> None:
    said = sentence(replace(CITED, url=name, network=name, publisher=name))
    assert said.isprintable()
    assert "\n" not in said


def test_cite_prints_the_episode_of_a_store(tmp_path: Path) -> None:
    [episode] = filled(tmp_path, looks("ooooxxxxxx"), from_network)
    done = cite(tmp_path, episode.id)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "http://a.test/: First observed blocked between 2026-11-23 01:20 and 2026-11-23 07:20 UTC"
    )
    assert "from AS4837 China Unicom (CN), 6 of 6 checks" in done.stdout
    assert "none is settled" in done.stdout


def test_cite_marks_a_simulated_episode(tmp_path: Path) -> None:
    def simulated(one: Finished) -> Finished:
        return Finished(measurement=replace(one.measurement, simulated=True), blobs=one.blobs)

    [episode] = filled(tmp_path, looks("ooooxxxxxx"), simulated)
    assert cite(tmp_path, episode.id).stdout.startswith("SIMULATED")


def test_cite_writes_each_form(tmp_path: Path) -> None:
    [episode] = filled(tmp_path, looks("ooooxxxxxx"))
    link = ("--publisher", "Some & Sons", "--permalink", "https://wallwatch.test/episode?id=1&x=2")
    [item] = json.loads(cite(tmp_path, episode.id, "--format", "csl", *link).stdout)
    assert item["URL"] == "https://wallwatch.test/episode?id=1&x=2"
    assert item["author"] == [{"literal": "Some & Sons"}]
    assert r"Some \& Sons" in cite(tmp_path, episode.id, "--format", "bibtex", *link).stdout
    assert "id=1&amp;x=2" in cite(tmp_path, episode.id, "--format", "html", *link).stdout


def test_cite_names_the_nearest_ids_when_there_is_no_such_episode(tmp_path: Path) -> None:
    [episode] = filled(tmp_path, looks("ooooxxxxxx"))
    mistyped = episode.id[:-1] + "0"
    done = cite(tmp_path, mistyped)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"did you mean {episode.id}?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "given", [("--format", "word"), ("--permalink", "javascript:alert(1)")], ids=["format", "permalink"]
)
def test_cite_refuses_what_it_cannot_write(tmp_path: Path, given: tuple[str, str]) -> None:
    [episode] = filled(tmp_path, looks("ooooxxxxxx"))
    done = cite(tmp_path, episode.id, *given)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
