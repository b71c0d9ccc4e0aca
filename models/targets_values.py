"""How single values of `targets.yaml` are written: durations, URLs, ways out, resolvers, ids, partial dates."""

import hashlib
import ipaddress
import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, urlsplit

import idna

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d{1,9})([smhd])")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_CONTROL_OR_SPACE = re.compile(r"[\x00-\x20\x7f-\xa0]")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MAX_URL = 2000


class Way(StrEnum):
    """The kinds of way out; `probes/ways` has one file for each."""

    DIRECT = "direct"
    SOCKS5 = "socks5"
    HTTP = "http"
    RESOLVER = "resolver"


VIA_FORMS = "direct, socks5://HOST:PORT, http://HOST:PORT or resolver://ADDRESS"
RESOLVER_FORMS = "system, udp://ADDRESS, tcp://ADDRESS or https://HOST/dns-query"
BIND_OPTIONS = ("source", "interface", "netns")


def duration(text: object) -> timedelta:
    """Reads `30s`, `10m`, `6h`, `1d`; raises ValueError for anything else, bare numbers included."""
    if isinstance(text, timedelta):
        return text
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{_said(text)} is not a duration; expected a number and a unit, such as 30s, 10m, 6h or 1d")
    seconds = int(match[1]) * _UNITS[match[2]]
    if not 0 <= seconds <= 366 * 86400:
        raise ValueError(f"{_said(text)} is longer than a year")
    return timedelta(seconds=seconds)


def to_duration(value: timedelta) -> str:
    """Writes a duration in its largest whole unit; the reverse of `duration`."""
    seconds = round(value.total_seconds())
    for unit in "dhm":
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


def identifier(text: str) -> str:
    """An id that fits into a URL and a file name."""
    if not _ID.fullmatch(text):
        raise ValueError(
            f"{_said(text)} cannot be an id; expected up to 80 of a-z, A-Z, 0-9, '.', '_' and '-', "
            "beginning with a letter or a digit"
        )
    return text


def web_url(text: str) -> str:
    """A URL of the web as written, with scheme, host and port checked; raises ValueError."""
    parts = _split(text)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"{_said(text)} is not a web address; expected http:// or https:// and a host")
    if "@" in parts.netloc:
        raise ValueError("a URL here must not carry a user name or a password: everything here is published")
    if parts.hostname is None:
        raise ValueError(f"{_said(text)} has no host; expected for example https://www.example.org/")
    host(parts.hostname)
    return text


def host(name: str) -> str:
    """A host as it goes on the wire: an IP literal, or a name in its ASCII form; raises ValueError."""
    if ":" in name or re.fullmatch(r"[\d.]+", name):
        return _address(name)
    try:
        wire = idna.encode(name, uts46=True).decode() if not name.isascii() else name.lower()
    except idna.IDNAError as error:
        raise ValueError(f"{_said(name)} is not a host name: {error}") from None
    labels = wire.removesuffix(".").split(".")
    if len(wire) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{_said(name)} is not a host name")
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):  # some resolvers would read it as an address
        raise ValueError(f"{_said(name)} is neither a name nor an IP address")
    return wire


def via(text: str) -> str:
    """A way out, as written; raises ValueError."""
    if text == Way.DIRECT:
        return text
    parts = _split(text)
    try:
        way = Way(parts.scheme)
    except ValueError:
        raise ValueError(f"{_said(text)} is not a way out; expected {VIA_FORMS}") from None
    if way is Way.DIRECT:
        _check_bind(parts)
    elif way is Way.RESOLVER:
        _address_and_port(parts)
    elif parts.hostname is None or parts.port is None or parts.path not in ("", "/") or parts.query:
        raise ValueError(f"{_said(text)} is not complete; expected {way}://HOST:PORT")
    else:
        host(parts.hostname)
    return text


def resolver(text: str) -> str:
    """A resolver to ask, as written; raises ValueError."""
    if text == "system":
        return text
    parts = _split(text)
    if parts.scheme in ("udp", "tcp"):
        _address_and_port(parts)
    elif parts.scheme == "https":
        web_url(text)
    else:
        raise ValueError(f"{_said(text)} is not a resolver; expected {RESOLVER_FORMS}")
    return text


def name(text: str) -> str:
    """A host name in its ASCII form, never an address; raises ValueError."""
    wire = host(text).removesuffix(".")
    try:
        ipaddress.ip_address(wire)
    except ValueError:
        return wire
    raise ValueError(f"{_said(text)} is an address; expected a name, such as example.com")


def address(text: str) -> str:
    """An IP address; raises ValueError."""
    return _address(text)


def silent_address(text: str) -> str:
    """An address to send DNS queries to, `ADDRESS` or `udp://ADDRESS:PORT`; returns the latter; raises ValueError."""
    if not text.startswith("udp://"):
        found = _address(text)
        return f"udp://[{found}]" if ":" in found else f"udp://{found}"
    _address_and_port(_split(text))
    return text


