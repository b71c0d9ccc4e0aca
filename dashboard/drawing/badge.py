"""Badges: small SVG pictures that say a state in words, with a shape, for other people's sites."""

from dataclasses import dataclass

from markupsafe import Markup, escape

from dashboard.drawing.markup import plain

HEIGHT = 26
_PAD = 9
_NARROW, _WIDE = frozenset("iljtfr.,:;'|!I[]() "), frozenset("mwMW@%—")
_COLOURS = {
    "blocked": "#a3271a",
    "signs": "#8a5200",
    "reachable": "#15606f",
    "inconclusive": "#565d63",
    "unobserved": "#565d63",
    "stale": "#565d63",
}
_SHAPES = {
    "blocked": "M4.5 1h5L13 4.5v5L9.5 13h-5L1 9.5v-5ZM3.4 6v2h7.2V6Z",
    "signs": "M7 1 13.6 12.6H.4ZM6.2 5v3.8h1.6V5Zm0 4.8v1.5h1.6V9.8Z",
    "reachable": "M7 .8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 7 .8ZM6 9.9 3.2 7.1l1.1-1.1L6 7.7l3.7-3.8 1.1 1.1Z",
}
_OTHER = "M7 .8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 7 .8ZM7 2.2a4.8 4.8 0 1 1 0 9.6 4.8 4.8 0 0 1 0-9.6Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """What a badge says."""

    label: str
    message: str
    state: str
    more: str  # the whole sentence, for screen readers and pointers
    simulated: bool = False

    @property
    def colour(self) -> str:
        return _COLOURS[self.state]


def svg(badge: Badge) -> str:
    """Draws a badge. System fonts only: widths are estimated generously and then imposed by `textLength`."""
    label, message = plain(badge.label, 40), plain(badge.message, 60)
    left, right = round(_width(label)) + 2 * _PAD, round(_width(message)) + 2 * _PAD + 20
    shape = _SHAPES.get(badge.state, _OTHER)
    whole = f"{label}: {message}. {plain(badge.more)}"
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" role="img" aria-label="{whole}">'
        "<title>{whole}</title>"
        '<clipPath id="r"><rect width="{w}" height="{h}" rx="4"/></clipPath><g clip-path="url(#r)">'
        '<rect width="{left}" height="{h}" fill="#2b3136"/><rect x="{left}" width="{right}" height="{h}" fill="{colour}"/></g>'
        '<g font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="12" fill="#fff">'
        '<text x="{pad}" y="17.3" textLength="{lt}" lengthAdjust="spacingAndGlyphs">{label}</text>'
        '<path transform="translate({sx} 6)" fill-rule="evenodd" d="{shape}"/>'
        '<text x="{mx}" y="17.3" textLength="{mt}" lengthAdjust="spacingAndGlyphs">{message}</text></g></svg>'
    ).format(  # Markup.format escapes what it fills in
        w=left + right,
        h=HEIGHT,
        left=left,
        right=right,
        whole=whole,
        colour=badge.colour,
        pad=_PAD,
        lt=left - 2 * _PAD,
        label=label,
        sx=left + _PAD,
        shape=shape,
        mx=left + _PAD + 20,
        mt=right - 2 * _PAD - 20,
        message=message,
    )


def _width(text: str) -> float:
    return sum(4.3 if c in _NARROW else 10.8 if c in _WIDE or ord(c) > 0x2E80 else 7.6 for c in text)


def snippet(picture: str, page: str, alternative: str) -> str:
    """Returns the HTML to embed a badge: a picture in a link, without script or tracker."""
    return f'<a href="{escape(page)}"><img src="{escape(picture)}" alt="{escape(alternative)}" height="{HEIGHT}"></a>'
