"""Lists as operators bring them: OONI's and Citizen Lab's forms read, bad rows named, hostile files bounded."""

import json
import time

import pytest

from evidence.fingerprint import Kind, Scope, digest_of
from evidence.fingerprint_lists import MOST_ROWS, FingerprintsError, read_list, read_own
from tests.fingerprints.sets import DATA, HEADER, NEEDS_DATA

ROW = "ir_1,nat,other,body,contains,this is the pattern,10,IR,ooni,,a note"
CITIZEN_LAB = {
    "name": "nat_ir", "common_name": "Iran", "pattern": "Location: http://10.10.34.34", "location_found": "header",
    "source": ["https://example.org/paper.pdf"], "exp_url": "", "confidence_no_fp": 10, "scope": "nat",
    "expected_countries": ["IR"], "notes": "",
}  # fmt: skip


def table(*rows: str, header: str = HEADER, end: str = "\n") -> str:
    return end.join([header, *rows]) + end


def test_a_row_of_oonis_table_keeps_all_that_matters() -> None:
    found, report = read_list(
        "list.csv", table('ir_1,nat,,header.Location,prefix,"http://10.10.34.34/,x",7,"IR,IQ",ooni,,')
    )
    (one,) = found
    assert (one.name, one.scope, one.location, one.kind) == ("ir_1", Scope.NAT, "header.location", Kind.PREFIX)
    assert (one.pattern, one.confidence, one.countries) == ("http://10.10.34.34/,x", 7, ("IQ", "IR"))
    assert one.source == "list.csv: ooni"
    assert str(report) == "list.csv: 1 of 1 fingerprints used, 0 refused"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_list_is_the_same_with_a_byte_order_mark_and_with_any_line_ends(end: str, mark: str) -> None:
    assert read_list("a.csv", mark + table(ROW, end=end))[0] == read_list("a.csv", table(ROW))[0]


def test_columns_may_stand_in_any_order_and_others_beside_them() -> None:
    header = "extra,pattern,name,scope,location_found,pattern_type,confidence_no_fp"
    (one,), _ = read_list("a.csv", table("x,the pattern,n,isp,body,full,9", header=header))
    assert (one.pattern, one.kind, one.countries) == ("the pattern", Kind.FULL, ())


def test_citizen_labs_json_is_read_with_its_header_lines_and_lists() -> None:
    (one,), report = read_list("http.json", json.dumps([CITIZEN_LAB]))
    assert (one.location, one.kind, one.countries) == ("header", Kind.CONTAINS, ("IR",))
    assert one.source == "http.json: https://example.org/paper.pdf" and report.used == 1


