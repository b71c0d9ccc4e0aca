"""What OONI's test helper saw (its reply in `control`) as a control's report."""

from evidence.ooni_endpoints import address, endpoint
from evidence.ooni_steps import headers_of
from evidence.ooni_words import Json, asn, failure, mapping, text, whole
from models.observations import ControlEndpoint, ControlReport

_MOST = 100
_VALID = 8  # ip_info flag: shook hands for the name with a valid certificate


def report(keys: Json, url: str, helpers: object, by_probe: dict[str, int]) -> tuple[ControlReport, ...]:
    """Returns the one report, or none where the record holds no control at all."""
    control, failed = mapping(keys.get("control")), failure(keys.get("control_failure"))
    where = _helper(helpers)
    if failed is None and not control:
        return ()
    if failed is not None:
        return (
            ControlReport(id="ooni-test-helper", url=where, asked_url=url, started_us=0, duration_us=0, failure=failed),
        )
    dns, page = mapping(control.get("dns")), mapping(control.get("http_request"))
    status = whole(page.get("status_code"), 100, 999)
    page_failure = failure(page.get("failure"))
    endpoints, flags = _endpoints(control), mapping(control.get("ip_info"))
    return (
        ControlReport(
            id="ooni-test-helper",
            url=where,
            asked_url=url,
            started_us=0,
            duration_us=0,
            failure=None,
            dns_failure=failure(dns.get("failure")),
            addresses=_addresses(dns.get("addrs")),
            endpoints=endpoints,
            valid_addresses=_valid(endpoints, flags),
            asns=tuple(sorted((by_probe | _asns(flags)).items())),
            http_tried=status is not None or page_failure is not None,
            http_failure=page_failure,
            status=status,
            title=text(page.get("title"), 500),
            headers=headers_of(page),
            body_length=whole(page.get("body_length"), 0, 1 << 40),
        ),
    )


def _helper(helpers: object) -> str:
    backend = mapping(helpers).get("backend")
    return text(backend, 300) or text(mapping(backend).get("address"), 300) or "https://th.ooni.org/"


def _addresses(values: object) -> tuple[str, ...]:
    found = (address(value) for value in values[:_MOST]) if isinstance(values, list) else ()
    return tuple(dict.fromkeys(where for where in found if where))


def _endpoints(control: Json) -> tuple[ControlEndpoint, ...]:
    shaken = mapping(control.get("tls_handshake"))
    found = []
    for name, met in list(mapping(control.get("tcp_connect")).items())[:_MOST]:
        where = endpoint(name)
        if where is None:
            continue
        tls = mapping(shaken.get(name))
        connected = failure(mapping(met).get("failure"), succeeded=mapping(met).get("status"))
        found.append(
            ControlEndpoint(
                address=where[0],
                port=where[1],
                tcp_failure=connected,
                tls_tried=bool(tls),
                tls_failure=failure(tls.get("failure"), succeeded=tls.get("status")) if tls else None,
            )
        )
    return tuple(found)


def _valid(endpoints: tuple[ControlEndpoint, ...], flags: Json) -> tuple[str, ...]:
    shook = [e.address for e in endpoints if e.tls_tried and e.tls_failure is None]
    flagged = [
        where
        for name, info in list(flags.items())[:_MOST]
        if (where := address(name)) and (whole(mapping(info).get("flags"), 0, 1 << 20) or 0) & _VALID
    ]
    return tuple(dict.fromkeys(shook + flagged))


def _asns(flags: Json) -> dict[str, int]:
    found = ((address(name), asn(mapping(info).get("asn"))) for name, info in list(flags.items())[:_MOST])
    return {where: number for where, number in found if where and number}
