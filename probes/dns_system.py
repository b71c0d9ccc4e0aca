"""What this machine's stub resolver would do: the hosts file first, then the name servers of resolv.conf."""

import ipaddress
from functools import lru_cache
from pathlib import Path

HOSTS = Path("/etc/hosts")
RESOLV_CONF = Path("/etc/resolv.conf")
_MOST_SERVERS = 3  # as in resolv.conf(5)
_LONGEST = 1 << 20  # octets of either file


def from_hosts(name: str, netns: str | None = None, *, path: Path = HOSTS) -> tuple[str, ...]:
    """Returns the addresses of both families that the hosts file gives for a name; none where it is not in there.

    `localhost` always means this machine (RFC 6761, section 6.3).
    """
    wanted = name.lower().removesuffix(".")
    listed = _hosts(*_stamped(_of_namespace(path, netns))).get(wanted, ())
    if not listed and (wanted == "localhost" or wanted.endswith(".localhost")):
        return "127.0.0.1", "::1"
    return listed


def name_servers(netns: str | None = None, *, path: Path = RESOLV_CONF) -> tuple[str, ...]:
    """Returns the addresses of the system's name servers; this machine itself where none is configured."""
    return _name_servers(*_stamped(_of_namespace(path, netns))) or ("127.0.0.1",)


def _of_namespace(path: Path, netns: str | None) -> Path:
    """A network namespace may have files of its own, as ip-netns(8) has it."""
    if netns is None:
        return path
    own = Path("/etc/netns") / netns / path.name
    return own if own.exists() else path


def _stamped(path: Path) -> tuple[Path, int]:
    """A file with its time of change, so that it is read again only when it has changed."""
    try:
        return path, path.stat().st_mtime_ns
    except OSError:
        return path, 0


@lru_cache(maxsize=16)
def _hosts(path: Path, _changed: int) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for words in _lines(path):
        address = _address(words[0])
        for name in words[1:] if address else ():
            known = found.setdefault(name.lower().removesuffix("."), ())
            found[name.lower().removesuffix(".")] = tuple(dict.fromkeys((*known, str(address))))
    return found


@lru_cache(maxsize=16)
def _name_servers(path: Path, _changed: int) -> tuple[str, ...]:
    given = [words[1] for words in _lines(path) if words[0] == "nameserver" and len(words) > 1]
    return tuple(given_one for given_one in given if _address(given_one))[:_MOST_SERVERS]


def _lines(path: Path) -> list[list[str]]:
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        return []
    lines = (line.split("#", 1)[0].split(";", 1)[0].split() for line in text.splitlines())
    return [words for words in lines if words]


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
