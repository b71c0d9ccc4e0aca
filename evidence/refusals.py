"""How a site's own server or its CDN says no: challenges, geoblocks, rate limits, and 451's account of who ordered it."""

import re

from models.observations import HttpFetch

_BLOCKED_BY = re.compile(r"<([^>]{1,500})>\s*;[^,]{0,200}\brel\s*=\s*\"?[^\",]{0,100}\bblocked-by\b", re.I)
_CHALLENGE_HEADERS = {
    "cf-mitigated": "Cloudflare",
    "x-datadome": "DataDome",
    "x-sucuri-block": "Sucuri",
    "x-amzn-waf-action": "AWS WAF",
    "x-vercel-mitigated": "Vercel",
}
_SERVERS = {
    "cloudflare": "Cloudflare",
    "akamaighost": "Akamai",
    "ddos-guard": "DDoS-Guard",
    "sucuri/cloudproxy": "Sucuri",
    "varnish": "Fastly or Varnish",
    "awselb": "AWS",
    "cloudfront": "CloudFront",
    "qrator": "Qrator",
}
_CHALLENGE_TITLES = (
    "just a moment",
    "attention required!",
    "ddos-guard",
    "pardon our interruption",
    "are you a robot",
    "security check",
    "one more step",
    "access to this page has been denied",
)
_OWN_TITLES = {
    "just a moment...": "Cloudflare",
    "attention required! | cloudflare": "Cloudflare",
    "ddos-guard": "DDoS-Guard",
}
"""Titles that these products' challenges bear, whatever the status."""
_GUARDS = frozenset({"Cloudflare", "Akamai", "DDoS-Guard", "Sucuri"})
_REFUSING = frozenset({202, 401, 403, 405, 406, 429, 503})


def challenger(fetch: HttpFetch, text: str, title: str | None) -> str | None:
    """Returns who put a challenge or a refusal of its own before the page, by its marks."""
    headers = {key.lower(): value for key, value in fetch.headers}
    for mark, who in _CHALLENGE_HEADERS.items():
        if mark in headers:
            return who
    told, cdn = (title or "").lower(), server(fetch)
    if told in _OWN_TITLES:
        return cdn or _OWN_TITLES[told]
    if fetch.status not in _REFUSING:
        return None
    if any(told.startswith(words) for words in _CHALLENGE_TITLES) or "captcha" in text[:20_000].lower():
        return cdn or "the server"
    return cdn if fetch.status in (403, 429, 503) and cdn in _GUARDS else None


def server(fetch: HttpFetch) -> str | None:
    """Returns the CDN that the answer's own headers name."""
    headers = {key.lower(): value.lower() for key, value in fetch.headers}
    named = headers.get("server", "")
    if "cf-ray" in headers:
        return "Cloudflare"
    return next((who for mark, who in _SERVERS.items() if named.startswith(mark)), None)


def states_blocked_by(fetch: HttpFetch) -> str | None:
    """Returns the party that a 451 answer names (RFC 7725, section 4)."""
    for key, value in fetch.headers:
        if key.lower() == "link" and (found := _BLOCKED_BY.search(value[:4000])):
            return found.group(1)
    return None
