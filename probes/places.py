"""Where a URL leads: scheme, host, port and request target, as they go over the wire."""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

import idna

_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_SAFE = "!#$%&'()*+,/:;=?@[]~|"
_LONGEST_URL = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A URL of http or https, taken apart."""

    scheme: str
    host: str  # A-label in lower case, or an IP literal without brackets
    port: int
    target: str  # path and query, percent-encoded

    @property
    def is_address(self) -> bool:
        return ":" in self.host or _as_address(self.host) is not None

    @property
    def authority(self) -> str:
        """The Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


@lru_cache(maxsize=4096)
def place(url: str) -> Place:
    """Takes a URL apart; raises ValueError that says what is wrong with it."""
    if len(url) > _LONGEST_URL:
        raise ValueError(f"the URL is longer than {_LONGEST_URL} characters")
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise ValueError("the URL holds a space, a backslash or a control character")
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        raise ValueError(f"the scheme is {parts.scheme or 'missing'!r}, not http or https")
    if not parts.hostname:
        raise ValueError("the URL names no host")
    target = quote(parts.path or "/", safe=_SAFE)
    if parts.query:
        target += "?" + quote(parts.query, safe=_SAFE)
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    if port == 0:
        raise ValueError("port 0 is no port")
    return Place(scheme=parts.scheme, host=_host(parts.hostname), port=port, target=target)


def redirected(start: Place, location: str) -> str:
    """Returns where a Location leads, absolute and without fragment; raises ValueError where it is no URL at all."""
    location = location.strip()[:_LONGEST_URL]
    if re.fullmatch(r"https?:/*", location, re.IGNORECASE):
        return location  # which urljoin would take for the page itself
    return urljoin(start.url, location).partition("#")[0]


def _host(host: str) -> str:
    address = _as_address(host)
    if address is not None:
        return address
    name = host.rstrip(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, std3_rules=False).decode("ascii")
        except idna.IDNAError as error:
            raise ValueError(f"the host {host!r} is no internationalised name: {error}") from error
    name = name.lower()
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError(f"the host {host!r} is no possible name")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", name.rpartition(".")[2]):  # what some take for an address, as 0x7f.1
        raise ValueError(f"the host {host!r} is neither a name nor an address")
    return name


@lru_cache(maxsize=4096)
def _as_address(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None
