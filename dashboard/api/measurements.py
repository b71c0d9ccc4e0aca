"""Measurements: lists by filter, single records as the very bytes that were hashed, blobs by digest."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi import Path as InPath

from dashboard.api.answers import ERRORS, TaggedRoute, nothing
from dashboard.api.paging import Cursor, Wanted, cursor, page
from dashboard.api.shapes import ContrastShape, Measurements, MeasurementShape, VerdictShape
from dashboard.drawing import links
from dashboard.house import the_house
from dashboard.shown.contrasts import contrast_lines
from dashboard.shown.rules import rule_of
from models.observations import Contrast
from models.store import VerdictRow
from models.verdict import Verdict
from models.words import Outcome

router = APIRouter(prefix="/api/v1", route_class=TaggedRoute, tags=["measurements"], responses=ERRORS)

Digest = Annotated[str, InPath(pattern=r"^sha256:[0-9a-f]{64}$", description="sha256: and 64 hexadecimal digits")]
FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}


@router.get("/measurements", summary="Looks, newest first")
def measurements(  # noqa: PLR0917 - the parameters of the URL
    request: Request,
    target: Annotated[str | None, Query(max_length=200)] = None,
    vantage: Annotated[str | None, Query(max_length=200)] = None,
    outcome: Outcome | None = None,
    since: Annotated[datetime | None, Query(description="Not before this instant.")] = None,
    until: Annotated[datetime | None, Query(description="Before this instant.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=120, description="As `next` gave it.")] = None,
) -> Measurements:
    """Lists looks by target, vantage point, outcome and time."""
    reader = the_house().reader
    wanted = Wanted(outcome=outcome.value if outcome else None, since=_aware(since), until=_aware(until))
    rows, after = page(lambda n, before: reader.recent(target, vantage, n, before), wanted, limit, _cursor(cursor))
    given = [_shape(row) for row in rows]
    if given:
        request.state.last_modified = given[0].at
    return Measurements(measurements=given, next=_next(request, after))


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _cursor(text: str | None) -> Cursor | None:
    try:
        return cursor(text) if text else None
    except ValueError as exc:
        raise HTTPException(
            422, {"error": f"cursor: {exc}", "what_to_do": "Follow `next`, or leave the cursor out."}
        ) from exc


def _next(request: Request, after: Cursor | None) -> str | None:
    if after is None:
        return None
    return f"{request.url.path}?{urlencode({**request.query_params, 'cursor': str(after)})}"


def _shape(row: VerdictRow) -> MeasurementShape:
    return MeasurementShape(
        id=row.measurement,
        target=row.target,
        vantage=row.vantage,
        at=row.at,
        outcome=row.outcome,
        stage=row.stage,
        mechanism=row.mechanism,
        also=[str(m) for m in row.also],
        rule=row.rule,
        ruleset=row.ruleset,
        fingerprints=row.fingerprints,
        runtime_us=row.runtime_us,
        dns_us=row.dns_us,
        tcp_us=row.tcp_us,
        tls_us=row.tls_us,
        http_us=row.http_us,
        load_us=row.load_us,
    )


@router.get(
    "/measurements/{id}",
    summary="One record, byte for byte",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}, "description": "The canonical JSON; its SHA-256 is the id."}},
)
def measurement(id: Digest) -> Response:  # noqa: A002
    """Returns the record's canonical JSON: `sha256sum` of what comes is the id that was asked for."""
    record = the_house().reader.record(id)
    if record is None:
        raise nothing("measurement", id, "/api/v1/measurements")
    name = f'attachment; filename="{id.replace(":", "-")}.json"'
    return Response(record, media_type="application/json", headers={**FOR_GOOD, "content-disposition": name})


@router.get("/measurements/{id}/verdict", summary="What the rules say of one measurement")
def verdict(id: Digest) -> VerdictShape:  # noqa: A002
    """Returns the verdict with its rule, its reasons and what would have changed it."""
    found = the_house().reader.verdict(id)
    if found is None:
        raise nothing("measurement", id, "/api/v1/measurements")
    record = the_house().reader.measurement(id)
    return _verdict(found, record.contrasts if record else ())


def _verdict(found: Verdict, contrasts: Sequence[Contrast]) -> VerdictShape:
    known = rule_of(found.rule)
    return VerdictShape(
        outcome=found.outcome,
        stage=found.stage,
        mechanism=found.mechanism,
        also=[str(m) for m in found.also],
        rule=found.rule,
        ruleset=found.ruleset,
        fingerprints=found.fingerprints,
        reasons=list(found.reasons),
        facts=list(found.facts),
        control_saw=found.control_saw,
        contrasts_showed=list(found.contrasts_showed),
        contrasts=[ContrastShape.model_validate(line, from_attributes=True) for line in contrast_lines(contrasts)],
        rule_says=known.sentence if known else None,
        rule_link=links.rule(found.rule) if known else None,
        would_change=list(found.would_change),
    )


@router.get(
    "/blobs/{digest}",
    summary="One blob: a body, a certificate, a DNS message",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The bytes; their SHA-256 is the digest."}
    },
)
def blob(digest: Digest) -> Response:
    """Returns a blob as a download, never as something that a browser would open."""
    found = the_house().reader.blob(digest)
    if found is None:
        raise nothing("blob", digest, "Each record of /api/v1/measurements")
    name = f'attachment; filename="{digest.replace(":", "-")}.bin"'
    headers = {**FOR_GOOD, "content-disposition": name, "content-security-policy": "sandbox"}
    return Response(found, media_type="application/octet-stream", headers=headers)
