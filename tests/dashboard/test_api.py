"""The API through a real server on loopback: what it says, how it pages, what it refuses."""

import hashlib
import http.client
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import jsonschema
import pytest

API = "/api/v1"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(web: Any, path: str, *, method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(web.url).netloc, timeout=20)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    connection.close()
    return answer


LISTS = ("/targets", "/vantage-points", "/campaigns", "/measurements", "/episodes", "/status")


@pytest.mark.parametrize("path", LISTS)
def test_a_list_fits_the_description_that_the_api_gives_of_itself(web: Any, path: str) -> None:
    description = ask(web, f"{API}/openapi.json").json
    schema = description["paths"][API + path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(ask(web, API + path).json, {**schema, "components": description["components"]})


def test_a_target_tells_its_state_at_each_vantage_point_that_looked(web: Any) -> None:
    states = {s["vantage"]: s for s in ask(web, f"{API}/targets/amnesty-org").json["states"]}
    assert {name: s["outcome"] for name, s in states.items()} == {
        "henan": "confirmed",
        "beijing": "anomaly",
        "here": "ok",
    }
    assert states["henan"]["episode_state"] == "ongoing"


def test_targets_page_on_by_id_and_are_filtered_by_campaign(web: Any) -> None:
    first = ask(web, f"{API}/targets?limit=2&campaign=defend").json
    second = ask(web, first["next"]).json
    assert [t["id"] for t in first["targets"] + second["targets"]] == [
        "amnesty-org",
        "change-org",
        "hrw-org",
        "rsf-org",
    ]
    assert second["next"] is None


def test_measurements_page_on_without_losing_or_repeating_any_when_many_share_an_instant(web: Any) -> None:
    path: str | None = f"{API}/measurements?limit=7&target=hrw-org"
    seen: list[dict[str, Any]] = []
    while path and len(seen) < 120:
        page = ask(web, path).json
        seen += page["measurements"]
        path = page["next"]
    whole = ask(web, f"{API}/measurements?limit=1000&target=hrw-org").json["measurements"]
    assert [m["id"] for m in seen] == [m["id"] for m in whole[: len(seen)]]
    assert len({m["at"] for m in seen}) < len(seen)  # instants were shared indeed


def test_the_last_page_of_measurements_has_no_next(web: Any) -> None:
    assert ask(web, f"{API}/measurements?target=hostile&limit=1000").json["next"] is None


def test_measurements_are_filtered_by_outcome_vantage_and_time(web: Any) -> None:
    found = ask(web, f"{API}/measurements?target=hrw-org&vantage=henan&outcome=anomaly&limit=1000").json["measurements"]
    assert len(found) == 72
    assert {m["mechanism"] for m in found} == {"dns_injection"}
    middle = found[36]["at"]
    since = ask(
        web, f"{API}/measurements?target=hrw-org&vantage=henan&outcome=anomaly&since={quote(middle)}&limit=1000"
    ).json
    until = ask(
        web, f"{API}/measurements?target=hrw-org&vantage=henan&outcome=anomaly&until={quote(middle)}&limit=1000"
    ).json
    assert (len(since["measurements"]), len(until["measurements"])) == (37, 35)


def test_a_record_comes_as_the_very_bytes_that_its_name_is_the_hash_of(web: Any) -> None:
    name = ask(web, f"{API}/measurements?limit=1").json["measurements"][0]["id"]
    answer = ask(web, f"{API}/measurements/{name}")
    assert "sha256:" + hashlib.sha256(answer.body).hexdigest() == name
    assert answer.json["schema"] == 1
    assert ask(web, f"{API}/measurements/{name}/verdict").json["reasons"]


def test_a_blob_is_a_download_and_never_a_page_even_when_it_is_html(web: Any) -> None:
    name = ask(web, f"{API}/measurements?target=rsf-org&outcome=ok&limit=1").json["measurements"][0]["id"]
    digest = ask(web, f"{API}/measurements/{name}").json["http"][0]["body"]
    answer = ask(web, f"{API}/blobs/{digest}")
    assert b"<script>" in answer.body
    assert "sha256:" + hashlib.sha256(answer.body).hexdigest() == digest
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_episode_has_the_contracts_form(web: Any) -> None:
    found = ask(web, f"{API}/episodes?target=amnesty-org&vantage=henan").json["episodes"]
    assert [e["state"] for e in found] == ["ongoing"]
    assert set(found[0]["onset"]) == {"after", "by"}
    assert found[0]["release"] is None
    assert ask(web, f"{API}/episodes/{found[0]['id']}").json == found[0]
    assert {e["state"] for e in ask(web, f"{API}/episodes?state=suspected").json["episodes"]} == {"suspected"}


def test_days_come_from_the_rollups(web: Any) -> None:
    days = ask(web, f"{API}/targets/amnesty-org/days?days=10").json
    assert {d["vantage"] for d in days} == {"henan", "beijing", "here"}
    assert all(d["confirmed"] and not d["ok"] for d in days if d["vantage"] == "henan")


def test_a_vantage_point_never_tells_its_address(web: Any) -> None:
    assert {v["via"] for v in ask(web, f"{API}/vantage-points").json["vantage_points"]} == {"direct"}


def test_an_unchanged_answer_is_304_to_a_reader_who_has_it(web: Any) -> None:
    first = ask(web, f"{API}/targets/amnesty-org")
    again = ask(web, f"{API}/targets/amnesty-org", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert first.headers["last-modified"].endswith("GMT")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/targets/nope", 404),
        ("/targets/nope/days", 404),
        ("/campaigns/nope", 404),
        ("/episodes/nope", 404),
        (f"/measurements/sha256:{'0' * 64}", 404),
        (f"/measurements/sha256:{'0' * 64}/verdict", 404),
        (f"/blobs/sha256:{'0' * 64}", 404),
        ("/measurements/../../etc/passwd", 404),
        ("/measurements/sha256:zz", 422),
        ("/measurements?limit=0", 422),
        ("/measurements?limit=1001", 422),
        ("/measurements?outcome=blocked", 422),
        ("/measurements?since=yesterday", 422),
        ("/measurements?cursor=1", 422),
        ("/targets/amnesty-org/days?days=100000", 422),
        ("/nope", 404),
    ],
)
def test_what_is_not_there_is_refused_with_what_to_do(web: Any, path: str, status: int) -> None:
    answer = ask(web, API + path)
    assert answer.status == status
    assert set(answer.json) == {"error", "what_to_do"}


