"""Logs: lines for people on a terminal, JSON for machines; passwords never."""

import logging
import re
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_USERINFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s/@]+@")
_SECRET = re.compile(r"pass|secret|token|authorization|cookie", re.IGNORECASE)


def scrubbed(text: str) -> str:
    """Takes user names and passwords out of URLs."""
    return _USERINFO.sub(r"\g<scheme>…@", text)


def without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Takes secrets out of every value, by the name of its key and by its looks."""
    for key, value in event.items():
        if _SECRET.search(key):
            event[key] = "…"
        elif isinstance(value, str):
            event[key] = scrubbed(value)
        elif not isinstance(value, bool | int | float | None):
            event[key] = scrubbed(str(value))
    return event


class _StandardError:
    """Standard error as it is at each line: loggers are kept, and whoever replaced the stream may have closed it since."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()


def configure(stream: TextIO | None = None, *, debug: bool = False) -> None:
    """Sets logging up for this process; logs go to standard error, for standard output is for results."""
    out = stream or cast(TextIO, _StandardError())
    level = logging.DEBUG if debug else logging.INFO
    terminal = out.isatty()
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
        structlog.dev.ConsoleRenderer(colors=True) if terminal else structlog.processors.JSONRenderer(default=str),
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=out, level=logging.WARNING, format="%(name)s: %(message)s")
