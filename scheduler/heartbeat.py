"""What the prober tells the pages about itself every few seconds."""

import asyncio
import os
import resource
import sys
from datetime import UTC, datetime
from typing import Any

from scheduler.looker import Looker

COMING = 20


def document(
    looker: Looker, *, started_at: datetime, loop_lag: float, clock: dict[str, str] | None, ready: bool
) -> dict[str, Any]:
    """Returns the status document "scheduler"."""
    table, sink, tally = looker.timetable, looker.sink, looker.tally
    return {
        "pid": os.getpid(),
        "state": "paused" if sink.trouble else "measuring" if ready else "starting",
        "started_at": started_at.isoformat(),
        "pairs": len(table),
        "targets": len(looker.plans.targets),
        "vantage_points": len(looker.plans.vantages),
        "waiting": len(looker.room) + looker.queue.qsize(),
        "in_flight": len(looker.flying),
        "most_in_flight": looker.most,
        "looks": {
            "started": tally.started,
            "finished": tally.finished,
            "failed": tally.failed,
            "held_back": tally.held_back,
        },
        "outcomes": tally.by_outcome,
        "due": table.counts.due,
        "missed": table.counts.missed,
        "overlapped": table.counts.overlapped,
        "job_errors": table.counts.errors,
        "lag_seconds": looker.lags[-1] if looker.lags else None,
        "lag_p95_seconds": _p95(list(looker.lags)),
        "loop_lag_seconds": round(loop_lag, 4),
        "looks_a_second": round(table.demand(), 4),
        "starts_a_second": looker.pacing.limits.a_second,
        "quiet_addresses": looker.pacing.quiet(asyncio.get_running_loop().time()),
        "journal": {"bytes": sink.journal_bytes, "unsettled": sink.unsettled},
        "store": {"pending": sink.pending, "written": sink.stored, "error": sink.store_error},
        "trouble": sink.trouble,
        "clock": clock,
        "memory_bytes": _memory(),
        "coming": _coming(looker) if ready else [],
    }


def _coming(looker: Looker) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    return [
        {
            "target": due.pair.target,
            "vantage": due.pair.vantage,
            "at": due.at.isoformat(),
            "in_seconds": round((due.at - now).total_seconds(), 1),
            "follow_up": due.follow_up,
        }
        for due in looker.timetable.coming(COMING)
    ]


def _p95(values: list[float]) -> float | None:
    return round(sorted(values)[int(0.95 * (len(values) - 1))], 3) if values else None


def _memory() -> int:
    """Returns the most memory this process ever held, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