@pytest.mark.parametrize(
    "path",
    [
        "/badge/target/nope.svg",
        "/badge/campaign/nope.json",
        "/badge/nope",
        "/api",
        "/api/v2/targets",
        "/_stcore/metrics",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/interact",
    ],
)
def test_nothing_else_answers(web: Any, path: str) -> None:
    assert ask(web, path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(web: Any, method: str) -> None:
    assert ask(web, f"{API}/targets/amnesty-org", method=method).status in {404, 405}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
@pytest.mark.parametrize("path", ["/", f"{API}/targets", "/badge/target/amnesty-org.svg"])
def test_a_rebound_host_name_gets_nothing(web: Any, path: str, host: str) -> None:
    answer = ask(web, path, host=host)
    assert answer.status == 421
    assert b"amnesty" not in answer.body


@pytest.mark.parametrize(
    "path", ["/", "/target?id=amnesty-org", f"{API}/targets", f"{API}/docs", "/static/nope", "/api/nope"]
)
def test_every_answer_is_hardened(web: Any, path: str) -> None:
    headers = ask(web, path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("target/amnesty-org", "blocked from 2 of 3 vantage points"),
        ("campaign/defend", "1 of 4 sites blocked"),
        ("target/hostile", "reachable"),
    ],
)
def test_a_badge_says_the_state_in_words_and_may_be_shown_elsewhere(web: Any, name: str, said: str) -> None:
    answer = ask(web, f"/badge/{name}.svg")
    texts = [e.text for e in ET.fromstring(answer.body).iter() if e.tag.endswith("}text")]
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "x-frame-options" not in answer.headers
    if name != "target/hostile":
        assert texts[1] == said
        assert ask(web, f"/badge/{name}.json").json["message"] == said


def test_metrics_tell_health_and_no_address(web: Any) -> None:
    text = ask(web, "/metrics").body.decode()
    assert "wallwatch_config_reload_success 1.0" in text
    assert 'wallwatch_pairs{outcome="confirmed"} 2.0' in text
    assert "wallwatch_last_look_age_seconds" in text
    assert "192.0.2" not in text


def test_health_answers_when_there_is_a_store(web: Any) -> None:
    assert ask(web, "/healthz").json == {"status": "ok", "store": "open"}


def test_the_docs_page_lists_every_path_and_loads_nothing(web: Any) -> None:
    page, description = ask(web, f"{API}/docs").body.decode(), ask(web, f"{API}/openapi.json").json
    assert all(path in page for path in description["paths"])
    assert "<script" not in page
    assert "//" not in page.replace("<!doctype html>", "")


def test_a_verdict_names_its_rule_with_a_link_that_leads_to_it_and_tells_contrasts(web: Any) -> None:
    name = ask(web, f"{API}/measurements?target=amnesty-org&vantage=henan&limit=1").json["measurements"][0]["id"]
    found = ask(web, f"{API}/measurements/{name}/verdict").json
    assert (found["rule"], found["rule_says"], found["rule_link"]) == ("tls.reset_only_here", None, None)
    (line,) = found["contrasts"]
    assert line["kind"] == "neutral_sni"
    assert line["results"] == ["neutral.example: handshake completed"]
    assert line["counts"] is True
    page = ask(web, "/rules")
    assert page.headers["content-type"].startswith("text/html")
    assert b'id="tls.sni_contrast"' in page.body


@pytest.mark.parametrize("path", ["/rules", f"{API}/docs"])
def test_a_page_without_script_begins_as_html_does(web: Any, path: str) -> None:
    assert ask(web, path).body.startswith(b'<!doctype html><html lang="en">')
