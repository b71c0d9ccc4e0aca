"""Sets of fingerprints for the tests: of rows made here, and of operators' lists where the data folder is present."""

from functools import lru_cache
from pathlib import Path

import pytest

from evidence.fingerprint import Fingerprint, Kind, Scope
from evidence.fingerprint_lists import read_list, read_own
from evidence.fingerprint_match import FingerprintSet
from models.observations import HttpFetch
from tests.judge.records import http

DATA = Path(__file__).parents[3] / "shared" / "data"
NEEDS_DATA = [
    pytest.mark.data,
    pytest.mark.skipif(
        not (DATA / "fingerprints").is_dir(), reason="needs ../shared/data: OONI's lists, Citizen Lab's pages"
    ),
]
HEADER = "name,scope,other_names,location_found,pattern_type,pattern,confidence_no_fp,expected_countries,source,exp_url,notes"


def fingerprint(pattern: str, **parts: object) -> Fingerprint:
    given = {"name": "one", "scope": Scope.NAT, "location": "body", "kind": Kind.CONTAINS, "confidence": 10}
    return Fingerprint(**(given | {"countries": ("IR",), "source": "test"} | parts | {"pattern": pattern}))  # type: ignore[arg-type]


def fetch(*headers: tuple[str, str], location: str | None = None, status: int = 200) -> HttpFetch:
    return http(None, url="http://www.amnesty.example/", headers=headers, location=location, status=status)


@lru_cache(maxsize=1)
def operators() -> FingerprintSet:
    """OONI's lists as they were published, beside our own."""
    rows = read_own()
    for name in ("fingerprints_http.csv", "fingerprints_dns.csv"):
        rows += read_list(name, (DATA / "fingerprints" / name).read_text(encoding="utf-8"))[0]
    return FingerprintSet(rows)


@lru_cache(maxsize=1)
def our_own() -> FingerprintSet:
    return FingerprintSet(read_own())
