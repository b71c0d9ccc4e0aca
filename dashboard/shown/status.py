"""What the prober left for the pages, read with care: documents come from another process and another version."""

from collections.abc import Mapping

from models.store import Status


def scheduler_lag(status: Mapping[str, Status]) -> float | None:
    """Returns how late the latest look was started, in seconds, where the prober tells."""
    return number(status.get("scheduler"), "lag_seconds")


def number(status: Status | None, key: str) -> float | None:
    """Returns one number of a document, or null where there is none."""
    value = mapping(status).get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def mapping(status: Status | None) -> Mapping[str, object]:
    """Returns a document as a mapping, empty where it is none."""
    return status.document if status is not None and isinstance(status.document, dict) else {}
