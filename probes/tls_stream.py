"""TLS over any stream, with the records pumped by ourselves.

asyncio's own start_tls reports a plain close during the handshake as a reset without errno; here a reset, a close,
silence and an alert stay four different things.
"""

import ssl
from functools import cache

from probes.failure import EndOfStream
from probes.streams import Stream

_CHUNK = 65536
_LEGACY_SERVER_CONNECT = 0x4  # ssl.OP_LEGACY_SERVER_CONNECT, named from Python 3.12 on; browsers connect likewise


@cache
def any_certificate() -> ssl.SSLContext:
    """Returns the one context of all measurements: what a browser offers, and no verification. Building one takes 20 ms."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # the floor of browsers and of OONI's test helpers
    context.set_ciphers("DEFAULT:@SECLEVEL=1")  # a weak site is a site; nothing secret is sent
    context.options |= _LEGACY_SERVER_CONNECT
    context.set_alpn_protocols(["http/1.1"])
    return context


class TlsStream:
    """A TLS client over a stream; itself a stream once the handshake is done."""

    __slots__ = ("_in", "_object", "_out", "_unsent", "bytes_received", "bytes_sent", "under")

    def __init__(self, under: Stream, context: ssl.SSLContext, server_name: str | None) -> None:
        self.under = under
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._in, self._out, server_hostname=server_name)
        self._unsent: OSError | None = None
        self.bytes_sent = 0
        self.bytes_received = 0

    async def handshake(self) -> None:
        """Shakes hands; raises EndOfStream at a FIN, OSError with its errno, ssl.SSLError for an alert or nonsense."""
        while True:
            try:
                self._object.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._fill():
                    raise EndOfStream from None
            except ssl.SSLError:
                await self._flush()  # our own alert, as any client sends it
                raise
            else:
                await self._flush()
                return

    async def receive(self, most: int) -> bytes:
        while True:
            try:
                return self._object.read(most)
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._fill():
                    return b""
            except ssl.SSLZeroReturnError:
                return b""

    async def send(self, data: bytes) -> None:
        self._object.write(data)
        await self._flush()

    def close(self) -> None:
        self.under.close()

    def chain(self) -> tuple[bytes, ...]:
        """Returns the presented certificates (DER, leaf first), also after a handshake that failed."""
        inner = self._object._sslobj  # type: ignore[attr-defined]  # public as get_unverified_chain from 3.13 on
        presented = inner.get_unverified_chain() or ()
        return tuple(one if isinstance(one, bytes) else one.public_bytes(_DER) for one in presented)

    def agreed(self) -> tuple[str | None, str | None, str | None]:
        """Returns version, cipher and ALPN protocol."""
        cipher = self._object.cipher()
        return self._object.version(), cipher[0] if cipher else None, self._object.selected_alpn_protocol()

    async def _flush(self) -> None:
        """A failed send is remembered, not raised: what the other side said before it closed comes first."""
        data = self._out.read()
        if not data or self._unsent is not None:
            return
        try:
            await self.under.send(data)
        except OSError as error:
            self._unsent = error
        else:
            self.bytes_sent += len(data)

    async def _fill(self) -> bool:
        data = await self.under.receive(_CHUNK)
        if not data and self._unsent is not None:
            raise self._unsent
        self.bytes_received += len(data)
        self._in.write(data)
        return bool(data)


_DER = 2  # _ssl.ENCODING_DER
