"""The address book: where each outside party is reached, and with which key we sign what we send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from creditfactory.kernel import BadInput, Misconfigured


@dataclass(frozen=True, slots=True)
class Address:
    """One outside party: its URL, the key we sign with (the secret is never shown), and how long we wait for it."""

    url: str
    key_id: str
    secret: str = field(repr=False)
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class AddressBook:
    """All outside parties by name; ``bank:HZ01`` is looked up as itself first, then as ``bank``.

    >>> book = AddressBook({"bank": Address("http://127.0.0.1:9", "factory", "s")})
    >>> book.find("bank:HZ01")
    Address(url='http://127.0.0.1:9', key_id='factory', timeout_seconds=10.0)
    """

    addresses: Mapping[str, Address] = field(default_factory=dict)

    def find(self, party: str) -> Address:
        """The party's address; a party without one is a matter for the operator."""
        found = self.addresses.get(party) or self.addresses.get(party.partition(":")[0])
        if found is None:
            known = ", ".join(sorted(self.addresses)) or "none"
            raise Misconfigured(f"No address is known for the outside party {party!r}; the address book has: {known}.")
        return found


def read_address_book(written: Mapping[str, Mapping[str, object]]) -> AddressBook:
    """The address book from its written form ``{party: {url, key_id, secret, timeout_seconds?}}``.

    >>> read_address_book({"tax": {"url": "http://127.0.0.1:9", "key_id": "factory"}})
    Traceback (most recent call last):
    creditfactory.kernel.errors.BadInput: addresses.tax.secret: found nothing, expected some text
    """
    addresses: dict[str, Address] = {}
    for party, row in written.items():
        text: dict[str, str] = {}
        for name in ("url", "key_id", "secret"):
            value = row.get(name)
            if not isinstance(value, str) or not value:
                found = "nothing" if value is None or value == "" else type(value).__name__
                raise BadInput(place=f"addresses.{party}.{name}", found=found, expected="some text")
            text[name] = value
        seconds = row.get("timeout_seconds", 10.0)
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= 300:
            raise BadInput(
                place=f"addresses.{party}.timeout_seconds", found=repr(seconds), expected="seconds from 0 to 300"
            )
        addresses[party] = Address(text["url"].rstrip("/"), text["key_id"], text["secret"], float(seconds))
    return AddressBook(addresses)
