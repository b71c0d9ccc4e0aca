"""`python -m dashboard`: the web process. Reads the store and the configuration, writes nothing, asks no other host."""

import argparse
import os
import sys
from pathlib import Path

from dashboard.house import open_house
from dashboard.server import Listen, serve


def main(arguments: list[str] | None = None) -> int:
    """Runs until it is stopped; 2 when the address or the store URL is no good."""
    given = _parser().parse_args(arguments)
    try:
        listen = _listen(given.listen, given.allow_host)
        open_house(given.db, Path(given.config))
    except ValueError as exc:
        print(f"dashboard: {exc}", file=sys.stderr)  # noqa: T201
        return 2
    return serve(listen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument(
        "--db", default=os.environ.get("WALLWATCH_DB", "sqlite:///data/wallwatch.sqlite"), help="the store's URL"
    )
    parser.add_argument("--config", default="targets.yaml", help="the configuration file")
    parser.add_argument("--listen", default="127.0.0.1:8501", help="HOST:PORT (a host alone or a port alone also does)")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[name for name in os.environ.get("WALLWATCH_HOSTS", "").split(",") if name],
        help="a host name under which this server is reached; IP addresses and localhost always are",
    )
    return parser


def _listen(text: str, names: list[str]) -> Listen:
    host, _, port = text.rpartition(":") if not text.isdigit() else ("", "", text)
    host = (host or "127.0.0.1").strip("[]")
    if not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError(f"--listen {text!r}: expected HOST:PORT with a port from 0 to 65535, such as 127.0.0.1:8501")
    return Listen(host=host, port=int(port), names=tuple(names))


if __name__ == "__main__":
    sys.exit(main())
