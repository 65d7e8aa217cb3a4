"""Logs: one event a line on stderr, with a case's number and never a person's facts; stdout is for results only."""

from __future__ import annotations

import logging
import os
import sys

import structlog


def set_up_logging() -> None:
    """One JSON line per event on stderr (plain text on a terminal); ids of cases, never a person's facts."""
    is_plain = sys.stderr.isatty() or os.environ.get("CREDITFACTORY_LOG") == "plain"
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if is_plain
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[os.environ.get("CREDITFACTORY_LOG_LEVEL", "INFO").upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    logging.getLogger("django.security.DisallowedHost").addFilter(_drop_trace)


def _drop_trace(record: logging.LogRecord) -> bool:
    """A stranger's wrong host name is one line, not a page of ours."""
    record.exc_info = None
    return True
