"""What `targets.yaml` says, and what is said about it when it is wrong."""

import json
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from models.targets import Configuration
from models.targets_errors import TargetsError
from models.targets_file import load, read
from models.targets_yaml import MAX_BYTES

TARGETS = Path(__file__).parents[1] / "targets"
INVALID = sorted(TARGETS.glob("invalid-*.yaml"))
ENVIRONMENT = {"INJECTED": "CN\nevil: true"}


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem.removeprefix("invalid-"))
def test_a_bad_file_is_refused_with_the_messages_beside_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TARGETS)
    with pytest.raises(TargetsError) as caught:
        load(Path(file.name), ENVIRONMENT)
    assert [str(problem) for problem in caught.value.problems] == file.with_suffix(".txt").read_text().splitlines()


def test_there_are_many_bad_files_and_no_message_without_its_file() -> None:
    assert len(INVALID) >= 30
    assert {file.stem for file in INVALID} == {file.stem for file in TARGETS.glob("invalid-*.txt")}


def written(folder: Path, text: str) -> Path:
    file = folder / "targets.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, text: str) -> str:
    with pytest.raises(TargetsError) as caught:
        load(written(folder, text), {})
    return str(caught.value)


def test_norway_stays_norway_and_dates_stay_text(tmp_path: Path) -> None:
    text = "vantage_points:\n  - {id: oslo, country: NO, network: 1:30, name: yes, consent: {by: on, on: 2026-11-22}}\n"
    point = load(written(tmp_path, text), {}).vantage_points[0]
    assert (point.country, point.network, point.name) == ("NO", "1:30", "yes")
    assert point.consent is not None
    assert (point.consent.by, point.consent.on) == ("on", date(2026, 11, 22))


def test_durations_are_read_with_their_units(tmp_path: Path) -> None:
    defaults = load(
        written(tmp_path, "defaults: {every: 1d, jitter: 6h, timeout: 30s, total_timeout: 10m}"), {}
    ).defaults
    assert (defaults.every, defaults.jitter) == (timedelta(days=1), timedelta(hours=6))
    assert (defaults.timeout, defaults.total_timeout) == (timedelta(seconds=30), timedelta(minutes=10))


def test_a_bare_url_is_a_target_with_a_readable_id(tmp_path: Path) -> None:
    text = (
        "targets:\n  - https://www.amnesty.org/\n  - http://bücher.example:8080/a/b\n  - 'https://[2606:4700::1111]/'\n"
    )
    ids = [target.id for target in load(written(tmp_path, text), {}).targets]
    assert ids == ["amnesty-org", "xn-bcher-kva-example-8080-a-b", "2606-4700-1111"]


def test_variables_are_filled_in_after_parsing_so_that_they_cannot_add_keys(tmp_path: Path) -> None:
    text = "controls:\n  - {id: '${ID:-abroad}', url: 'https://${HOST}:${PORT:-443}/$${x}'}\n"
    control = load(written(tmp_path, text), {"HOST": "c.example", "PORT": ""}).controls[0]
    assert (control.id, control.url) == ("abroad", "https://c.example:443/${x}")


def test_a_variable_can_hold_a_number_or_a_truth_value(tmp_path: Path) -> None:
    text = "vantage_points:\n  - {id: v, asn: '${ASN}', enabled: '${ON:-false}'}\n"
    point = load(written(tmp_path, text), {"ASN": "4837"}).vantage_points[0]
    assert (point.asn, point.enabled) == (4837, False)


def test_a_variable_with_yaml_in_it_stays_one_value(tmp_path: Path) -> None:
    text = "vantage_points:\n  - {id: v, name: '${NAME}'}\n"
    point = load(written(tmp_path, text), {"NAME": "a\nenabled: false, x: ["}).vantage_points[0]
    assert (point.name, point.enabled) == ("a\nenabled: false, x: [", True)


def test_anchors_live_under_x_keys_and_merge_into_maps(tmp_path: Path) -> None:
    text = (
        "x-news: &news {category: NEWS, every: 1d}\nx-tag: &tag {tags: [a]}\n"
        "targets:\n  - {<<: [*news, *tag], id: a, url: 'https://a.example/', every: 6h}\n"
    )
    target = load(written(tmp_path, text), {}).targets[0]
    assert (target.category, target.tags, target.every) == ("NEWS", ("a",), timedelta(hours=6))


def test_a_problem_inside_an_anchor_is_shown_where_it_stands(tmp_path: Path) -> None:
    text = "x-a: &a\n  categry: NEWS\ntargets:\n  - {<<: *a, id: a, url: 'https://a.example/'}\n"
    assert ":2:3: targets[0].categry: unknown key; did you mean category?" in refused(tmp_path, text)


def test_x_keys_are_ignored_only_at_the_top(tmp_path: Path) -> None:
    assert "x-y: unknown key" in refused(tmp_path, "defaults: {x-y: 1}\n")


