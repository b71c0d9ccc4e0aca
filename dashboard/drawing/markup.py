"""HTML as values: `el()` escapes whatever is not markup already, and hostile text is made harmless to read as well."""

import html
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from markupsafe import Markup

Child = object  # Markup goes through as it is, null and false vanish, anything else is escaped

_VOID = frozenset({"br", "hr", "img", "input", "meta"})


def el(name: str, /, *children: Child, **attributes: object) -> Markup:
    """Returns one element; `class_` and `aria_label` become `class` and `aria-label`, null attributes vanish."""
    opened = f"<{name}{_attributes(attributes)}>"
    if name in _VOID:
        return Markup(opened)  # noqa: S704 - built from escaped parts only
    return Markup(f"{opened}{joined(children)}</{name}>")  # noqa: S704


def joined(children: Iterable[Child]) -> Markup:
    """Returns the children one after the other, each escaped unless it is markup."""
    return Markup("".join([_safe(c) for c in children if c is not None and c is not False]))  # noqa: S704


def _safe(child: Child) -> str:
    return child if isinstance(child, Markup) else html.escape(str(child))


def _attributes(given: dict[str, object]) -> str:
    return "".join(
        [
            f' {key.rstrip("_").replace("_", "-")}="{_safe(value)}"'
            for key, value in given.items()
            if value is not None and value is not False
        ]
    )


def prose(text: str) -> Markup:
    """Returns a text of our own with its `words in backticks` set as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a lone backtick is one
        parts[-2:] = ["`".join(parts[-2:])]
    return joined(el("code", part) if i % 2 else part for i, part in enumerate(parts))


def plain(text: object, limit: int = 400) -> str:
    """Returns text by others as one readable line: control, direction and invisible characters shown, length bounded."""
    given = str(text)
    visible = given[: limit + 1]
    if not visible.isprintable():
        visible = "".join(_visible(c) for c in visible)
    return visible[:limit] + "…" if len(given) > limit else visible


def _visible(character: str) -> str:
    if character in "\t\n\r":
        return " "
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return f"‹U+{ord(character):04X}›"
    return character


def verbatim(text: str, limit: int = 20_000) -> str:
    """Returns many lines by others: as `plain`, with line breaks and tabs kept."""
    cut = text[:limit]
    return "".join(c if c in "\t\n" else _visible(c) for c in cut.replace("\r\n", "\n"))


def foreign(text: object, limit: int = 400, name: str = "bdi", **attributes: object) -> Markup:
    """Returns text by others in an element that keeps its writing direction to itself."""
    return el(name, plain(text, limit), **attributes)


def outward(url: str | None, text: Child = None, **attributes: object) -> Markup:
    """Returns a link to another site for http and https addresses, and the bare text for any other."""
    shown = plain(url or "", 120) if text is None else text
    if not is_web(url):
        return el("bdi", shown)
    return el("a", shown, href=url, target="_blank", rel="noopener noreferrer", **attributes)


def is_web(url: str | None) -> bool:
    """Tells whether a URL is one that a reader may be sent to."""
    try:
        return url is not None and urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).hostname)
    except ValueError:
        return False
