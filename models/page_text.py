"""What a visitor reads of a page: its characters, its title, its visible words. Pages are hostile: all is linear in size."""

import codecs
import html
import re

_LONGEST = 512 << 10  # octets of a page that are looked at
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 4096  # octets; browsers look at the first 1,024, pages with long comments need more
# The web's labels mean more than they say (WHATWG Encoding Standard, section 4.2).
_ALIASES = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "iso-8859-11": "cp874",
    "windows-949": "cp949",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-cp1251": "cp1251",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "utf-16": "utf-16-le",
}
_NEVER = frozenset({"utf_7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_UNSEEN = frozenset({"script", "style", "template", "noscript", "svg", "textarea", "iframe"})
_LONGEST_TITLE = 512


def decode(body: bytes, content_type: str | None = None) -> str:
    """Returns a page's characters by its byte order mark, its Content-Type, its `meta` element, or as UTF-8.

    What cannot be read becomes U+FFFD; nothing is raised.
    """
    body = body[:_LONGEST]
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    named = _charset(content_type or "") or _charset(body[:_META_WITHIN].decode("latin-1"))
    if named is not None:
        return body.decode(named, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_short = error.end == len(body) == _LONGEST and error.reason == "unexpected end of data"
        return body.decode("utf-8" if cut_short else "cp1252", "replace")


def _charset(text: str) -> str | None:
    found = _CHARSET.search(text)
    if found is None:
        return None
    label = found[1].lower()
    try:
        codec = codecs.lookup(_ALIASES.get(label, label))
    except (LookupError, ValueError):
        return None
    return None if codec.name.replace("-", "_") in _NEVER or not codec._is_text_encoding else codec.name


def title(page: str) -> str | None:
    """Returns the text of the first `title` element, on one line, or null."""
    lowered = page.lower()
    opens = lowered.find("<title")
    start = lowered.find(">", opens) + 1 if opens >= 0 else 0
    end = lowered.find("</title", start) if start else -1
    if end < 0:
        return None
    return " ".join(html.unescape(page[start:end][: 4 * _LONGEST_TITLE]).split())[:_LONGEST_TITLE] or None


def visible(page: str) -> str:
    """Returns the words between the tags, without scripts, styles and comments."""
    lowered = page.lower() if len(page.lower()) == len(page) else page  # a few letters grow when lowered
    pieces: list[str] = []
    at = 0
    while (opens := page.find("<", at)) >= 0:
        pieces.append(page[at:opens])
        at = _behind(page, lowered, opens)
    pieces.append(page[at:])
    return html.unescape(" ".join(pieces))


def _behind(page: str, lowered: str, opens: int) -> int:
    """Returns where the markup that opens here ends; what never ends reaches to the end of the page."""
    if page.startswith("<!--", opens):
        return _found(page.find("-->", opens + 4), 3, page)
    tag = _TAG.match(page, opens)
    if tag is None:
        return opens + 1 if not page.startswith(("<!", "<?"), opens) else _found(page.find(">", opens), 1, page)
    closes = _found(page.find(">", opens), 1, page)
    name = tag[1].lower()
    if name in _UNSEEN and not page.startswith("</", opens):
        return _found(lowered.find(f"</{name}", closes), 0, page)
    return closes


def _found(position: int, length: int, page: str) -> int:
    return position + length if position >= 0 else len(page)
