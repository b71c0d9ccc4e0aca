"""Targets, vantage points, campaigns, episodes and status."""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request

from dashboard.api.answers import ERRORS, TaggedRoute, nothing
from dashboard.api.shapes import (
    Campaigns,
    CampaignShape,
    DayShape,
    Episodes,
    State,
    StatusShape,
    Targets,
    TargetShape,
    VantagePoints,
    VantageShape,
)
from dashboard.house import House, the_house
from dashboard.shown.claim import sentence, sites_of, today
from dashboard.shown.overview import Cell, Row, rows_of, vantages_of
from evidence.episodes import to_json
from models.store import Current
from models.targets import Campaign, VantagePoint
from models.words import EpisodeState

router = APIRouter(prefix="/api/v1", route_class=TaggedRoute, responses=ERRORS)
Name = Annotated[str | None, Query(max_length=200)]


def _rows(house: House) -> list[Row]:
    configuration, current = house.keeper.loaded().configuration, house.reader.current()
    vantages = vantages_of(configuration, current)
    return sorted(rows_of(configuration, current, vantages, datetime.now(UTC)), key=lambda row: row.target.id)


@router.get("/targets", summary="Targets and where they stand", tags=["targets"])
def targets(
    request: Request,
    campaign: Name = None,
    category: Name = None,
    after: Annotated[str | None, Query(max_length=200, description="Targets whose id comes after this one.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> Targets:
    """Lists targets by id, each with its state at every vantage point from which it was looked at."""
    rows = [
        row
        for row in _rows(the_house())
        if (after is None or row.target.id > after)
        and (campaign is None or campaign in row.target.campaigns)
        and (category is None or category == row.target.category)
    ]
    request.state.last_modified = max((row.last for row in rows if row.last), default=None)
    more = None
    if len(rows) > limit:
        more = f"{request.url.path}?{urlencode({**request.query_params, 'after': rows[limit - 1].target.id})}"
    return Targets(targets=[_target(row) for row in rows[:limit]], next=more)


@router.get("/targets/{id}", summary="One target", tags=["targets"])
def target(request: Request, id: str) -> TargetShape:  # noqa: A002
    """Returns one target and where it stands."""
    row = _row(id)
    request.state.last_modified = row.last
    return _target(row)


@router.get("/targets/{id}/days", summary="One target's daily counts", tags=["targets"])
def days(request: Request, id: str, days: Annotated[int, Query(ge=1, le=3660)] = 90) -> list[DayShape]:  # noqa: A002
    """Returns the counts of the last days, for each vantage point, days without a look left out."""
    row = _row(id)
    request.state.last_modified = row.last
    found = the_house().reader.daily(id, days, row.last)
    return [DayShape.model_validate(d, from_attributes=True) for d in found]


def _row(name: str) -> Row:
    row = next((row for row in _rows(the_house()) if row.target.id == name), None)
    if row is None:
        raise nothing("target", name, "/api/v1/targets")
    return row


def _target(row: Row) -> TargetShape:
    t = row.target
    return TargetShape(
        id=t.id,
        url=t.url or None,
        name=t.name,
        category=t.category,
        campaigns=list(t.campaigns),
        tags=list(t.tags),
        configured=row.configured,
        states=[_state(cell, cell.current) for cell in row.cells if cell.current],
    )


def _state(cell: Cell, current: Current) -> State:
    return State(
        vantage=current.vantage,
        outcome=current.outcome,
        stage=current.stage,
        mechanism=current.mechanism,
        rule=current.rule,
        reason=current.reason,
        at=current.at,
        since=current.since,
        in_a_row=current.in_a_row,
        looks=current.looks,
        measurement=current.measurement,
        episode=current.episode,
        episode_state=current.episode_state,
        stale=cell.stale,
    )


@router.get("/vantage-points", summary="Where we look from", tags=["vantage points"])
def vantage_points() -> VantagePoints:
    """Lists vantage points with network, consent and what their canaries showed last; never an address."""
    house = the_house()
    current, status = house.reader.current(), house.reader.status()
    found = []
    for vantage in vantages_of(house.keeper.loaded().configuration, current):
        last = max((c.at for c in current if c.vantage == vantage.id), default=None)
        left = status.get(f"vantage:{vantage.id}")
        found.append(_vantage(vantage, last, left.document if left else None))
    return VantagePoints(vantage_points=found)


def _vantage(vantage: VantagePoint, last: datetime | None, canaries: object) -> VantageShape:
    consent = vantage.consent
    return VantageShape(
        id=vantage.id,
        name=vantage.name,
        via=vantage.via.partition("://")[0],
        country=vantage.country,
        asn=vantage.asn,
        network=vantage.network,
        risk=vantage.risk,
        consent=f"{consent.by}, {consent.on.isoformat()}" if consent else None,
        in_use=vantage.enabled and consent is not None,
        last_look=last,
        canaries=canaries,
    )


@router.get("/campaigns", summary="Campaigns", tags=["campaigns"])
def campaigns() -> Campaigns:
    """Lists campaigns with petition, promises, events and claims by others."""
    house = the_house()
    return Campaigns(campaigns=[_campaign(house, c) for c in house.keeper.loaded().configuration.campaigns])


@router.get("/campaigns/{id}", summary="One campaign", tags=["campaigns"])
def campaign(id: str) -> CampaignShape:  # noqa: A002
    """Returns one campaign and today's state in one sentence."""
    house = the_house()
    found = next((c for c in house.keeper.loaded().configuration.campaigns if c.id == id), None)
    if found is None:
        raise nothing("campaign", id, "/api/v1/campaigns")
    return _campaign(house, found)


def _campaign(house: House, found: Campaign) -> CampaignShape:
    configuration = house.keeper.loaded().configuration
    sites = sites_of(found, configuration)
    state = today(sites, house.reader.current(), configuration.defaults.every, datetime.now(UTC))
    plain: dict[str, Any] = found.model_dump(mode="json", exclude={"petition": {"signatures": {"file", "url"}}})
    return CampaignShape.model_validate({**plain, "targets": [t.id for t in sites], "sentence": sentence(state)})


@router.get("/episodes", summary="Block episodes, the latest onset first", tags=["episodes"])
def episodes(
    target: Name = None,
    vantage: Name = None,
    state: EpisodeState | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Episodes:
    """Lists episodes in the contract's form: onset and release are intervals."""
    found = the_house().reader.episodes(target, vantage, state=state, limit=limit)
    return Episodes(episodes=[to_json(e) for e in found])


@router.get("/episodes/{id}", summary="One episode", tags=["episodes"])
def episode(id: str) -> dict[str, Any]:  # noqa: A002
    """Returns one episode in the contract's form."""
    found = the_house().reader.episode(id)
    if found is None:
        raise nothing("episode", id, "/api/v1/episodes")
    return to_json(found)


@router.get("/status", summary="How wallwatch itself is", tags=["status"])
def status() -> StatusShape:
    """Returns the size of the store, the state of the configuration, and what the prober left."""
    house = the_house()
    loaded, counts = house.keeper.loaded(), house.reader.counts()
    return StatusShape(
        simulated=loaded.configuration.simulated,
        measurements=counts.measurements if counts else 0,
        episodes=counts.episodes if counts else 0,
        first_look=counts.first_at if counts else None,
        last_look=counts.last_at if counts else None,
        store="open" if counts else "missing",
        configuration_error=loaded.error,
        configuration_since=loaded.good_since,
        documents={name: {"at": s.at.isoformat(), "document": s.document} for name, s in house.reader.status().items()},
    )
