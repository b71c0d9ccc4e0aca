"""The cookies of one measurement: many sites send a visitor round in circles without them."""

from probes.places import Place

_MOST = 50
_LONGEST = 4096


class Cookies:
    """What the hops of one measurement have set, sent back like a browser does (RFC 6265, the parts that matter here)."""

    def __init__(self) -> None:
        self._kept: dict[
            tuple[str, str], str
        ] = {}  # (domain, name) -> value; a domain with a dot in front: and below it

    def take(self, source: Place, fields: list[tuple[str, str]]) -> None:
        """Takes over each Set-Cookie of an answer."""
        for name, value in fields:
            if name.lower() == "set-cookie" and len(value) <= _LONGEST:
                self._set(source, value)

    def header(self, to: Place) -> str | None:
        """Returns the Cookie header for a request, or null."""
        sent = [f"{name}={value}" for (domain, name), value in self._kept.items() if _belongs(to.host, domain)]
        return "; ".join(sent) or None

    def _set(self, source: Place, field: str) -> None:
        pair, *attributes = (part.strip() for part in field.split(";"))
        name, equals, value = pair.partition("=")
        if not equals or not name or not pair.isascii() or not pair.isprintable():
            return
        given = dict(_attribute(one) for one in attributes)
        domain = _domain(source, given.get("domain", ""))
        if domain is None:
            return
        if given.get("max-age", "").startswith(("-", "0")):
            self._kept.pop((domain, name), None)
        elif len(self._kept) < _MOST or (domain, name) in self._kept:
            self._kept[domain, name] = value


def _attribute(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().lower()


def _domain(source: Place, given: str) -> str | None:
    given = given.lstrip(".")
    if not given or given == source.host:
        return source.host
    if source.is_address:
        return None
    if "." not in given or not _belongs(source.host, "." + given):
        return None
    return "." + given


def _belongs(host: str, domain: str) -> bool:
    return host == domain.lstrip(".") or (domain.startswith(".") and host.endswith(domain))
