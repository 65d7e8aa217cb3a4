"""The world's failures, drawn as one tree; business outcomes are values and never raised.

CreditFactoryError
├── BadInput            what was handed in cannot be read: names the place, what was found, what was expected
│   └── UnknownName     a name that is not in the catalogue it was looked up in
├── Refused             what was asked is understood and not allowed, for a stated reason
│   └── Stale           somebody else has moved this on in the meantime
├── Unavailable         an outside party did not answer as promised; asking again may help
│   └── TimedOut        it did not answer in time; whether it acted is unknown
└── Misconfigured       this installation lacks something that an operator can put right
"""

from __future__ import annotations


class CreditFactoryError(Exception):
    """The root: every failure of the world that the product knows how to speak about."""


class BadInput(CreditFactoryError):
    """What was handed in cannot be read.

    >>> print(BadInput(place="request.amount_cents", found="'lots'", expected="a whole number of cents"))
    request.amount_cents: found 'lots', expected a whole number of cents
    """

    def __init__(self, *, place: str, found: str, expected: str) -> None:
        self.place = place
        self.found = found
        self.expected = expected
        super().__init__(f"{place}: found {found}, expected {expected}")

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.place, self.found, self.expected)


class UnknownName(BadInput):
    """A name that its catalogue does not hold."""


def _rebuild(kind: type[BadInput], place: str, found: str, expected: str) -> BadInput:
    return kind(place=place, found=found, expected=expected)


class Refused(CreditFactoryError):
    """What was asked is understood and not allowed; the message says why and what would be."""


class Stale(Refused):
    """Somebody else has moved this on since it was read."""


class Unavailable(CreditFactoryError):
    """An outside party did not answer as promised; asking again may help."""


class TimedOut(Unavailable):
    """An outside party did not answer in time; whether it acted is unknown, so ask again with the same key."""


class Misconfigured(CreditFactoryError):
    """This installation lacks something that an operator can put right."""