def test_citizen_labs_dns_json_names_answers() -> None:
    row = {
        "name": "dns_br_allzero",
        "response": "D0::0011",
        "scope": "br",
        "confidence_no_fp": 10,
        "expected_countries": [],
    }
    (one,), _ = read_list("dns.json", json.dumps([row]))
    assert (one.location, one.kind, one.pattern, one.scope) == ("dns", Kind.FULL, "d0::11", Scope.BR)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (ROW.replace("nat", "world"), "scope 'world'; expected one of nat, isp"),
        (ROW.replace("body", "footer"), "location_found 'footer'; expected body, text, header"),
        (ROW.replace("contains", "fuzzy"), "pattern_type 'fuzzy'; expected one of full, prefix, contains, regexp"),
        (ROW.replace(",10,", ",11,"), "confidence_no_fp '11'; expected 0 to 10"),
        (ROW.replace(",10,", ",high,"), "confidence_no_fp 'high'; expected 0 to 10"),
        (ROW.replace(",10,", ",,"), "confidence_no_fp ''; expected 0 to 10"),
        (ROW.replace(",IR,", ",Iran,"), "expected_countries has 'IRAN'"),
        (ROW.replace("ir_1", " "), "the name is empty"),
        (ROW.replace("this is the pattern", "   "), "the pattern is empty"),
        (ROW.replace("this is the pattern", "x" * 2001), "the pattern is longer than 2000 characters"),
        (ROW + ",one more", "12 cells, expected 11 as in the first row"),
        ("only,three,cells", "3 cells, expected 11"),
        (ROW.replace("contains", "regexp").replace("this is the pattern", "(abcd+"), "no regular expression of RE2: missing )"),
        (ROW.replace("contains", "regexp").replace("this is the pattern", "(?=abcd)"), "no regular expression of RE2"),
        (ROW.replace("contains", "regexp").replace("this is the pattern", "(abcd)*"), "matches an empty page"),
        (ROW.replace("contains", "regexp").replace("this is the pattern", "((abcd{9}){999}){999}"), "no regular expression of RE2"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_understood_is_refused_with_its_line_and_the_rest_is_used(row: str, why: str) -> None:
    found, report = read_list("list.csv", table(ROW, row, ROW.replace("ir_1", "ir_3")))
    assert [one.name for one in found] == ["ir_1", "ir_3"]
    ((line, said),) = report.refused
    assert line == 3 and why in said
    assert report.complaints()[0].startswith("list.csv:3: ")


@pytest.mark.parametrize(
    "pattern", ["\ufffd.*\ufffd", "redirect", "Coming soon", "<meta name=.*twitter:card", "a-b", "/?="]
)
def test_a_pattern_that_matches_ordinary_pages_is_left_out_and_said_to_be(pattern: str) -> None:
    found, report = read_list("list.csv", table(f"fp_1,fp,,body,contains,{pattern},5,,cp,,"))
    assert found == [] and report.refused == []
    assert report.left_out.total() == 1 and "left out: the pattern" in str(report)


def test_a_line_break_within_a_cell_does_not_shift_the_lines_that_are_named() -> None:
    first = ROW.replace("a note", '"a note\nof two lines"')
    _, report = read_list("list.csv", table(first, ROW.replace("nat", "world")))
    assert [line for line, _ in report.refused] == [4]


def test_a_cell_larger_than_the_csv_reader_takes_costs_its_row_alone() -> None:
    found, report = read_list("list.csv", table(ROW.replace("a note", "x" * 200_000), ROW))
    assert len(found) == 1 and report.rows == 2
    assert report.refused[0][0] == 2 and "not CSV" in report.refused[0][1]


def test_a_null_byte_costs_at_most_its_row() -> None:
    found, report = read_list("list.csv", table(ROW.replace("a note", "\x00"), ROW.replace("ir_1", "ir_2")))
    assert "ir_2" in {one.name for one in found} and report.rows == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "lacks the columns"),
        ("url,category_code\nhttp://example.org/,NEWS\n", "lacks the columns `name` and `pattern`"),
        ('{"name": "x"}', "expected a list of objects"),
        ('[{"name": ', "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        (table(*[ROW] * (MOST_ROWS + 1)), f"more than {MOST_ROWS} rows"),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(text: str, why: str) -> None:
    with pytest.raises(FingerprintsError, match=why):
        read_list("list.csv", text)


def test_hostile_json_rows_are_refused_one_by_one() -> None:
    rows = [
        1,
        None,
        [],
        {"name": 5, "pattern": "some text"},
        CITIZEN_LAB | {"pattern": ["x"]},
        CITIZEN_LAB | {"expected_countries": {"a": 1}},
        CITIZEN_LAB,
    ]
    found, report = read_list("http.json", json.dumps(rows))
    assert len(found) == 1 and [place for place, _ in report.refused] == [1, 2, 3, 4, 5, 6]


def test_the_digest_of_a_set_is_that_of_its_rows_in_any_order_and_any_number_of_times() -> None:
    found, _ = read_list("a.csv", table(ROW, ROW.replace("ir_1", "ir_2")))
    assert digest_of(found) == digest_of(found[::-1]) == digest_of([*found, found[0]])
    assert digest_of(found) != digest_of(found[:1]) != digest_of([])


def test_a_row_given_twice_is_counted_and_kept_once() -> None:
    found, report = read_list("a.csv", table(ROW, ROW))
    assert len(found) == 1 and report.duplicates == 1 and "1 of them twice" in str(report)


def test_our_own_list_is_whole_and_each_row_has_its_source() -> None:
    own = read_own()
    assert len(own) >= 80 and len({one.name for one in own}) == len(own)
    assert all(one.source.startswith("own list: ") and len(one.source) > 20 for one in own)


@pytest.mark.parametrize("name", [pytest.param(name, marks=NEEDS_DATA) for name in ("http", "dns")])
def test_oonis_published_lists_are_read_whole_and_fast(name: str) -> None:
    text = (DATA / "fingerprints" / f"fingerprints_{name}.csv").read_text(encoding="utf-8")
    before = time.process_time()
    found, report = read_list(f"{name}.csv", text)
    assert time.process_time() - before < 2
    assert report.refused == [] and len(found) == report.used - report.duplicates
    assert (report.rows, report.left_out.total()) == {"http": (1729, 4), "dns": (226, 0)}[name]
