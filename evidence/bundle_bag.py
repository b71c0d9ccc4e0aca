"""The bag: payload, manifests and signature, in the form of BagIt 1.0 (RFC 8493)."""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from evidence.bundle_zip import ZipWriter
from evidence.signing import Signer

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
PUBLIC_KEY, SIGNATURE = "signing-key.pem", "signature.ed25519"
TAG_FILES = ("bagit.txt", MANIFEST, "bag-info.txt", PUBLIC_KEY)
Check = Callable[[str, BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a manifest."""

    path: str
    sha256: str
    size: int


class Bag:
    """Writes a bag into a zip; `check` sees each file of the payload before it is written, and may refuse it."""

    def __init__(self, file: BinaryIO, name: str, check: Check) -> None:
        self._zip = ZipWriter(file)
        self._name = name
        self._check = check
        self._payload: dict[str, Line] = {}
        self._tags: list[Line] = []
        self._tag("bagit.txt", DECLARATION)

    def __contains__(self, path: str) -> bool:
        return f"data/{path}" in self._payload

    def add(self, path: str, content: bytes | BinaryIO) -> None:
        """Writes a file of the payload, once; a path under `data/` is given without it."""
        if path in self:
            return
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        self._check(path, file)
        path = f"data/{path}"
        self._payload[path] = Line(path, *self._zip.add(f"{self._name}/{path}", file))

    def finish(self, info: Mapping[str, str], signer: Signer) -> None:
        """Writes manifests and signature, which covers all else by way of the tag manifest."""
        octets = sum(line.size for line in self._payload.values())
        told = {**info, "Payload-Oxum": f"{octets}.{len(self._payload)}"}
        self._tag(MANIFEST, _listed(self._payload.values()))
        self._tag("bag-info.txt", "".join(f"{key}: {value}\n" for key, value in told.items()).encode())
        self._tag(PUBLIC_KEY, signer.public_pem)
        listed = _listed(self._tags)
        self._tag(TAG_MANIFEST, listed)
        self._tag(SIGNATURE, signer.sign(listed))
        self._zip.finish()

    def _tag(self, path: str, content: bytes) -> None:
        self._tags.append(Line(path, *self._zip.add(f"{self._name}/{path}", io.BytesIO(content))))


def _listed(lines: Iterable[Line]) -> bytes:
    """Returns what `sha256sum -c` reads."""
    return "".join(f"{line.sha256}  {line.path}\n" for line in sorted(lines, key=lambda line: line.path)).encode()
