"""Response headers as sites send them: each site has its own list, and each look its own dates, ids and counters.

In a template `{hex8}`, `{hex16}`, `{int}`, `{date}` … differ between looks; `{name}` and `{word}` belong to the site.
"""

import random
from collections.abc import Callable
from datetime import datetime

Headers = tuple[tuple[str, str], ...]

_ALWAYS = (("Date", "{date}"), ("Content-Type", "text/html; charset=UTF-8"))
_POOL = (
    ("Transfer-Encoding", "chunked"), ("Connection", "keep-alive"), ("Connection", "close"), ("Vary", "Accept-Encoding"),
    ("Vary", "Accept-Encoding, Cookie"), ("Vary", "Accept-Encoding, User-Agent, Origin"), ("Content-Encoding", "gzip"), ("Content-Length", "{int}"),
    ("Last-Modified", "{date}"), ("Expires", "{date}"), ("Expires", "Thu, 19 Nov 1981 08:52:00 GMT"), ("Pragma", "no-cache"),
    ("Cache-Control", "no-store, no-cache, must-revalidate"), ("Cache-Control", "max-age=0, must-revalidate, private"),
    ("Cache-Control", "public, max-age=600, s-maxage=3600, stale-while-revalidate=86400"), ("ETag", 'W/"{site16}"'), ("ETag", '"{hex16}"'), ("Age", "{int}"),
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload"), ("Strict-Transport-Security", "max-age=15552000"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "SAMEORIGIN"),
    ("X-Frame-Options", "DENY"), ("X-XSS-Protection", "1; mode=block"), ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Referrer-Policy", "no-referrer-when-downgrade"), ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()"),
    ("Content-Security-Policy", "upgrade-insecure-requests"), ("Content-Security-Policy", "frame-ancestors 'self' https://*.{name}"),
    ("Content-Security-Policy", "default-src 'self' 'unsafe-inline' 'unsafe-eval' https: data: blob:; img-src 'self' data: https://cdn.{name} https://*.{word}-images.net; "
     "script-src 'self' 'nonce-{hex16}' https://www.googletagmanager.com https://www.google-analytics.com https://static.{name}; connect-src 'self' https://api.{name}; object-src 'none'; report-uri /csp"),
    ("Cross-Origin-Opener-Policy", "same-origin-allow-popups"), ("Access-Control-Allow-Origin", "*"), ("X-UA-Compatible", "IE=edge"), ("X-Cache", "HIT"), ("X-Cache", "MISS from {word}"),
    ("X-Cache", "Hit from cloudfront"), ("Via", "1.1 varnish"), ("Via", "1.1 {hex16}.cloudfront.net (CloudFront)"), ("X-Amz-Cf-Pop", "FRA{small}-C1"), ("X-Amz-Cf-Id", "{b64}=="),
    ("X-Served-By", "cache-fra-etou{int}-FRA, cache-lon{int}-LON"), ("X-Cache-Hits", "{small}, {small}"), ("X-Timer", "S{int}.{int},VS0,VE{small}"), ("X-Varnish", "{int} {int}"),
    ("CF-RAY", "{hex8}-FRA"), ("CF-Cache-Status", "DYNAMIC"), ("CF-Cache-Status", "HIT"), ("alt-svc", 'h3=":443"; ma=86400'),
    ("NEL", '{{"success_fraction":0,"report_to":"cf-nel","max_age":604800}}'),
    ("Report-To", '{{"endpoints":[{{"url":"https:\\/\\/a.nel.cloudflare.com\\/report\\/v4?s={b64}{b64}"}}],"group":"cf-nel","max_age":604800}}'),
    ("Server-Timing", "cfL4;desc=\"?proto=TCP&rtt={int}&min_rtt={int}&cid={hex8}&ts={int}\""), ("Link", '<https://{name}/wp-json/>; rel="https://api.w.org/"'),
    ("Link", '<https://{name}/wp-json/wp/v2/pages/{small}>; rel="alternate"; title="JSON"; type="application/json"'), ("Link", "<https://static.{name}/{word}.css>; rel=preload; as=style"),
    ("X-Powered-By", "PHP/8.2.{small}"), ("X-Powered-By", "Next.js"), ("X-Powered-By", "ASP.NET"), ("X-Generator", "Drupal 10 (https://www.drupal.org)"), ("X-Drupal-Cache", "HIT"),
    ("X-Drupal-Dynamic-Cache", "MISS"), ("X-Request-Id", "{uuid}"), ("X-Runtime", "0.{int}"), ("X-Pantheon-Styx-Hostname", "styx-fe{small}-{word}"), ("X-Proxy-Cache", "MISS"), ("X-Nginx-Cache-Status", "MISS"),
    ("Set-Cookie", "{word}={b64}; path=/; HttpOnly; Secure; SameSite=Lax"), ("Set-Cookie", "PHPSESSID={site16}{hex8}; path=/; secure; HttpOnly"),
    ("Set-Cookie", "__cf_bm={b64}{b64}; path=/; expires={date}; domain=.{name}; HttpOnly; Secure; SameSite=None"), ("Set-Cookie", "AWSALB={b64}{b64}; Expires={date}; Path=/"),
    ("P3P", 'CP="NOI ADM DEV PSAi COM NAV OUR OTRo STP IND DEM"'), ("Accept-Ranges", "bytes"), ("Content-Language", "en"), ("X-Robots-Tag", "index, follow"), ("Keep-Alive", "timeout=5, max=100"),
    ("Upgrade", "h2,h2c"), ("X-Akamai-Transformed", "9 - 0 pmb=mRUM,1"), ("Akamai-GRN", "0.{hex8}.{int}.{hex8}"), ("X-Cdn", "Imperva"), ("X-Iinfo", "{int}-{int}-{int} NNNN CT({small} {small} 0) RT({int} {small})"),
)  # fmt: skip
_SERVERS = (
    "nginx", "nginx/1.24.0 (Ubuntu)", "cloudflare", "Apache", "Apache/2.4.62 (Debian)", "AkamaiGHost", "openresty/1.25.3.2", "LiteSpeed", "Microsoft-IIS/10.0",
    "AmazonS3", "CloudFront", "Varnish", "gws", "Tengine", "ddos-guard", "QRATOR", "DPS/2.0.0", "Vercel", "GitHub.com", "Apache/2.2.15 (CentOS)",
)  # fmt: skip
_B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def site_headers(rng: random.Random, name: str, word: str) -> Callable[[random.Random, datetime], Headers]:
    """Chooses a site's list of about 20, and returns what makes one look's headers of it."""
    chosen = [*_ALWAYS, ("Server", rng.choice(_SERVERS)), *rng.sample(_POOL, rng.randrange(14, 21))]
    site16 = rng.randbytes(16).hex()

    def of_look(rng: random.Random, at: datetime) -> Headers:
        return tuple(
            (key, value.format_map(_Fresh(rng, at, {"name": name, "word": word, "site16": site16})))
            for key, value in chosen
        )

    return of_look


class _Fresh(dict[str, str]):
    """Gives each placeholder of a template a new value each time."""

    def __init__(self, rng: random.Random, at: datetime, fixed: dict[str, str]) -> None:
        super().__init__(fixed)
        self._rng, self._at = rng, at

    def __missing__(self, key: str) -> str:
        rng = self._rng
        makers: dict[str, Callable[[], str]] = {
            "date": lambda: self._at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "hex8": lambda: rng.randbytes(8).hex(),
            "hex16": lambda: rng.randbytes(16).hex(),
            "b64": lambda: "".join(rng.choices(_B64, k=43)),
            "int": lambda: str(rng.randrange(1_000_000)),
            "small": lambda: str(rng.randrange(60)),
            "uuid": lambda: "-".join(rng.randbytes(size).hex() for size in (4, 2, 2, 2, 6)),
        }
        return makers[key]()
