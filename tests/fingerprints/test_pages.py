"""Known block pages are known, and nothing else is: 78 that were published, and as many of other kinds made here."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.fingerprint_match import FingerprintSet
from evidence.fingerprint_seam import Weight
from evidence.judge import Judge
from models.measurement import VantageFacts, digest
from models.observations import ControlReport
from models.page_text import decode, title
from models.sketch import sketch
from models.verdict import Verdict
from models.words import BLOCKED, Mechanism, Outcome
from tests.fingerprints.pages import ALL, CHALLENGES, ERRORS, ORDINARY, PARKED, Page
from tests.fingerprints.sets import DATA, NEEDS_DATA, operators, our_own
from tests.judge.records import NAME, http, lab_roots, plain, uncontrolled

BLOCK_PAGES = sorted((DATA / "blockpages").glob("*.html"))
KNOWN = {
    "dns_isp_id_sehat_telkom_bltsel": "an advertisement's frame, known by its DNS answer alone",
    "isp_ru_kaspnet_block": "an empty file",
    "nat_th_ictprohibit_block": "its one pattern stands in base64, and spells a word processor's header",
}
"""Published block pages that no body can tell, and why."""
SETS = [pytest.param(our_own, id="our own"), pytest.param(operators, id="operators'", marks=NEEDS_DATA)]


def country_of(path: Path) -> str | None:
    """Citizen Lab's labels: dns_isp_id_…, nat_ir, prod_olfeo."""
    scope, country, *_ = [*path.stem.removeprefix("dns_").split("_"), "", ""]
    return country.upper() if scope in ("nat", "isp", "inst") and len(country) == 2 else None


def verdict(page: Page, known: FingerprintSet, *, country: str | None, control: bool) -> Verdict:
    """Returns what is said of a page over http, beside a control that gets the site's own."""
    answer = http(
        page.body, url=f"http://{NAME}/", status=page.status, headers=page.headers, port=80,
        location=next((value for name, value in page.headers if name == "Location"), None),
    )  # fmt: skip
    vantage = VantageFacts(id="there", via="direct", country=country, consent="operator, 2026-11-22")
    look = plain(http=answer, vantage=vantage)
    look = look if control else uncontrolled(look)
    return Judge(lab_roots(), known).verdict(look.measurement, {**look.blobs, digest(page.body): page.body})


def test_made_pages_are_more_than_forty_of_each_kind_some() -> None:
    assert len(ALL) >= 60 and min(map(len, (ORDINARY, ERRORS, CHALLENGES, PARKED))) >= 9
    assert len({page.id for page in ALL}) == len({page.body for page in ALL}) == len(ALL)


@pytest.mark.parametrize("known", SETS)
@pytest.mark.parametrize("page", ALL, ids=lambda page: page.id)
def test_a_page_that_is_no_block_page_bears_no_mark_that_could_settle_anything(page: Page, known: object) -> None:
    found: FingerprintSet = known()  # type: ignore[operator]
    answer = http(None, url=f"http://{NAME}/", status=page.status, headers=page.headers)
    marks = found.page_marks(answer, page.body, None)
    countries = {
        None,
        page.country,
        *(country for mark in marks for country in re.findall(r"\b[A-Z]{2}\b", mark.whose)),
    }
    for country in countries:
        marks = [mark for mark in found.page_marks(answer, page.body, country) if mark.kind != "exculpatory"]
        assert [mark for mark in marks if mark.weight in (Weight.SETTLES, Weight.WITH_CONTROL)] == []


@pytest.mark.parametrize("control", [True, False], ids=["control", "no control"])
@pytest.mark.parametrize("known", SETS)
@pytest.mark.parametrize("page", ALL, ids=lambda page: page.id)
def test_a_page_that_is_no_block_page_is_never_taken_for_one(page: Page, known: object, control: bool) -> None:
    for country in (page.country, "IR"):
        said = verdict(page, known(), country=country, control=control)  # type: ignore[operator]
        assert said.outcome is not Outcome.CONFIRMED, said.reasons
        assert said.mechanism not in (Mechanism.BLOCKPAGE, Mechanism.BLOCKPAGE_REDIRECT), said.reasons
        assert control or said.outcome not in BLOCKED, said.reasons


@pytest.mark.data
@pytest.mark.skipif(not BLOCK_PAGES, reason="needs ../shared/data/blockpages")
def test_published_block_pages_are_recognised_with_operators_lists(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes: Counter[str] = Counter()
    missed = []
    for path in BLOCK_PAGES:
        said = verdict(Page(path.stem, path.read_bytes()), operators(), country=country_of(path), control=True)
        recognised = said.outcome in BLOCKED and said.mechanism is Mechanism.BLOCKPAGE
        outcomes[f"{said.outcome} {said.mechanism}" if recognised else "missed"] += 1
        missed += [] if recognised else [path.stem]
    with capsys.disabled():
        print(f"\n{len(BLOCK_PAGES)} published block pages: {dict(outcomes)}; missed: {', '.join(missed)}")
    assert len(BLOCK_PAGES) == 78
    assert set(missed) <= set(KNOWN)
    assert outcomes["confirmed blockpage"] >= 69


@pytest.mark.data
@pytest.mark.skipif(not BLOCK_PAGES, reason="needs ../shared/data/blockpages")
def test_published_block_pages_are_no_block_where_the_control_gets_them_too() -> None:
    for path in BLOCK_PAGES:
        body = path.read_bytes()
        if not body:
            continue
        look = plain(
            http=http(body, url=f"http://{NAME}/", port=80),
            vantage=VantageFacts(id="there", via="direct", country=country_of(path), consent="operator, 2026-11-22"),
        )
        same = replace(look.measurement.controls[0], title=None, body_length=len(body), body_sketch=None)
        measurement = replace(look.measurement, controls=(_as_got(same, body),))
        said = Judge(lab_roots(), operators()).verdict(measurement, {digest(body): body})
        assert said.outcome not in BLOCKED, (path.stem, said.reasons)


def _as_got(report: ControlReport, body: bytes) -> ControlReport:
    told = "text/html; charset=utf-8"
    return replace(report, title=title(decode(body, told)), body_sketch=sketch(body, told))
