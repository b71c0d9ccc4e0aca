"""Decodes a page's body within bounds, so that a gzip bomb costs a megabyte and no more."""

import zlib

KEPT = 1 << 20  # decoded octets of a page that are kept
READ_AT_LEAST = 64 << 10  # raw octets read before a capped page is left: freezes set in after 16 to 20 kB
_STEP = 64 << 10


class Body:
    """Takes a body's octets as they come, raw, and keeps what they decode to."""

    __slots__ = ("_decoder", "_kept", "_raw_deflate", "_size", "broken", "cut", "raw")

    def __init__(self, encoding: str) -> None:
        self._kept: list[bytes] = []
        self._size = 0
        self.raw = 0
        self.broken = False  # the octets are not what Content-Encoding says
        self.cut = False  # there was more than is kept
        self._raw_deflate = encoding == "deflate"
        # 47: zlib or gzip by what the octets themselves say
        self._decoder = zlib.decompressobj(47) if encoding in ("gzip", "x-gzip", "deflate") else None

    @property
    def full(self) -> bool:
        """Tells whether the cap is reached."""
        return self._size >= KEPT

    @property
    def enough(self) -> bool:
        """Tells whether reading on would add nothing."""
        return self.full and self.raw >= READ_AT_LEAST

    def add(self, octets: bytes) -> None:
        """Counts what came off the wire and keeps what it decodes to."""
        self.raw += len(octets)
        if self.full or self.broken:
            self.cut = self.cut or self.full
            return
        if self._decoder is None:
            self._keep(octets)
            return
        try:
            self._decode(octets)
        except zlib.error:
            self.broken = True

    def content(self) -> bytes:
        """Returns the decoded body, as far as it is kept."""
        return b"".join(self._kept)

    def _decode(self, octets: bytes) -> None:
        assert self._decoder is not None
        try:
            decoded = self._decoder.decompress(octets, _STEP)
        except zlib.error:
            if not self._raw_deflate or self._kept:
                raise
            self._decoder = zlib.decompressobj(-zlib.MAX_WBITS)  # RFC 9110, 8.4.1.2: some send it without zlib's frame
            decoded = self._decoder.decompress(octets, _STEP)
        self._raw_deflate = False
        self._keep(decoded)
        while self._decoder.unconsumed_tail and not self.full:
            self._keep(self._decoder.decompress(self._decoder.unconsumed_tail, _STEP))
        self.cut = self.cut or bool(self._decoder.unconsumed_tail)

    def _keep(self, decoded: bytes) -> None:
        room = decoded[: KEPT - self._size]
        self.cut = self.cut or len(room) < len(decoded)
        self._size += len(room)
        if room:
            self._kept.append(room)
