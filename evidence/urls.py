"""The host of a URL; what sends URLs is hostile, so nothing is raised."""

from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """Returns a URL's host in lower case, empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
