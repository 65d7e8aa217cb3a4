"""A file handed in by a machine: its name, what it is, and the file itself as base64 in one JSON object."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any, get_args

from creditfactory.gateways.papers.opening import tidy_name
from creditfactory.gateways.papers.reading import PaperKind
from creditfactory.gateways.read_faults import show_found
from creditfactory.gateways.strict_json import check_values, read_json
from creditfactory.kernel import BadInput, UnknownName

FIELDS = ("name", "kind", "holder", "content")
HOLDERS = ("owner", "firm")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as a machine hands it in."""

    name: str
    content: bytes = field(repr=False)
    kind: PaperKind | None = None
    holder: str | None = None


def read_upload(body: bytes) -> Upload:
    """Read an upload whole, or say which field does not fit.

    >>> read_upload(b'{"name": "a.csv", "content": "YSxi"}')
    Upload(name='a.csv', kind=None, holder=None)
    >>> read_upload(b'{"name": "a.csv", "content": "?"}')
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: content: found a text that is not base64, expected the file as base64
    """
    whole: Any = read_json(body)
    if not isinstance(whole, dict):
        raise BadInput(place="body", found=show_found(whole), expected="an object with " + ", ".join(FIELDS))
    content = whole.pop("content", None)
    check_values(whole, whole="body")
    for name in whole:
        if name not in FIELDS:
            raise UnknownName(place=str(name)[:60], found="an unknown field", expected="one of " + ", ".join(FIELDS))
    named = whole.get("name")
    if not isinstance(named, str) or not named.strip():
        raise BadInput(place="name", found=show_found(named), expected="the file's own name, with its ending")
    for place, known in (("kind", get_args(PaperKind)), ("holder", HOLDERS)):
        if whole.get(place) is not None and whole[place] not in known:
            raise BadInput(place=place, found=show_found(whole[place]), expected="one of " + ", ".join(known))
    if not isinstance(content, str):
        raise BadInput(place="content", found=show_found(content), expected="the file as base64")
    try:
        plain = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(place="content", found="a text that is not base64", expected="the file as base64") from None
    return Upload(tidy_name(named), plain, whole.get("kind"), whole.get("holder"))
