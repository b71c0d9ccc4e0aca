"""How fast a body came."""

from models.observations import HttpFetch

_LEAST_FOR_RATE = 2_000  # octets; less tells nothing


def rate_of(fetch: HttpFetch) -> float:
    """Returns how fast a body came, in octets a second; zero where too little came to tell."""
    if fetch.first_byte_us is None or fetch.last_byte_us is None or fetch.body_bytes < _LEAST_FOR_RATE:
        return 0.0
    return fetch.body_bytes * 1e6 / max(fetch.last_byte_us - fetch.first_byte_us, 1_000)
