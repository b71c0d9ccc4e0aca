"""Reading series files, and refusing what is not one."""

from datetime import UTC, datetime

import pytest

from evidence.series_file import SeriesError, read_series
from models.episode import Look
from models.words import Mechanism, Outcome

HEADER = "target,vantage,started_at,outcome,mechanism\n"


@pytest.fixture
def write(tmp_path):
    def to(content: str | bytes):
        path = tmp_path / "series.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to


def test_rows_become_looks_by_target_and_vantage_point(write):
    path = write(
        HEADER
        + "a,here,2025-01-26T00:00:00Z,ok,\na,here,2025-01-27T00:00:00+00:00,anomaly,sni_reset\nb,here,2025-01-26T00:00Z,down,\n"
    )
    assert read_series(path) == {
        ("a", "here"): [
            Look(datetime(2025, 1, 26, tzinfo=UTC), Outcome.OK),
            Look(datetime(2025, 1, 27, tzinfo=UTC), Outcome.ANOMALY, Mechanism.SNI_RESET),
        ],
        ("b", "here"): [Look(datetime(2025, 1, 26, tzinfo=UTC), Outcome.DOWN)],
    }


def test_columns_may_stand_in_any_order_and_the_mechanism_may_be_left_out(write):
    path = write("outcome,started_at,vantage,target\nok,2025-01-26T00:00:00.5Z,here,a\n")
    assert read_series(path) == {("a", "here"): [Look(datetime(2025, 1, 26, 0, 0, 0, 500_000, tzinfo=UTC), Outcome.OK)]}


def test_a_byte_order_mark_and_windows_line_ends_are_read_over(write):
    assert read_series(
        write(b"\xef\xbb\xbf" + HEADER.replace("\n", "\r\n").encode() + b"a,b,2025-01-26T00:00:00Z,ok,\r\n\r\n")
    )


def test_a_header_alone_is_an_empty_series(write):
    assert read_series(write(HEADER)) == {}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("a,b,2025-01-26,ok,", "started_at is '2025-01-26', expected ISO 8601 in UTC"),
        ("a,b,2025-01-26T00:00:00,ok,", "expected ISO 8601 in UTC"),
        ("a,b,2025-01-26T00:00:00+08:00,ok,", "expected ISO 8601 in UTC"),
        ("a,b,2025-02-30T00:00:00Z,ok,", "expected ISO 8601 in UTC"),
        ("a,b,٢٠٢٥-01-26T00:00:00Z,ok,", "expected ISO 8601 in UTC"),
        ("a,b,0001-01-01T00:00:00Z,blocked,", "outcome is 'blocked', expected one of ok, anomaly, confirmed"),
        ("a,b,2025-01-26T00:00:00Z,OK,", "outcome is 'OK', expected one of"),
        ("a,b,2025-01-26T00:00:00Z,anomaly,rst", "mechanism is 'rst', expected one of dns_nxdomain"),
        (",b,2025-01-26T00:00:00Z,ok,", "target is '', expected a printable name"),
        ("a,\x1b[31m,2025-01-26T00:00:00Z,ok,", "vantage is '\\x1b[31m', expected a printable name"),
        ("a,b,2025-01-26T00:00:00Z,ok", "4 fields, expected 5: target,vantage"),
        ("a,b,2025-01-26T00:00:00Z,ok,,", "6 fields, expected 5"),
        ('a,"b,2025-01-26T00:00:00Z,ok,', "is not CSV"),
        ("a" * 200_000 + ",b,2025-01-26T00:00:00Z,ok,", "is not CSV: field larger than field limit"),
        ("a" * 5000 + ",b,2025-01-26T00:00:00Z,ok,", "expected a printable name of 1 to 4096"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_what_was_expected(write, row, expected):
    path = write(HEADER + "a,b,2025-01-25T00:00:00Z,ok,\n" + row + "\n")
    with pytest.raises(SeriesError) as refused:
        read_series(path)
    assert str(refused.value).startswith(f"{path}:3: ")
    assert expected in str(refused.value)
    assert len(str(refused.value)) < 900


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ":1: the file is empty, expected a header row: target,vantage,started_at,outcome"),
        ("target,vantage,started_at\n", ":1: no column 'outcome' in the header row"),
        (HEADER.replace("mechanism", "mechansim"), ":1: column 'mechansim' is unknown"),
        (HEADER.replace("mechanism", "target"), ":1: column 'target' is unknown or there twice"),
        (b"\xff\xfe", ": is not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_series_is_refused(write, content, expected):
    path = write(content)
    with pytest.raises(SeriesError) as refused:
        read_series(path)
    assert expected in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SeriesError, match=r"cannot be read: No such file"):
        read_series(tmp_path / "none.csv")
    with pytest.raises(SeriesError, match=r"cannot be read"):
        read_series(tmp_path)
