"""A body sketch: 64 octets that tell how much of a page's visible text two looks share, whatever else has changed.

Method: MinHash over three-word shingles (Broder 1997, "On the resemblance and containment of documents"), in one
pass over the text (one permutation hashing: Li, Owen, Zhang 2012; empty bins filled as in Shrivastava 2017, "Optimal
densification"), eight bits kept of each minimum (Li, König 2010, "b-bit minwise hashing"). Two sketches estimate the
Jaccard similarity of the shingle sets with a standard error of at most 0.07. Words with digits count as one and the
same word, because clocks, counters and tokens change with every look.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice

from models.page_text import decode, visible

_BINS = 64
_PREFIX = "mh1:"
_SHAPE = re.compile(r"mh1:[0-9a-f]{128}")
_MOST_WORDS = 20_000
_LONGEST_WORD = 32
_SHINGLE = 3
# Scripts that are written without spaces count each character as a word.
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")
_NOT_TEXT = re.compile(r"\s*(image|audio|video|font)/|\s*application/(pdf|zip|octet-stream)", re.IGNORECASE)
_CHANCE = 1 / 256  # that two different minima share their eight bits


def sketch(body: bytes, content_type: str | None = None) -> str | None:
    """Returns a page's sketch, `mh1:` and 128 hex digits; null where there are no words to compare."""
    if _NOT_TEXT.match(content_type or ""):
        return None
    words = list(islice(_words(visible(decode(body, content_type))), _MOST_WORDS))
    if not words:
        return None
    return _PREFIX + bytes(minimum & 0xFF for minimum in _filled(_minima(words))).hex()


def similarity(one: str | None, other: str | None) -> float | None:
    """Returns how alike two pages are, 0 to 1; null where either sketch is missing or of another kind."""
    if one is None or other is None or not _SHAPE.fullmatch(one) or not _SHAPE.fullmatch(other):
        return None
    pairs = zip(bytes.fromhex(one[len(_PREFIX) :]), bytes.fromhex(other[len(_PREFIX) :]), strict=True)
    same = sum(a == b for a, b in pairs) / _BINS
    return max(0.0, (same - _CHANCE) / (1 - _CHANCE))


def _words(text: str) -> Iterator[str]:
    for found in _WORD.finditer(text):
        word = found[0].lower()[:_LONGEST_WORD]
        yield "#" if any(character.isdigit() for character in word) else word


def _minima(words: list[str]) -> list[int | None]:
    """Returns for each bin the least hash of the shingles that fell into it."""
    minima: list[int | None] = [None] * _BINS
    for start in range(max(1, len(words) - _SHINGLE + 1)):
        number = _hash(" ".join(words[start : start + _SHINGLE]))
        bin_, value = number % _BINS, number // _BINS
        known = minima[bin_]
        if known is None or value < known:
            minima[bin_] = value
    return minima


def _filled(minima: list[int | None]) -> list[int]:
    """Lends each empty bin the minimum of another, chosen by the bin's number alone, so that like pages choose alike."""
    filled = []
    for bin_, minimum in enumerate(minima):
        attempt = 0
        while minimum is None:
            attempt += 1
            minimum = minima[_hash(f"{bin_}/{attempt}") % _BINS]
        filled.append(minimum)
    return filled


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")
