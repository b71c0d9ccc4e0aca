"""A page as fingerprints read it: its characters, its visible words, and where it sends its reader by itself."""

import re
from collections.abc import Iterator
from functools import cached_property

from models.page_text import visible

BRIEF = 3000  # visible characters: block pages say what they say in fewer, articles about them in more
_ALMOST_EMPTY = 200  # visible characters: such a page is its frame
_MOST_REDIRECTS = 8
_URL = r"(https?://[^\s\"'<>]{4,2000})"
# Each repetition is bounded, and none stands inside another: the time is linear in the page.
_META = re.compile(rf"<meta\s[^>]{{0,200}}?refresh[^>]{{0,200}}?url\s?=\s?[\"']?{_URL}", re.IGNORECASE)
_SCRIPT = re.compile(rf"\blocation(?:\.href)?\s{{0,4}}(?:=|\.replace\(|\.assign\()\s{{0,4}}[\"']{_URL}", re.IGNORECASE)
_FRAME = re.compile(rf"<i?frame\s[^>]{{0,300}}?src\s?=\s?[\"']?{_URL}", re.IGNORECASE)


class Page:
    """The beginning of a page, read by its charset."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> str:
        """Returns the visible words with one space between them."""
        return " ".join(visible(self.text).split())

    def redirects(self) -> Iterator[tuple[int, str]]:
        """Yields where each URL stands to which the page sends its reader, and the URL."""
        kinds = [_META, _SCRIPT, _FRAME] if len(self.words) <= _ALMOST_EMPTY else [_META]
        matches = [match for kind in kinds for match in kind.finditer(self.text)]
        for match in matches[:_MOST_REDIRECTS]:
            yield match.start(1), match[1]
