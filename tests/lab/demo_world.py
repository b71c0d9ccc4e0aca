"""The story that `wallwatch demo` plays: sites, vantage points, a campaign, and censors that come and go."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from lab.censor import Action, Rule
from lab.sites import Site, ordinary_page

CAPITAL, COAST, ABROAD = "127.20.0.1", "127.20.0.2", "127.20.0.3"
"""The vantage points' source addresses."""

DAYS = 21
EVERY = timedelta(hours=8)

BLOCK_PAGE = (
    b"<!doctype html><html><head><title>Access to this site is restricted</title></head><body>"
    b"<h1>Access to this site is restricted</h1><p>By order of the simulated ministry, reference 2008/45.</p></body></html>"
)

SITES = {
    "amnesty": ("Amnesty (simulated)", "HUMR"),
    "rights-watch": ("Rights Watch (simulated)", "HUMR"),
    "free-press": ("Free Press (simulated)", "NEWS"),
    "radio": ("Radio (simulated)", "NEWS"),
    "petitions": ("Petitions (simulated)", "POLR"),
    "archive": ("Archive (simulated)", "HOST"),
    "encyclopedia": ("Encyclopedia (simulated)", "CULTR"),
    "video": ("Video (simulated)", "MMED"),
    "weather": ("Weather (simulated)", "PUBH"),
    "neutral": ("A harmless site (simulated)", "CTRL"),
}


def host(site: str) -> str:
    """Returns a site's name on the simulated internet."""
    return f"www.{site}.example"


def sites(end: datetime) -> list[Site]:
    """Returns the simulated sites; one of them is out of order for everybody for two days."""
    found = []
    for number, (site, (title, _)) in enumerate(SITES.items(), 1):
        name = host(site)
        size = 120_000 if site == "video" else 12_000
        down = end - timedelta(days=8) if site == "weather" else None
        found.append(
            Site(
                name=name,
                addresses=(f"127.30.0.{number}",),
                pages={"/": ordinary_page(title, size=size, words=site)},
                down_since=down,
                down_until=down + timedelta(days=2) if down else None,
            )
        )
    return found


def rules(end: datetime) -> list[Rule]:
    """Returns what the simulated censors do, and when; `end` is the end of the played days."""
    return [
        _rule(Action.HTTP_PAGE, "encyclopedia", end, 19, 4, CAPITAL, page=BLOCK_PAGE),
        _rule(Action.SNI_RESET, "amnesty", end, 18, 7, CAPITAL),
        _rule(Action.SNI_DROP, "amnesty", end, 17, 10, COAST),
        _rule(Action.DNS_FORGE, "rights-watch", end, 16, None, CAPITAL, addresses=("127.30.9.9",)),
        _rule(Action.DNS_INJECT, "free-press", end, 15, 3, COAST, addresses=("127.30.9.8",)),
        _rule(Action.IP_DROP, "petitions", end, 14, None, COAST),
        _rule(Action.DNS_NXDOMAIN, "radio", end, 13, 8, CAPITAL),
        _rule(Action.TLS_MITM, "archive", end, 12, 9, CAPITAL),
        _rule(Action.SNI_CLOSE, "video", end, 11, 5, COAST),
        _rule(Action.HTTP_RESET, "encyclopedia", end, 9, None, COAST),
        _rule(Action.SNI_RESET, "amnesty", end, 4, None, CAPITAL),
    ]


def _rule(
    action: Action,
    site: str,
    end: datetime,
    since_days: int,
    until_days: int | None,
    source: str,
    *,
    addresses: tuple[str, ...] = (),
    page: bytes = b"",
) -> Rule:
    # Half-way between two looks, so that the true instant lies inside the interval and not on its edge.
    shift = EVERY / 2
    return Rule(
        action=action,
        names=(host(site),),
        sources=(source,),
        since=end - timedelta(days=since_days) + shift,
        until=None if until_days is None else end - timedelta(days=until_days) + shift,
        addresses=addresses,
        page=page,
    )


