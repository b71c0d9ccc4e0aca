"""Page texts and their sketches."""

import random
import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.page_text import decode, title, visible
from models.sketch import similarity, sketch

_WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("a", "ei", "ou") for c in ("rk", "lt", "n", "sh", "m")]


def page(words: list[str]) -> bytes:
    return ("<html><body><p>" + " ".join(words) + "</p></body></html>").encode()


def jaccard(one: list[str], other: list[str]) -> float:
    a, b = ({tuple(words[at : at + 3]) for at in range(len(words) - 2)} for words in (one, other))
    return len(a & b) / len(a | b)


@pytest.mark.parametrize("length", [12, 100, 2000])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9])
def test_similarity_estimates_the_share_of_common_shingles(length: int, kept: float) -> None:
    rng = random.Random(f"{length} {kept}")
    errors = []
    for _ in range(30):
        one = rng.choices(_WORDS, k=length)
        other = one[: int(kept * length)] + rng.choices(_WORDS, k=length - int(kept * length))
        found = similarity(sketch(page(one)), sketch(page(other)))
        assert found is not None
        errors.append(found - jaccard(one, other))
    assert abs(statistics.mean(errors)) < 0.04
    assert statistics.pstdev(errors) < 0.08


def test_sketch_stays_the_same_when_clocks_scripts_and_styles_change() -> None:
    one = b"<p>It is 12:04:55, and 1204 people have signed</p><script>var t=1</script><style>a{}</style><!-- 1 -->"
    other = b"<p class=x>It is 09:15:01, and 998 people have signed</p><script>let q='<p>no</p>'</script>"
    assert similarity(sketch(one), sketch(other)) == 1


def test_sketch_compares_pages_in_scripts_without_spaces() -> None:
    text = "人人有权享有主张和发表意见的自由此项权利包括持有主张而不受干涉的自由"
    one, other = sketch(text.encode()), sketch((text[:24] + "和通过任何媒介").encode())
    found = similarity(one, other)
    assert found is not None
    assert 0.4 < found < 0.9
    assert similarity(one, sketch(text.encode("gb18030"), "text/html; charset=gb2312")) == 1


def test_sketch_is_null_when_there_are_no_words() -> None:
    assert sketch(b"") is None
    assert sketch(b"<img src=a.png>") is None
    assert sketch(b"\x89PNG some words", "image/png") is None


@pytest.mark.parametrize("other", [None, "", "mh1:zz", "mh2:" + "0" * 128, "mh1:" + "0" * 126])
def test_similarity_is_null_when_a_sketch_is_missing_or_foreign(other: str | None) -> None:
    assert similarity(sketch(b"some words here"), other) is None


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("é".encode(), None, "é"),
        ("é".encode("latin-1"), None, "é"),
        ("“é”".encode("cp1252"), "text/html; charset=ISO-8859-1", "“é”"),
        ("запрет".encode("cp1251"), 'text/html; charset="windows-1251"', "запрет"),
        (b'<meta charset="koi8-r">' + "запрет".encode("koi8-r"), None, '<meta charset="koi8-r">запрет'),
        (b"\xff\xfe" + "é".encode("utf-16-le"), "text/html; charset=latin-1", "é"),
        ("é".encode()[:1], None, "Ã"),
        (b"plain +AGE-", "text/html; charset=utf-7", "plain +AGE-"),
        (b"plain", "text/html; charset=zlib", "plain"),
        (b"plain", "text/html; charset=no-such", "plain"),
    ],
)
def test_decode_reads_a_page_as_a_browser_would(body: bytes, content_type: str | None, text: str) -> None:
    assert decode(body, content_type) == text


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<title>Amnesty &amp;\n International</title>", "Amnesty & International"),
        ("<TITLE lang=en>Big</TITLE><title>second</title>", "Big"),
        ("<title>never ends", None),
        ("<title", None),
        ("<title></title>", None),
        ("no markup", None),
    ],
)
def test_title_is_the_first_titles_text(markup: str, found: str | None) -> None:
    assert title(markup) == found


def test_visible_leaves_out_what_nobody_sees() -> None:
    markup = "<p>a < b &lt; c<!-- no <p>no --></p><script>no</script ><svg><text>no</text></svg>d<style>no"
    assert visible(markup).split() == ["a", "b", "<", "c", "d"]


@given(st.text(alphabet="<>/!-sctyle pİ&;#1", max_size=300))
def test_nothing_in_a_page_raises(markup: str) -> None:
    title(markup)
    visible(markup)
    sketch(markup.encode())


@pytest.mark.parametrize("hostile", [b"<script", b"<", b"<a>", b"<script></scrip", b"<!--", b"&amp", b"<title"])
def test_sketch_takes_a_hostile_page_in_its_stride(hostile: bytes) -> None:
    body = hostile * (1_000_000 // len(hostile))
    started = time.process_time()
    sketch(body)
    title(decode(body))
    assert time.process_time() - started < 3
