"""Why an application is held, in the reader's words; what a machine or an outside party said stays beside them."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

_FAULT = re.compile(r"[A-Z]\w*(Error|Exception|Interrupt|Exit): ")
_SILENT = re.compile(r"could not be (reached|asked)|timed out|did not answer|answered .*with|deferred")


def tell_held(why: str) -> str:
    """The kind of trouble that a stored cause is of.

    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     tell_held("bureau could not be reached for report: TimeoutError.")
    'An outside party could not be reached, or did not answer as agreed.'
    """
    if _FAULT.match(why):
        return _("A fault in the program itself; whoever maintains it needs the words below.")
    if _SILENT.search(why):
        return _("An outside party could not be reached, or did not answer as agreed.")
    if "found " in why and "expected " in why:
        return _("Something that came in is not what was expected.")
    return _("A station could not go on by itself.")