def day(text: object) -> date:
    """Reads a day; raises ValueError for anything else, such as a number that could be a timestamp."""
    if isinstance(text, date) and not isinstance(text, datetime):
        return text
    try:
        if isinstance(text, str) and len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{_said(text)} is a day that does not exist") from None
    raise ValueError(f"{_said(text)} is not a day; expected for example 2008-07-28")


def partial_date(text: object) -> str:
    """A day, a month or a year, as exact as its source is; raises ValueError."""
    written = text.isoformat() if isinstance(text, date) else str(text)
    match = _PARTIAL_DATE.fullmatch(written)
    if match is None:
        raise ValueError(f"{_said(text)} is not a date; expected 2008-07-28, 2007-11 or 2008")
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        raise ValueError(f"{_said(text)} is a day that does not exist") from None
    return written


def instant(text: str) -> str:
    """An instant in UTC, as written; raises ValueError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() != timedelta(0):
        raise ValueError(f"{_said(text)} is not an instant in UTC; expected for example 2008-07-28T21:00:00Z")
    return text


def source(text: str) -> str:
    """Where something was said: a web address, or words; never another kind of link, for pages show it."""
    return web_url(text) if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S", text) else text


def shown(via_or_url: str) -> str:
    """The same without user name and password, for logs and pages."""
    return re.sub(r"//[^/@]*@", "//", via_or_url)


def id_from_url(url: str) -> str:
    """A readable id for a URL that was written without one, such as `amnesty-org` for https://www.amnesty.org/."""
    parts = urlsplit(url)
    words = f"{(parts.hostname or '').removeprefix('www.')} {parts.port or ''} {parts.path} {parts.query}"
    return re.sub(r"[^a-z0-9]+", "-", idna_or_same(words).lower()).strip("-")[:60].strip("-") or "target"


def listed_id(url: str) -> str:
    """An id for a URL from a list: the same wherever the list puts it, and different for each URL."""
    return f"{id_from_url(url)}-{hashlib.sha256(same_url(url).encode()).hexdigest()[:8]}"


def same_url(url: str) -> str:
    """What two spellings of one URL have in common; http and https stay different, and so do paths."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, {"http": 80, "https": 443}.get(parts.scheme)) else f":{parts.port}"
    name = host(parts.hostname or "").removesuffix(".")
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{name}{port}{parts.path or '/'}{query}"


def idna_or_same(words: str) -> str:
    """Turns the first word, a host, into its ASCII form where it has one."""
    name, _, rest = words.partition(" ")
    try:
        return f"{host(name)} {rest}"
    except ValueError:
        return words


def url_host(url: str) -> str:
    """The host of a URL in its ASCII form, lower case; empty where there is none."""
    try:
        return host(urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return ""


def is_private(url: str) -> bool:
    """Whether a URL names this machine or a private address outright; names are looked up only when probing."""
    name = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(name.partition("%")[0]).is_global
    except ValueError:
        return name.rstrip(".").lower() == "localhost" or name.rstrip(".").lower().endswith(".localhost")


def _split(text: str) -> SplitResult:
    if len(text) > _MAX_URL:
        raise ValueError(f"a URL may have {_MAX_URL} characters, this one has {len(text)}")
    if _CONTROL_OR_SPACE.search(text):
        raise ValueError(f"{_said(text)} has a space or a control character in it; write it as %20 and the like")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{_said(text)} is not a URL: {error}") from None
    if port == 0:
        raise ValueError(f"{_said(text)} has port 0; expected 1 to 65535")
    return parts


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(f"{_said(text)} is not an IP address") from None


def _address_and_port(parts: SplitResult) -> None:
    """The host must be an address: a resolver cannot be asked for its own."""
    try:
        _address(parts.hostname or "")
    except ValueError as error:
        raise ValueError(f"{error}; expected {parts.scheme}://ADDRESS, because a resolver has no name") from None
    if parts.path not in ("", "/") or parts.query or "@" in parts.netloc:
        raise ValueError(f"{_said(parts.geturl())} says too much; expected {parts.scheme}://ADDRESS or with :PORT")


def _check_bind(parts: SplitResult) -> None:
    if parts.netloc or parts.path not in ("", "/"):
        raise ValueError("direct takes no host; expected direct or direct://?source=ADDRESS&interface=NAME&netns=NAME")
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        if key not in BIND_OPTIONS:
            raise ValueError(f"direct has no option {key!r}; expected {', '.join(BIND_OPTIONS)}")
        if key == "source":
            _address(value)
        elif not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", value):
            raise ValueError(f"{value!r} cannot be the name of a network {key}")


def _said(text: object) -> str:
    """What was written, without secrets and short enough for a message."""
    written = repr(shown(text)) if isinstance(text, str) else str(text)
    return written if len(written) <= 80 else f"{written[:76]}…{written[-1]}"