PLAIN_SITES = frozenset({"encyclopedia"})
"""Those that are watched without TLS, so that a box can read and replace the page."""


def configuration(end: datetime, urls: Mapping[str, str], *, resolver: str, control: str) -> dict[str, object]:
    """Returns the demo's `targets.yaml` as plain data; `urls` maps each site to where it really listens."""
    return {
        "version": 1,
        "simulated": True,
        "defaults": {"every": "1m", "jitter": "10s", "timeout": "2s", "total_timeout": "20s", "dns_window": "1s"},
        "vantage_points": [
            _vantage("capital", "Capital Telecom (simulated)", CAPITAL, resolver, "XA", 64512),
            _vantage("coast", "Coast Mobile (simulated)", COAST, resolver, "XA", 64513),
            _vantage("abroad", "A line abroad (simulated)", ABROAD, resolver, "XB", 64514),
        ],
        "controls": [{"id": "control", "url": control}],
        "canaries": [{"id": "neutral", "url": urls["neutral"], "allow_private": True}],
        "contrasts": {"neutral_names": [host("neutral")]},
        "campaigns": [_campaign(end)],
        "targets": [
            {
                "id": site,
                "url": urls[site],
                "name": title,
                "category": category,
                "campaigns": ["keep-the-lines-open"] if site in _CAMPAIGN_SITES else [],
                "allow_private": True,
            }
            for site, (title, category) in SITES.items()
            if site != "neutral"
        ],
    }


_CAMPAIGN_SITES = ("amnesty", "rights-watch", "free-press", "radio", "petitions")


def _vantage(vantage: str, name: str, source: str, resolver: str, country: str, asn: int) -> dict[str, object]:
    return {
        "id": vantage,
        "name": name,
        "via": f"direct://?source={source}",
        "country": country,
        "asn": asn,
        "network": name,
        "resolvers": [resolver],
        "ipv6": False,
        "consent": {"by": "nobody: this is a simulation", "on": "2026-11-22"},
    }


def _day(end: datetime, days: int) -> str:
    return (end - timedelta(days=days)).date().isoformat()


def _campaign(end: datetime) -> dict[str, object]:
    return {
        "id": "keep-the-lines-open",
        "title": "Keep the Lines Open (simulated)",
        "organisation": "The demo's own invention",
        "summary": "A petition that exists only inside `wallwatch demo`.",
        "petition": _petition(end),
        "promises": [
            {
                "by": "The simulated ministry",
                "on": _day(end, 21),
                "quote": "Reporters will have full access to the internet.",
                "source": "https://press.example/promise",
            }
        ],
        "events": [
            {"on": _day(end, 17), "title": "A report is published", "source": "https://www.amnesty.example/report"},
            {"on": _day(end, 5), "title": "The games open"},
        ],
        "claims": _claims(end),
    }


def _petition(end: datetime) -> dict[str, object]:
    counts = ((20, 120), (15, 2_400), (8, 9_800), (1, 15_300))
    return {
        "url": "https://petition.example/keep-the-lines-open",
        "state": "open",
        "text": "The games are coming, and so are the reporters. Let them, and everybody, read what they want.",
        "demands": ["Open the blocked sites.", "Say in public which sites are blocked, and under which law."],
        "addressed_to": ["The simulated ministry"],
        "signatures": {
            "source": "manual",
            "counts": [{"on": _day(end, days), "total": total} for days, total in counts],
        },
    }


def _claims(end: datetime) -> list[dict[str, object]]:
    return [
        {
            "target": "amnesty",
            "where": "Press centre in the capital",
            "state": "blocked",
            "on": _day(end, 16),
            "by": "Reporters in the press centre (simulated)",
            "source": "https://press.example/claim",
            "weight": "first-hand",
        },
        {
            "target": "amnesty",
            "where": "The capital",
            "state": "reachable",
            "on": _day(end, 5),
            "by": "A reader (simulated)",
            "weight": "second-hand",
        },
    ]
