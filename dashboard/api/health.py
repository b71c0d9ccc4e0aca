"""Health for machines: `/healthz` and Prometheus metrics. Health only: nothing about readers, no addresses."""

from collections.abc import Iterable
from datetime import UTC, datetime

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard.house import the_house
from dashboard.shown.status import scheduler_lag
from models.words import Outcome

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Whether this process can answer")
def healthz() -> dict[str, str]:
    """Answers ok while the process works; `store` tells whether there is a store yet."""
    return {"status": "ok", "store": "open" if the_house().reader.store() is not None else "missing"}


class _Health(Collector):
    """Reads the store when it is asked, so that nothing has to be counted in between."""

    def collect(self) -> Iterable[Metric]:
        house, now = the_house(), datetime.now(UTC)
        counts, current = house.reader.counts(), house.reader.current()
        loaded = house.keeper.loaded()
        yield _gauge(
            "wallwatch_config_reload_success", "1 while the configuration file is good.", 0 if loaded.error else 1
        )
        yield _gauge("wallwatch_store_open", "1 while there is a store to read.", 1 if counts else 0)
        if counts is not None:
            yield _gauge("wallwatch_measurements", "Measurements in the store.", counts.measurements)
            if counts.bytes is not None:
                yield _gauge("wallwatch_store_bytes", "Size of the store on disk.", counts.bytes)
            if counts.last_at is not None:
                yield _gauge(
                    "wallwatch_last_look_age_seconds", "Age of the last look.", (now - counts.last_at).total_seconds()
                )
        lag = scheduler_lag(house.reader.status())
        if lag is not None:
            yield _gauge("wallwatch_schedule_lag_seconds", "How late the latest look was started.", lag)
        pairs = GaugeMetricFamily(
            "wallwatch_pairs",
            "Pairs of target and vantage point by the outcome of their last look.",
            labels=["outcome"],
        )
        for outcome in Outcome:
            pairs.add_metric([outcome.value], sum(1 for c in current if c.outcome == outcome))
        yield pairs


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


_registry = CollectorRegistry(auto_describe=False)
_registry.register(_Health())


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
def metrics() -> Response:
    """Returns health as Prometheus reads it."""
    return Response(generate_latest(_registry), media_type=CONTENT_TYPE_LATEST)
