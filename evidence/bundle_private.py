"""What must not leave the house, found in text: addresses, cookies, tokens, and what block pages tell of their reader."""

import base64
import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

ADDRESS, COOKIE, TOKEN, CLIENT = "REDACTED-ADDRESS", "REDACTED-COOKIE", "REDACTED-TOKEN", "REDACTED-CLIENT"
SHORTEST_SECRET = 6  # shorter values stand in any page by chance
COOKIE_FIELDS = {"cookie", "cookie2", "set-cookie", "set-cookie2"}
_TOKEN_FIELD = re.compile(
    r"auth|token|session|csrf|xsrf|cookie|secret|api-?key|password|request-?id|correlation|trace|visitor|"
    r"amz-cf-id|amz-id|cf-ray|^nel$|report-to",
    re.IGNORECASE,
)
_CLIENT_FIELD = re.compile(
    r"^forwarded$|forwarded-for|client|real-ip|connecting-ip|remote-|^x-user(-?name|-?id)?$|geo-?ip", re.IGNORECASE
)
_DOT = r"(?:\.|%2[eE]|&#0*46;|&#[xX]0*2[eE];|&period;)"
_COLON = r"(?::|%3[aA]|&#0*58;|&#[xX]0*3[aA];|&colon;)"
_V4 = re.compile(rf"(?<![\d.])\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}(?!\.?\d)")
_V6 = re.compile(
    rf"(?<![\w:])(?:[0-9a-fA-F]{{0,4}}{_COLON}){{2,7}}(?:[0-9a-fA-F]{{1,4}}|\d{{1,3}}(?:\.\d{{1,3}}){{3}})?(?![\w:])"
)
_MAC = re.compile(r"(?<![0-9A-Fa-f:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])")
_HOST_OF_URL = re.compile(r"(?:/|%2[fF]){2}(?:[^/\s\"'<>@]*@)?\[?$")
_PARAMETER_START = r"(?:[?&;]|&amp;|%26|%3[fF])"
_VALUE = r"([^&;#\"'<>\s%]+(?:%(?!26|23|3[bB])[0-9a-fA-F]{2}[^&;#\"'<>\s%]*)*)"
_CLIENT_NAMES = (
    r"connection-?_?ip|user-?_?ip|client-?_?ip|source-?_?ip|src-?_?ip|remote-?_?(?:ip|addr)|real-?_?ip|orig-?_?ip|ip-?_?addr(?:ess)?|ip|"
    r"user-?_?(?:name|id)?|uid|login|account|subscriber(?:-?_?id)?|msisdn|imsi|imei|phone|mac(?:-?_?addr(?:ess)?)?|"
    r"client-?_?(?:id|mac|name|host)|host-?_?name|workstation|device-?_?id|groupname|policyname"
)
_KEYS_OF_SECRETS = (
    r"[a-z0-9_-]{0,24}(?:token|session|csrf|xsrf|nonce|secret|api-?_?key|password|passwd|signature)[a-z0-9_-]{0,24}|"
    r"sid|jsessionid|phpsessid|auth|ticket|sig|jwt|key|hash"
)
_CLIENT_PARAMETER = re.compile(rf"({_PARAMETER_START}(?:{_CLIENT_NAMES})(?:=|%3[dD])){_VALUE}", re.IGNORECASE)
_TOKEN_PARAMETER = re.compile(rf"({_PARAMETER_START}(?:{_KEYS_OF_SECRETS})(?:=|%3[dD])){_VALUE}", re.IGNORECASE)
_CLIENT_LABEL = re.compile(
    r"((?:user ?name|user ?id|login ?name|account|subscriber|msisdn|imsi|host ?name|computer name|client (?:name|id))"
    r"(?:\s|&nbsp;)*[:=](?:\s|&nbsp;|</?[a-z][^<>]{0,200}>){0,12})([^\s<>&\"']{1,200})",
    re.IGNORECASE,
)
_TOKEN_PAIR = re.compile(
    r"((?:csrf|xsrf|token|session-?_?id|nonce|api-?_?key|secret|password)[\"']?(?:\]|\s){0,4}[:=]\s{0,4}[\"']?)([A-Za-z0-9+/_=.~-]{8,})",
    re.IGNORECASE,
)
_NAMED_INPUT = re.compile(r"<(?:input|meta)\b[^<>]{0,600}>", re.IGNORECASE)
_TOKENS_NAME = re.compile(r"\bname\s*=\s*[\"']?[^\"'<>\s]{0,60}?(?:csrf|xsrf|token|nonce|session)", re.IGNORECASE)
_INPUTS_VALUE = re.compile(r"(\b(?:value|content)\s*=\s*[\"']?)([^\"'<>\s]{4,})", re.IGNORECASE)
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?")
_BEARER = re.compile(r"((?:bearer|basic)\s+)([A-Za-z0-9+/_=.~-]{12,})", re.IGNORECASE)
_COOKIE_LINE = re.compile(r"((?:set-)?cookie2?\s*:\s*)([^\r\n\"<>]{3,4096})", re.IGNORECASE)
Group = tuple[re.Pattern[str], str]
_VALUES: tuple[Group, ...] = (
    (_COOKIE_LINE, COOKIE),
    (_CLIENT_PARAMETER, CLIENT),
    (_TOKEN_PARAMETER, TOKEN),
    (_TOKEN_PAIR, TOKEN),
    (_BEARER, TOKEN),
    (_CLIENT_LABEL, CLIENT),
)


