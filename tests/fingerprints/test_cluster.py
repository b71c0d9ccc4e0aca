"""A page that no list knows is found by standing in for several unrelated sites; proxies' and CDNs' errors are not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.fingerprint_cluster import RULE, Sighting, clusters, raised, sighting
from evidence.judge import Judge
from models.measurement import Finished, TargetFacts, VantageFacts, digest, to_instant
from models.store import Judged, Store, open_store
from models.words import EpisodeState, Mechanism, Outcome
from scheduler.clusters import Clusters
from scheduler.folding import Folding
from scheduler.judging import compare, write
from tests.fingerprints.sets import our_own
from tests.judge.records import PAGE, blind, control, dns, http, lab_roots, look, tcp

START = datetime(2026, 11, 22, 7, 20, tzinfo=UTC)
SITES = ("amnesty.example", "hrw.example", "change.example", "torproject.example")
NOTICE = "<html><head><title>Notice</title></head><body><p>The page at {url} cannot be shown to you here. Ask your provider, number 17.</p></body></html>"


def judged(
    host: str, body: str = NOTICE, *, hours: float = 0, status: int = 200, headers: Any = (), **parts: Any
) -> Judged:
    """Returns a look at a site that got another page, while the control got the site's."""
    url = f"http://www.{host}/"
    content = body.format(url=url, host=host).encode()
    vantage = VantageFacts(id="there", via=parts.pop("via", "direct"), country="XA", consent="operator, 2026-11-22")
    given = {
        "target": TargetFacts(id=host.partition(".")[0], url=url),
        "vantage": vantage,
        "started_at": to_instant(START + timedelta(hours=hours)),
        "dns": dns("93.184.216.34", name=f"www.{host}"),
        "tcp": tcp("93.184.216.34", port=80),
        "http": http(
            content,
            url=url,
            host=f"www.{host}",
            port=80,
            status=status,
            headers=(("Content-Type", "text/html"), *headers),
        ),
        "controls": control(port=80),
    }
    made = look(url, bodies=(PAGE, content), **(given | parts))
    finished = Finished(measurement=made.measurement, blobs=made.blobs)
    return Judged(finished, Judge(lab_roots(), our_own()).verdict(made.measurement, made.blobs))


def sightings(*looks: Judged) -> list[Sighting]:
    found = (sighting(name_of(one), one.finished.measurement, one.finished.blobs, one.verdict) for one in looks)
    return [one for one in found if one is not None]


def name_of(one: Judged) -> str:
    return digest(one.finished.measurement.to_canonical())


def rules(*looks: Judged) -> list[str]:
    """Returns each look's rule after the pass."""
    found = raised({name_of(one): one.verdict for one in looks}, sightings(*looks))
    return [found.get(name_of(one), one.verdict).rule for one in looks]


def test_one_page_instead_of_three_unrelated_sites_is_suspected_to_be_a_block_page() -> None:
    looks = [judged(host, hours=hours) for hours, host in enumerate(SITES[:3])]
    assert [one.verdict.rule for one in looks] == ["http.other_page"] * 3
    found = raised({name_of(one): one.verdict for one in looks}, sightings(*looks))
    assert {verdict.rule for verdict in found.values()} == {RULE} and len(found) == 3
    verdict = found[name_of(looks[0])]
    assert (verdict.outcome, verdict.mechanism) == (Outcome.ANOMALY, Mechanism.BLOCKPAGE)
    assert verdict.reasons[0].startswith(
        "One and the same page came here instead of 3 unrelated sites (amnesty.example,"
    )
    assert "2026-11-22 07:20Z and 2026-11-22 09:20Z" in verdict.reasons[0]
    assert verdict.fingerprints == looks[0].verdict.fingerprints is not None


def test_two_sites_are_too_few_and_three_looks_at_one_site_are_one() -> None:
    assert RULE not in rules(*(judged(host) for host in SITES[:2]))
    assert RULE not in rules(*(judged(SITES[0], hours=hours) for hours in range(5)))


def test_sites_of_one_family_count_once() -> None:
    assert RULE not in rules(*(judged(host) for host in ("amnesty.org", "amnestyusa.org", "amnesty.fr", "hrw.org")))


def test_pages_of_other_lengths_other_words_or_another_status_do_not_belong_together() -> None:
    longer = NOTICE.replace("Ask your provider", "Ask your provider or write to the office that is named on its pages")
    other = NOTICE.replace("Notice", "Welcome").replace(
        "cannot be shown to you here. Ask your provider", "waits for you elsewhere; have a look at us"
    )
    assert RULE not in rules(judged(SITES[0]), judged(SITES[1]), judged(SITES[2], longer))
    assert RULE not in rules(judged(SITES[0]), judged(SITES[1]), judged(SITES[2], other))
    assert RULE not in rules(judged(SITES[0]), judged(SITES[1]), judged(SITES[2], status=404))


