"""What the prober left for the pages, read with care: documents come from another process and another version."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.store import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryLine:
    """One canary as the prober last saw it."""

    id: str
    held: bool
    detail: str


def scheduler_lag(status: Mapping[str, Status]) -> float | None:
    """Returns how late the latest look was started, in seconds, where the prober tells."""
    value = mapping(status.get("scheduler")).get("lag_seconds")
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return max(0.0, float(value)) if known and isinstance(value, int | float) else None


def mapping(status: Status | None) -> Mapping[str, object]:
    """Returns a document as a mapping, empty where it is none."""
    return status.document if status is not None and isinstance(status.document, dict) else {}


def canary_lines(status: Status | None) -> list[CanaryLine]:
    """Returns a vantage point's canaries, as far as its document can be read."""
    listed = mapping(status).get("canaries")
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [
        CanaryLine(
            id=str(c.get("id", "?")), held=c.get("held") is True, detail=str(c.get("detail") or c.get("failure") or "")
        )
        for c in found[:50]
    ]


def document_rows(status: Status) -> list[tuple[str, str]]:
    """Returns a document as rows of key and value, for operators."""
    document = status.document
    rows = document.items() if isinstance(document, dict) else [("", document)]
    return [
        (str(key), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in list(rows)[:100]
    ]


def works(status: Status | None) -> bool | None:
    """Returns whether the prober trusts a vantage point; null where it has not tried, or does not tell."""
    value = mapping(status).get("working")
    return value if isinstance(value, bool) else None


def instant(status: Status | None, key: str) -> datetime | None:
    """Returns an instant that a document holds; null where it holds none that can be read."""
    value = mapping(status).get(key)
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def coming_looks(status: Mapping[str, Status], most: int = 3) -> list[str]:
    """Returns the next looks of the schedule, in words."""
    listed = mapping(status.get("scheduler")).get("coming")
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [
        f"{one.get('target')} / {one.get('vantage')} · {str(one.get('at'))[:19].replace('T', ' ')} UTC"
        for one in found[:most]
    ]


def last_change(status: Mapping[str, Status]) -> list[str]:
    """Returns what the last reload of the configuration changed, a sentence each."""
    change = mapping(status.get("configuration")).get("last_change")
    sentences = change.get("sentences") if isinstance(change, dict) else None
    return [str(one) for one in sentences[:50]] if isinstance(sentences, list) else []
