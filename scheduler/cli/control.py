"""`wallwatch control`: serves controls from where the censor is not."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from models.errors import WallwatchError
from probes.control_eyes import Eyes
from probes.control_server import Offer, serve
from probes.dns_lookup import server_from


class ControlError(WallwatchError):
    """The control cannot be served as asked."""


def command(
    *,
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where to listen; port 0 takes a free one.")],
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also connect to private and loopback addresses; for a lab.")
    ] = False,
    rate: Annotated[float, typer.Option(metavar="N", min=1, help="Questions a minute from one client.")] = 60,
    resolver: Annotated[
        str, typer.Option(metavar="ADDR", help="Resolve by this resolver: an address, tcp://… or a DoH URL.")
    ] = "system",
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, help="Serve https with this certificate chain.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, help="The certificate's key, where it is not in there.")
    ] = None,
) -> None:
    """Look at sites for other vantage points, in the protocol of OONI's test helper, until Ctrl-C or SIGTERM.

    Start it on any small server abroad, behind TLS, and name it in `targets.yaml` under `controls:`.
    """
    host, port = _endpoint(listen)
    offer = Offer(host=host, port=port, rate=rate, certificate=tls_cert, key=tls_key)
    eyes = Eyes(allow_private=allow_private, resolver=_resolver(resolver))
    try:
        asyncio.run(serve(offer, eyes, on_ready=_say_ready))
    except OSError as error:
        raise ControlError(f"cannot listen on {listen}: {error.strerror or error}; choose another --listen") from error


def _say_ready(url: str) -> None:
    typer.echo(f"control listens on {url}")


def _endpoint(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise ControlError(f"--listen is {text!r}; write HOST:PORT, such as 127.0.0.1:8500 or [::]:8500")
    return host.removeprefix("[").removesuffix("]") or "0.0.0.0", int(port)


def _resolver(text: str) -> str:
    if text == "system":
        return text
    try:
        return server_from(text).url
    except ValueError as why:
        raise ControlError(f"--resolver: {why}") from None
