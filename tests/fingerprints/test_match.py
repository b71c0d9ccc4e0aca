"""What matches where: each kind of pattern at each location, charsets, countries, scopes, and what was matched."""

import time

import pytest

from evidence.fingerprint import Kind, Scope
from evidence.fingerprint_match import MOST_TEXT, FingerprintSet
from evidence.fingerprint_page import BRIEF, Page
from evidence.fingerprint_seam import Mark, Weight
from models.observations import DnsRecord
from tests.fingerprints.sets import fetch, fingerprint
from tests.judge.records import dns, reply

TEXT = "Access to this site is denied by order 17"
PATTERNS = [
    (Kind.FULL, TEXT, "order 17"),
    (Kind.PREFIX, "Access to", "to this"),
    (Kind.CONTAINS, "denied by", "denied for"),
    (Kind.REGEXP, r"order \d+$", r"^order"),
]
EACH_PATTERN = pytest.mark.parametrize(("kind", "pattern", "other"), PATTERNS)


def marks_of_page(
    each: object, body: bytes = b"", *headers: tuple[str, str], country: str | None = "IR"
) -> tuple[Mark, ...]:
    return FingerprintSet([each]).page_marks(fetch(*headers), body, country)  # type: ignore[list-item]


@EACH_PATTERN
def test_a_pattern_is_found_in_the_body_or_not(kind: Kind, pattern: str, other: str) -> None:
    (mark,) = marks_of_page(fingerprint(pattern, kind=kind), TEXT.encode())
    assert (mark.kind, mark.location, mark.weight) == ("page", "body", Weight.SETTLES)
    assert mark.offset is not None and TEXT[mark.offset :].startswith(mark.excerpt) and mark.excerpt
    assert marks_of_page(fingerprint(other, kind=kind), TEXT.encode()) == ()


@EACH_PATTERN
def test_a_pattern_is_found_in_a_named_header_of_any_spelling_or_not(kind: Kind, pattern: str, other: str) -> None:
    (mark,) = marks_of_page(fingerprint(pattern, kind=kind, location="header.x-notice"), b"", ("X-NOTICE", TEXT))
    assert (mark.kind, mark.location) == ("page", "header.x-notice")
    assert marks_of_page(fingerprint(other, kind=kind, location="header.x-notice"), b"", ("X-Notice", TEXT)) == ()
    assert marks_of_page(fingerprint(pattern, kind=kind, location="header.server"), b"", ("X-Notice", TEXT)) == ()


@EACH_PATTERN
def test_a_pattern_is_found_in_the_location_of_a_redirect(kind: Kind, pattern: str, other: str) -> None:
    (mark,) = marks_of_page(fingerprint(pattern, kind=kind, location="header.location"), b"", ("location", TEXT))
    assert (mark.kind, mark.location) == ("redirect", "header.location")
    assert marks_of_page(fingerprint(other, kind=kind, location="header.location"), b"", ("location", TEXT)) == ()


@EACH_PATTERN
def test_a_pattern_is_found_among_the_words_of_a_brief_page(kind: Kind, pattern: str, other: str) -> None:
    body = TEXT.replace(" ", "&nbsp;\n<b></b>").encode()
    (mark,) = marks_of_page(fingerprint(pattern, kind=kind, location="text"), body)
    assert (mark.location, mark.weight) == ("text", Weight.WITH_CONTROL)
    assert marks_of_page(fingerprint(other, kind=kind, location="text"), body) == ()
    assert marks_of_page(fingerprint(pattern, kind=kind, location="text"), body + b" and so on" * BRIEF) == ()


def test_a_location_made_absolute_is_looked_at_too() -> None:
    found = FingerprintSet([fingerprint("http://block.example/", kind=Kind.PREFIX, location="header.location")])
    (mark,) = found.page_marks(fetch(location="http://block.example/x", status=302), None, "IR")
    assert mark.kind == "redirect"


