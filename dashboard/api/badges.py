"""Badges, as SVG for people's own sites and as JSON for shields.io; the only answers that other sites may show."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response

from dashboard.api.answers import ERRORS, TaggedRoute, nothing
from dashboard.api.shapes import Shield
from dashboard.drawing.badge import Badge, svg
from dashboard.house import the_house
from dashboard.shown.badges import campaign_badge, target_badge
from dashboard.shown.overview import rows_of

router = APIRouter(prefix="/badge", route_class=TaggedRoute, tags=["badges"], responses=ERRORS)
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}, "description": "The badge."}}


def _target(name: str) -> Badge:
    house, now = the_house(), datetime.now(UTC)
    rows = rows_of(house.keeper.loaded().configuration, house.reader.current(), (), now)
    found = next((row.target for row in rows if row.target.id == name), None)
    if found is None:
        raise nothing("target", name, "/api/v1/targets")
    return target_badge(house, found, now)


def _campaign(name: str) -> Badge:
    house, now = the_house(), datetime.now(UTC)
    found = next((c for c in house.keeper.loaded().configuration.campaigns if c.id == name), None)
    if found is None:
        raise nothing("campaign", name, "/api/v1/campaigns")
    return campaign_badge(house, found, now)


def _picture(badge: Badge) -> Response:
    return Response(svg(badge), media_type="image/svg+xml", headers={"cache-control": "public, max-age=300"})


def _shield(badge: Badge) -> Shield:
    return Shield(label=badge.label[:60], message=badge.message, color=badge.colour.removeprefix("#"))


@router.get("/target/{id}.svg", summary="A target's badge", response_class=Response, responses=PICTURE)
def target_svg(id: str) -> Response:  # noqa: A002
    """Draws from how many vantage points the target is blocked; says so when the last look is old."""
    return _picture(_target(id))


@router.get("/target/{id}.json", summary="A target's badge for shields.io")
def target_shield(id: str) -> Shield:  # noqa: A002
    """Says the same for shields.io."""
    return _shield(_target(id))


@router.get("/campaign/{id}.svg", summary="A campaign's badge", response_class=Response, responses=PICTURE)
def campaign_svg(id: str) -> Response:  # noqa: A002
    """Draws how many of the campaign's sites are blocked."""
    return _picture(_campaign(id))


@router.get("/campaign/{id}.json", summary="A campaign's badge for shields.io")
def campaign_shield(id: str) -> Shield:  # noqa: A002
    """Says the same for shields.io."""
    return _shield(_campaign(id))