def test_a_password_comes_from_its_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("p@ss/word\n")
    text = "vantage_points:\n  - {id: v, via: 'socks5://me@127.0.0.1:1080', password_file: secret}\n"
    point = load(written(tmp_path, text), {}).vantage_points[0]
    assert point.via == "socks5://me:p%40ss%2Fword@127.0.0.1:1080"
    assert point.shown_via == "socks5://127.0.0.1:1080"


def test_a_bad_via_does_not_show_its_password(tmp_path: Path) -> None:
    assert "hunter2" not in refused(tmp_path, "vantage_points: [{id: v, via: 'socks5://me:hunter2@127.0.0.1'}]\n")


def test_signature_counts_come_from_a_csv_file_and_from_the_hand(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text("date,count\n2008-08-02,20\n2008-08-01,10\n")
    text = (
        "campaigns:\n  - id: c\n    title: T\n    organisation: O\n    petition:\n      url: https://p.example/\n"
        "      state: open\n      signatures: {file: counts.csv, counts: [{on: 2008-08-03, total: 30}]}\n"
    )
    counts = load(written(tmp_path, text), {}).campaigns[0].petition.signatures.counts
    assert [(str(count.on), count.total) for count in counts] == [
        ("2008-08-01", 10),
        ("2008-08-02", 20),
        ("2008-08-03", 30),
    ]


def test_an_inherited_jitter_never_outlasts_the_interval(tmp_path: Path) -> None:
    text = "defaults: {every: 6h, jitter: 20m}\ntargets:\n  - {id: a, url: 'https://a.example/', every: 8m}\n"
    assert load(written(tmp_path, text), {}).targets[0].jitter == timedelta(minutes=2)


def test_short_intervals_are_for_simulations_only(tmp_path: Path) -> None:
    assert load(written(tmp_path, "simulated: true\ndefaults: {every: 1s, jitter: 0s}\n"), {}).simulated
    assert "too short" in refused(tmp_path, "defaults: {every: 1s, jitter: 0s}\n")


def test_a_private_address_is_fine_where_it_is_meant(tmp_path: Path) -> None:
    text = "targets:\n  - {id: a, url: 'http://127.0.0.1:8080/', allow_private: true}\n"
    assert load(written(tmp_path, text), {}).targets[0].allow_private


@pytest.mark.parametrize(
    "via",
    [
        "direct",
        "direct://?source=127.0.0.2&interface=eth0&netns=cn",
        "socks5://127.0.0.1:1080",
        "http://u:p@proxy.example:3128",
        "resolver://192.0.2.1",
        "resolver://[2001:db8::1]:5353",
    ],
)
def test_every_documented_way_out_is_accepted(tmp_path: Path, via: str) -> None:
    text = json.dumps({"vantage_points": [{"id": "v", "via": via}]})
    assert load(written(tmp_path, text), {}).vantage_points[0].via == via


def test_a_configuration_written_as_json_is_read_back_the_same(tmp_path: Path) -> None:
    first = load(Path(__file__).parents[2] / "targets.yaml", {})
    again = load(written(tmp_path, first.model_dump_json()), {})
    assert again == first


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TargetsError, match="wallwatch init"):
        load(tmp_path / "none.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(TargetsError, match="cannot be read"):
        load(tmp_path)


def test_an_endless_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    assert "larger than 4096 KiB" in refused(tmp_path, "#" * (MAX_BYTES + 1))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_ends_soon_whatever_it_is_made_of(tmp_path: Path, opening: str) -> None:
    begun = time.monotonic()
    assert "targets.yaml:1:" in refused(tmp_path, opening * 100_000)
    assert time.monotonic() - begun < 20


def test_hundreds_of_errors_are_reported_in_the_order_of_the_file_and_cut_when_printed(tmp_path: Path) -> None:
    text = "targets:\n" + "".join(f"  - {{id: t{n}, url: 'ftp://t{n}.example/'}}\n" for n in range(300))
    with pytest.raises(TargetsError) as caught:
        load(written(tmp_path, text), {})
    lines = [problem.line for problem in caught.value.problems]
    assert lines == list(range(2, 302))
    assert str(caught.value).endswith("… and 100 more")


def test_a_missing_consent_is_a_warning_and_keeps_the_vantage_point_unused(tmp_path: Path) -> None:
    loaded = read(written(tmp_path, "vantage_points:\n  - id: v\n"), {})
    assert not loaded.configuration.vantage_points[0].usable
    assert any("not used until consent is recorded" in str(warning) for warning in loaded.warnings)
    assert any("no vantage point can be used" in str(warning) for warning in loaded.warnings)


def test_the_defaults_of_an_empty_map_are_a_configuration(tmp_path: Path) -> None:
    assert load(written(tmp_path, "{}"), {}) == Configuration()