def test_citizen_labs_header_is_any_whole_line() -> None:
    one = fingerprint("Location: http://10.10.34.34", location="header")
    (mark,) = marks_of_page(one, b"", ("location", "http://10.10.34.34/page"))
    assert (mark.kind, mark.location) == ("redirect", "header.location")
    (other,) = marks_of_page(fingerprint("Protected by", location="header"), b"", ("Server", "Protected by WireFilter"))
    assert (other.kind, other.location) == ("page", "header.server")


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        (Kind.FULL, "10.10.34.35"),
        (Kind.PREFIX, "10.10.34."),
        (Kind.CONTAINS, "10.34"),
        (Kind.REGEXP, r"^10\.10\.34\.3[4-6]$"),
    ],
)
def test_a_pattern_is_found_in_an_answers_addresses(kind: Kind, pattern: str) -> None:
    found = FingerprintSet([fingerprint(pattern, kind=kind, location="dns")])
    (mark,) = found.address_marks(dns("10.10.34.35", replies=[reply("10.10.34.35")]), "IR")
    assert (mark.kind, mark.weight, mark.location) == ("address", Weight.SETTLES, "dns")
    assert found.address_marks(dns("93.184.216.34"), "IR") == ()


def test_ipv6_answers_are_one_in_any_spelling() -> None:
    found = FingerprintSet([fingerprint("d0::11", kind=Kind.FULL, location="dns")])
    assert len(found.address_marks(dns("00D0:0:0::0011", type="AAAA"), "IR")) == 1


def test_an_alias_is_an_answer_too_and_so_is_a_second_reply() -> None:
    found = FingerprintSet([fingerprint("block.isp.example", kind=Kind.FULL, location="dns", name="alias")])
    alias = DnsRecord(name="www.amnesty.example", type="CNAME", value="Block.ISP.example.")
    late = reply("192.0.2.1", at_us=9_000)
    changed = type(late)(**{name: getattr(late, name) for name in late.__slots__} | {"records": (alias,)})
    (mark,) = found.address_marks(dns("93.184.216.34", replies=[reply("93.184.216.34"), changed]), "IR")
    assert mark.excerpt == "block.isp.example"


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("windows-1251", "cp1251", "Доступ к ресурсу ограничен"),
        ("gb2312", "gb2312", "您访问的网页已被阻断"),
        ("windows-1256", "cp1256", "هذا الموقع محجوب"),
        ("windows-874", "cp874", "ถูกปิดกั้น"),
        ("koi8-r", "koi8-r", "Доступ закрыт"),
        ("utf-8", "utf-8", "Erişim engellendi"),
    ],
)
def test_a_page_is_read_by_its_own_charset(charset: str, codec: str, text: str) -> None:
    (mark,) = marks_of_page(
        fingerprint(text), f"<p>{text}</p>".encode(codec), ("Content-Type", f"text/html; charset={charset}")
    )
    assert (mark.excerpt, mark.offset) == (text, 3)
    body = f"<meta charset={charset}><p>{text}</p>".encode(codec)
    assert [mark.excerpt for mark in marks_of_page(fingerprint(text), body)] == [text]


@pytest.mark.parametrize(
    "body",
    [
        "<meta http-equiv='refresh' content=\"0;url='http://block.example/notice?x=1'\">",
        '<script>window.location.replace("http://block.example/notice")</script>',
        "<script>location.href = 'http://block.example/notice'</script>",
        "<iframe width=100% src=http://block.example/notice></iframe>",
    ],
)
def test_a_page_that_only_leads_on_is_held_against_known_redirects(body: str) -> None:
    one = fingerprint("http://block.example/notice", kind=Kind.PREFIX, location="header.location")
    (mark,) = marks_of_page(one, body.encode())
    assert mark.location == "body" and mark.offset is not None and body[mark.offset :].startswith(mark.excerpt)


def test_a_page_that_leads_to_its_own_site_leads_nowhere() -> None:
    one = fingerprint("/notice", location="header.location")
    assert marks_of_page(one, b"<meta http-equiv=refresh content='0;url=http://m.amnesty.example/notice'>") == ()


def test_a_frame_within_a_page_full_of_words_is_not_where_the_page_leads() -> None:
    text = "<iframe src='http://ads.example/notice'></iframe>" + "many words " * 100
    assert list(Page(text).redirects()) == []


