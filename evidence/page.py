"""Whose a page is: the domain that somebody registered, and titles that say the same."""

import re
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

_WORDS = re.compile(r"\w+")


def same_title(one: str, other: str) -> bool:
    """Tells whether two titles share most of their words."""
    ours, theirs = _title_words(one), _title_words(other)
    if not ours or not theirs:
        return " ".join(one.split()).lower() == " ".join(other.split()).lower()
    return len(ours & theirs) * 2 >= len(ours | theirs) or ours <= theirs or theirs <= ours


@lru_cache(maxsize=4096)
def registrable(host: str) -> str:
    """Returns the domain that somebody registered (`amnesty.org.uk`); the host itself where the list knows none."""
    host = host.rstrip(".").lower()
    return _suffixes().privatesuffix(host) or host


def label(host: str) -> str:
    """Returns the registrable domain's own label: `google` for google.com and google.co.id alike."""
    return registrable(host).partition(".")[0]


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # reading the list takes 0.1 s


def _title_words(title: str) -> set[str]:
    return {word for word in _WORDS.findall(title.lower()) if len(word) > 2}