@dataclass(frozen=True)
class Address:
    """One of the vantage point's own addresses, in the shapes in which a page or a message may hold it."""

    text: str

    @cached_property
    def plain(self) -> re.Pattern[str]:
        """Returns what finds it written out: the shapes that can be replaced within text."""
        address = ipaddress.ip_address(self.text)
        shapes = {str(address), address.exploded}
        found = {"".join({".": _DOT, ":": _COLON}.get(char, char) for char in shape) for shape in shapes}
        if address.version == 4:
            parts = str(address).split(".")
            found |= {"-".join(parts), "-".join(reversed(parts)), r"\.".join(reversed(parts))}
        return re.compile(rf"(?<![\w.])(?:{'|'.join(sorted(found))})(?!\.?\d|[a-zA-Z_])", re.IGNORECASE)

    @cached_property
    def hidden(self) -> tuple[bytes, ...]:
        """Returns the shapes that can only be found: base64 at each alignment, hexadecimal, a decimal number."""
        address = ipaddress.ip_address(self.text)
        raw = str(address).encode()
        # The first and the last characters of base64 also depend on what stands beside.
        coded = [base64.b64encode(b"\0" * shift + raw)[(8 * shift + 5) // 6 :].rstrip(b"=")[:-1] for shift in range(3)]
        numbers = [address.packed.hex().encode(), address.packed.hex().upper().encode()]
        if address.version == 4 and int(address) > 99_999_999:
            numbers.append(str(int(address)).encode())
        return tuple(shape for shape in [*coded, *numbers] if len(shape) >= 8)

    @cached_property
    def packed(self) -> bytes:
        return ipaddress.ip_address(self.text).packed


@dataclass(slots=True)
class Private:
    """What is private in one measurement: our own addresses, and secrets once they were met."""

    own: tuple[Address, ...] = ()
    known: frozenset[str] = frozenset()  # addresses of servers, which are evidence
    secrets: set[str] = field(default_factory=set)

    def text(self, text: str) -> tuple[str, set[str]]:
        """Returns text without what is private in it, and the marks that were put in its place."""
        marks: set[str] = set()
        for pattern, mark in _VALUES:
            text = pattern.sub(self._value(mark, marks), text)
        text = _NAMED_INPUT.sub(self._input(marks), text)
        text = _JWT.sub(self._whole(TOKEN, marks), text)
        text = _MAC.sub(self._whole(CLIENT, marks), text)
        for one in self.own:
            text = one.plain.sub(self._whole(ADDRESS, marks), text)
        for pattern in (_V4, _V6):
            text = pattern.sub(self._address(marks), text)
        return self._without_secrets(text, marks), marks

    def left(self, content: bytes, *, binary: bool = False) -> str | None:
        """Returns what private thing is in these bytes, whatever was done to them before; null when there is none."""
        text = content.decode("latin-1")
        if any(one.plain.search(text) or any(shape in content for shape in one.hidden) for one in self.own):
            return "an address of the vantage point"
        if binary and any(one.packed in content for one in self.own):
            return "an address of the vantage point"
        if any(secret in text for secret in self.secrets):
            return "a cookie or a token"
        return None

    def keep_secret(self, value: str) -> None:
        """Remembers a value, so that it is taken out wherever else it stands."""
        if len(value) >= SHORTEST_SECRET and not value.startswith("REDACTED-"):
            self.secrets.add(value)

    def _value(self, mark: str, marks: set[str]) -> Callable[[re.Match[str]], str]:
        def put(found: re.Match[str]) -> str:
            if found[2].startswith("REDACTED-"):
                return found[0]
            marks.add(mark)
            return found[1] + mark

        return put

    def _input(self, marks: set[str]) -> Callable[[re.Match[str]], str]:
        def put(found: re.Match[str]) -> str:
            if not _TOKENS_NAME.search(found[0]):
                return found[0]
            return _INPUTS_VALUE.sub(self._value(TOKEN, marks), found[0])

        return put

    def _whole(self, mark: str, marks: set[str]) -> Callable[[re.Match[str]], str]:
        def put(_: re.Match[str]) -> str:
            marks.add(mark)
            return mark

        return put

    def _address(self, marks: set[str]) -> Callable[[re.Match[str]], str]:
        def put(found: re.Match[str]) -> str:
            if not self._tells_of_a_reader(found):
                return found[0]
            marks.add(ADDRESS)
            return ADDRESS

        return put

    def _tells_of_a_reader(self, found: re.Match[str]) -> bool:
        """Tells whether an address may be a reader's: no server of this look, no host of a link, none that all share."""
        written = re.sub(_COLON, ":", re.sub(_DOT, ".", found[0]))
        try:
            address = ipaddress.ip_address(written)
        except ValueError:
            return False
        if str(address) in self.known or address.is_loopback or address.is_unspecified or written == "255.255.255.255":
            return False
        return not _HOST_OF_URL.search(found.string, max(0, found.start() - 200), found.start())

    def _without_secrets(self, text: str, marks: set[str]) -> str:
        for secret in sorted(self.secrets, key=lambda one: (-len(one), one)):
            if secret in text:
                text = text.replace(secret, TOKEN)
                marks.add(TOKEN)
        return text


def field_mark(name: str) -> str | None:
    """Returns the mark that takes the place of a whole header field's value, or null where its text is looked through."""
    if name.lower() in COOKIE_FIELDS:
        return COOKIE
    if _TOKEN_FIELD.search(name):
        return TOKEN
    return CLIENT if _CLIENT_FIELD.search(name) else None


def cookie_values(value: str) -> Iterable[str]:
    """Yields the values that a Cookie or Set-Cookie field carries; attributes are no secrets."""
    for number, part in enumerate(value.split(";")):
        name, equals, held = part.strip().partition("=")
        if equals and (number == 0 or name.lower() not in _ATTRIBUTES):
            yield held.strip('"')


_ATTRIBUTES = {
    "expires",
    "max-age",
    "domain",
    "path",
    "samesite",
    "secure",
    "httponly",
    "priority",
    "partitioned",
    "version",
}
