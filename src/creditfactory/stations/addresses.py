"""Where the outside parties are: read once from the file that ``CREDITFACTORY_ADDRESSES`` names."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path

from creditfactory import gateways
from creditfactory.kernel import Misconfigured


@lru_cache(maxsize=1)
def read_addresses() -> gateways.AddressBook:
    """The address book of this installation; without the setting nobody can be asked."""
    path = os.environ.get("CREDITFACTORY_ADDRESSES", "")
    if not path:
        raise Misconfigured("CREDITFACTORY_ADDRESSES is not set: no outside party can be asked. Name the address book.")
    return gateways.read_address_book(json.loads(Path(path).read_text(encoding="utf-8")))
