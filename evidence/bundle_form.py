"""Whether a bundle is whole: its files against its manifests, its manifests against its signature."""

import re

from evidence.bundle_bag import DECLARATION, MANIFEST, PUBLIC_KEY, SIGNATURE, TAG_FILES, TAG_MANIFEST
from evidence.bundle_open import Opened
from evidence.signing import key_id, signed

_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
_SHOWN = 20


def form_problems(opened: Opened, wanted_key: str | None) -> list[str]:
    """Returns what is wrong with files, manifests and signature; empty where all is as it was signed."""
    if opened.problems:
        return opened.problems
    problems = _signature(opened, wanted_key)
    tags = {path: each.sha256 for path, each in opened.files.items() if not path.startswith("data/")}
    for path in (TAG_MANIFEST, SIGNATURE):
        tags.pop(path, None)
    problems += _listed(opened, TAG_MANIFEST, tags)
    problems += [f"{path} is missing" for path in TAG_FILES if path not in opened.files]
    payload = {path: each.sha256 for path, each in opened.files.items() if path.startswith("data/")}
    problems += _listed(opened, MANIFEST, payload)
    if "bagit.txt" in opened.files and opened.read("bagit.txt") != DECLARATION:
        problems.append("bagit.txt is not that of BagIt 1.0")
    return list(dict.fromkeys(problems))


def key_of(opened: Opened) -> str | None:
    """Returns the id of the key that a bundle says it is signed by."""
    try:
        return key_id(opened.read(PUBLIC_KEY))
    except ValueError:
        return None


def _signature(opened: Opened, wanted_key: str | None) -> list[str]:
    try:
        listed, signature, public = (opened.read(path) for path in (TAG_MANIFEST, SIGNATURE, PUBLIC_KEY))
        if not signed(listed, signature, public):
            return [f"{SIGNATURE} does not sign {TAG_MANIFEST} with the key in {PUBLIC_KEY}"]
        found = key_id(public)
    except ValueError as error:
        return [f"the signature cannot be checked: {error}"]
    if wanted_key is not None and found != wanted_key:
        return [f"it is signed by key {found}, not by the key asked for"]
    return []


def _listed(opened: Opened, manifest: str, found: dict[str, str]) -> list[str]:
    """Holds files against a manifest, both ways."""
    try:
        said = _read(opened.read(manifest).decode(), manifest)
    except ValueError as error:
        return [str(error)]
    changed = sorted(path for path in said.keys() & found.keys() if said[path] != found[path])
    problems = [f"{path} was changed: its SHA-256 is not that in {manifest}" for path in changed[:_SHOWN]]
    problems += [f"{path} is missing" for path in sorted(said.keys() - found.keys())[:_SHOWN]]
    problems += [
        f"{path} was added: {manifest} does not list it" for path in sorted(found.keys() - said.keys())[:_SHOWN]
    ]
    return problems


def _read(text: str, manifest: str) -> dict[str, str]:
    said: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.fullmatch(line)
        if found is None or found[2] in said:
            raise ValueError(f"{manifest}, line {number}: {line[:100]!r} is no line of a manifest, or there twice")
        said[found[2]] = found[1]
    return said
