"""One citation in the forms that people paste: plain text, BibTeX, CSL-JSON, HTML; each with its own escaping."""

import json
import re
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from evidence.citation import Cited, printable, sentence, title

_TEX = {
    "\\": r"\textbackslash{}",
    # Braces by name: BibTeX counts even escaped ones when it looks for the end of a field.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    '"': r"\textquotedbl{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "@": r"{@}",
} | {char: f"\\{char}" for char in "&%$#_"}
_LINKED = re.compile(r"https?://[^\s]+", re.IGNORECASE)
_URL_SAFE = ":/?#[]@!$&'()*+,;=-._~%"


def to_text(cited: Cited) -> str:
    return sentence(cited)


def to_bibtex(cited: Cited) -> str:
    """Returns an entry for BibTeX and biblatex."""
    fields = {
        "title": f"{{{_tex(title(cited))}}}",
        "author": f"{{{_tex(_author(cited))}}}",
        "year": f"{cited.issued:%Y}",
        "date": f"{cited.issued:%Y-%m-%d}",
        "version": _tex(cited.version),
        "note": _tex(sentence(cited)),
    }
    if link := _link(cited.permalink):
        fields["url"] = link
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{_key(cited)},\n{body}\n}}"


def to_csl(cited: Cited) -> str:
    """Returns CSL-JSON: a list of one item, as reference managers import it."""
    item: dict[str, object] = {
        "type": "dataset",
        "id": _key(cited),
        "title": title(cited),
        "author": [{"literal": _author(cited)}],
        "issued": {"date-parts": [[cited.issued.year, cited.issued.month, cited.issued.day]]},
        "version": cited.version,
        "note": sentence(cited),
    }
    if link := _link(cited.permalink):
        item["URL"] = link
    said = json.dumps([item], ensure_ascii=False, indent=2)
    # So that it may stand within a page: valid JSON all the same.
    return said.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def to_html(cited: Cited) -> str:
    """Returns a paragraph without script or style."""
    said = escape(sentence(cited))
    link = _link(cited.permalink)
    more = f' <a href="{escape(link)}">Permalink</a>' if link else ""
    return f'<p class="wallwatch-citation">{said}{more}</p>'


FORMATS: dict[str, Callable[[Cited], str]] = {
    "text": to_text,
    "bibtex": to_bibtex,
    "csl": to_csl,
    "html": to_html,
}
"""Form -> what renders it."""


def _author(cited: Cited) -> str:
    return printable(cited.publisher) if cited.publisher else "wallwatch operator (unnamed)"


def _key(cited: Cited) -> str:
    return "wallwatch-" + re.sub(r"[^a-z0-9-]", "", cited.episode.id.lower())[:40]


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in text)


def _link(url: str | None) -> str | None:
    """Returns an http(s) address fit for any of the forms, or null."""
    if url is None or not _LINKED.fullmatch(url):
        return None
    return quote(url, safe=_URL_SAFE)