def test_a_frame_without_words_is_compared_by_what_stands_in_it() -> None:
    frame = "<html><body><iframe src='http://notice.example.net/deny?page={url}&site={host}' width='100%'></iframe></body></html>"
    assert rules(*(judged(host, frame) for host in SITES[:3])) == [RULE] * 3


def test_looks_that_lie_too_far_apart_do_not_belong_together() -> None:
    assert RULE not in rules(*(judged(host, hours=24 * 8 * n) for n, host in enumerate(SITES[:3])))
    assert RULE in rules(*(judged(host, hours=24 * 6 * n) for n, host in enumerate(SITES[:3])))


def test_another_vantage_points_looks_do_not_count() -> None:
    looks = [judged(host) for host in SITES[:3]]
    apart = [replace(one, vantage=f"{n}") for n, one in enumerate(sightings(*looks))]
    assert clusters(apart) == [] and len(clusters(sightings(*looks))) == 1


@pytest.mark.parametrize(
    "parts",
    [
        {"controls": ()},
        {"controls": blind()},
        {"controls": control(port=80, status=403, title="Forbidden")},
        {"controls": control(port=80, title="Notice", body=NOTICE.encode())},
        {"controls": control(port=80, title="Notice", body_length=9_999, body_sketch=None)},
        {"via": "http", "status": 403},
        {"via": "socks5", "headers": (("Via", "1.1 proxy.example"),)},
        {"headers": (("X-Squid-Error", "ERR_ACCESS_DENIED 0"),)},
        {"status": 503},
        {"status": 502},
        {"status": 403, "headers": (("Server", "cloudflare"), ("CF-RAY", "8c1"))},
        {"status": 404, "headers": (("Server", "AkamaiGHost"),)},
    ],
    ids=" ".join,
)
def test_pages_that_are_explained_or_have_no_good_control_form_no_cluster(parts: dict[str, Any]) -> None:
    assert RULE not in rules(*(judged(host, **parts) for host in SITES))


def test_a_verdict_that_a_list_settled_stays_as_it_is() -> None:
    known = NOTICE.replace("Ask", "http://203.0.113.9/webadmin/deny Ask")
    looks = [judged(host, known) for host in SITES]
    assert {one.verdict.rule for one in looks} == {"http.block_page"}
    assert rules(*looks) == ["http.block_page"] * 4


def test_a_thousand_pages_are_compared_in_little_time() -> None:
    (one,) = sightings(judged(SITES[0]))
    many = [
        replace(
            one, measurement=f"{n}", domain=f"site{n}.example", length=100 + n, title=f"{n}", digest=f"{n}", sketch=None
        )
        for n in range(1000)
    ]
    assert clusters(many) == []


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/w.sqlite") as opened:
        yield opened


def rows(store: Store) -> dict[str, str]:
    return {row.target: row.rule for row in store.recent(limit=100)}


def test_the_third_site_raises_the_looks_before_it_as_soon_as_it_is_stored(store: Store) -> None:
    keeper = Clusters(store, Folding(store))
    for hours, host in enumerate(SITES[:3]):
        one = judged(host, hours=hours)
        store.put([one])
        keeper.written([one])
        assert (RULE in rows(store).values()) is (hours == 2)
    assert set(rows(store).values()) == {RULE}
    found = store.verdict(store.recent(limit=1)[0].measurement)
    assert found is not None and found.mechanism is Mechanism.BLOCKPAGE


def test_episodes_tell_of_a_block_page_once_the_cluster_is_seen(store: Store) -> None:
    keeper = Clusters(store, Folding(store))
    for hours in range(12):
        batch = [judged(host, hours=4 * hours) for host in SITES[:3]]
        store.put(batch)
        keeper.written(batch)
    found = store.episodes("hrw", "there")
    assert [(one.mechanisms, one.state) for one in found] == [((Mechanism.BLOCKPAGE,), EpisodeState.ONGOING)]


def test_judging_anew_finds_the_same_clusters_in_what_is_stored(store: Store, tmp_path: Path) -> None:
    store.put([judged(host, hours=hours) for hours, host in enumerate(SITES[:3])])
    judge = Judge(lab_roots(), our_own())
    with (tmp_path / "spool").open("w+b") as spool:
        told = compare(store, judge, spool)
        assert (told.seen, told.changed) == (3, 3)
        write(store, spool, told)
    assert set(rows(store).values()) == {RULE}
    with (tmp_path / "spool").open("w+b") as spool:
        assert compare(store, judge, spool).changed == 0