WEIGHTS = [
    (Scope.NAT, ("IR",), 10, "IR", Weight.SETTLES),
    (Scope.ISP, ("IR", "IQ"), 5, "IQ", Weight.SETTLES),
    (Scope.PROV, ("RU",), 5, "RU", Weight.SETTLES),
    (Scope.NAT, ("IR",), 4, "IR", Weight.POINTS),
    (Scope.NAT, ("IR",), 10, "DE", Weight.POINTS),
    (Scope.NAT, ("IR",), 9, None, Weight.SETTLES),
    (Scope.NAT, ("IR",), 8, None, Weight.WITH_CONTROL),
    (Scope.NAT, (), 9, "IR", Weight.WITH_CONTROL),
    (Scope.NAT, (), 8, "IR", Weight.POINTS),
    (Scope.PROD, (), 9, "IR", Weight.WITH_CONTROL),
    (Scope.PROD, ("IR",), 10, "IR", Weight.WITH_CONTROL),
    (Scope.PROD, (), 5, "IR", Weight.POINTS),
    (Scope.INST, ("IR",), 10, "IR", Weight.POINTS),
    (Scope.VBW, ("IR",), 10, "IR", Weight.VAGUE),
    (Scope.INJB, (), 10, None, Weight.VAGUE),
]


@pytest.mark.parametrize(("scope", "countries", "confidence", "country", "weight"), WEIGHTS)
def test_a_mark_weighs_what_its_scope_country_and_confidence_allow(
    scope: Scope, countries: tuple[str, ...], confidence: int, country: str | None, weight: Weight
) -> None:
    one = fingerprint("denied by", scope=scope, countries=countries, confidence=confidence)
    (mark,) = marks_of_page(one, TEXT.encode(), country=country)
    assert (mark.weight, mark.scoped) == (weight, bool(countries))
    assert all(code in mark.whose for code in countries)


def test_a_products_address_settles_nothing_for_a_household_may_have_chosen_it() -> None:
    found = FingerprintSet(
        [fingerprint("146.112.61.106", scope=Scope.PROD, kind=Kind.FULL, location="dns", countries=())]
    )
    assert [mark.weight for mark in found.address_marks(dns("146.112.61.106"), "US")] == [Weight.POINTS]


def test_a_look_alike_is_exculpatory() -> None:
    (mark,) = marks_of_page(fingerprint("denied by", scope=Scope.FP, countries=()), TEXT.encode())
    assert mark.kind == "exculpatory"


def test_only_the_beginning_of_a_page_is_searched() -> None:
    assert marks_of_page(fingerprint("denied by"), b"x" * MOST_TEXT + TEXT.encode()) == ()
    assert len(marks_of_page(fingerprint("denied by"), TEXT.encode() + b"x" * (1 << 20))) == 1


def test_a_page_with_every_mark_there_is_yields_few_and_the_weightiest() -> None:
    weak = [fingerprint(f"word{n}", name=f"weak{n}", scope=Scope.INST) for n in range(100)]
    strong = fingerprint("word99", name="strong")
    alike = fingerprint("word98", name="alike", scope=Scope.FP, countries=())
    body = " ".join(f"word{n}" for n in range(100)).encode()
    marks = FingerprintSet([*weak, strong, alike]).page_marks(fetch(), body, "IR")
    assert len(marks) <= 20 and marks[0].name == "strong" and marks[-1].kind == "exculpatory"


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "a*a*a*a*a*a*b", "(.*a){25}b"])
def test_a_pattern_that_runs_for_ever_elsewhere_runs_in_linear_time_here(pattern: str) -> None:
    body = b"a" * MOST_TEXT + b"!"
    before = time.process_time()
    marks_of_page(fingerprint(pattern, kind=Kind.REGEXP), body)
    assert time.process_time() - before < 2


@pytest.mark.parametrize("piece", [b"<meta ", b"<iframe src", b"location=", b"<meta refresh url=", b"<", b"&#"])
def test_a_hostile_page_costs_time_linear_in_what_is_looked_at(piece: bytes) -> None:
    one = fingerprint("http://block.example/", location="header.location")
    before = time.process_time()
    marks_of_page(one, piece * (MOST_TEXT // len(piece)))
    assert time.process_time() - before < 2


def test_an_excerpt_is_short_whatever_matched() -> None:
    (mark,) = marks_of_page(fingerprint("(?s)Access.*", kind=Kind.REGEXP), TEXT.encode() + b"x" * 5000)
    assert len(mark.excerpt) <= 120
