"""The store: the one place that speaks SQL. Records are the truth; everything else here can be rebuilt from them."""

from models.store.errors import StoreError
from models.store.rows import (
    LOAD_BOUNDS_MS,
    Announcement,
    Change,
    Counts,
    Current,
    Day,
    Judged,
    Missed,
    Rejudged,
    Status,
    Stored,
    VerdictRow,
)
from models.store.store import Store, open_store

__all__ = [
    "LOAD_BOUNDS_MS",
    "Announcement",
    "Change",
    "Counts",
    "Current",
    "Day",
    "Judged",
    "Missed",
    "Rejudged",
    "Status",
    "Store",
    "StoreError",
    "Stored",
    "VerdictRow",
    "open_store",
]
