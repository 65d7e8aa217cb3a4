"""From the dossier to its labels: each pack's labels as they were known at one instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from creditfactory.application import Dossier
from creditfactory.channel import ChannelFacts
from creditfactory.kernel import Scalar, UnknownName
from creditfactory.labels.catalogue import CATALOGUE
from creditfactory.labels.label import Label, Labels
from creditfactory.labels.micro import label_micro
from creditfactory.labels.sba import label_sba
from creditfactory.network import NetworkView

_PACKS = ("cn-micro", "us-sba")
_NAMES: dict[str, tuple[tuple[str, Label], ...]] = {
    pack: tuple((name, label) for name, label in CATALOGUE.items() if pack in label.packs) for pack in _PACKS
}


def compute(
    dossier: Dossier,
    *,
    network: NetworkView | None = None,
    channel: ChannelFacts | None = None,
    as_of: datetime,
    parameters: Mapping[str, Any] | None = None,
) -> Labels:
    """Every label of the dossier's pack, from what was known at ``as_of``; what is unknown is None and says why.

    A figure outside its declared range is not handed on: it becomes unknown, as ``out_of_range``.
    ``parameters`` (a pack's, by name) move the lines at which sources count as contradicting each other.
    """
    if dossier.pack not in _PACKS:
        raise UnknownName(place="pack", found=repr(dossier.pack), expected="one of " + ", ".join(_PACKS))
    found: dict[str, Scalar] = {}
    why: dict[str, str] = {}
    if dossier.pack == "us-sba":
        label_sba(dossier, as_of, found, why)
    else:
        label_micro(dossier, network, channel, as_of, parameters, found, why)
    facts: dict[str, Scalar] = {}
    for name, label in _NAMES[dossier.pack]:
        value = found.get(name)
        if value is None:
            why.setdefault(name, "not_stated")
        elif not _is_in_range(value, label):
            value, why[name] = None, "out_of_range"
        facts[name] = value
    return Labels(pack=dossier.pack, as_of=as_of, facts=facts, why_missing={n: why[n] for n in facts if n in why})


def _is_in_range(value: Scalar, label: Label) -> bool:
    if isinstance(value, str):
        return label.words is None or value in label.words
    if isinstance(value, bool) or value is None:
        return True
    return (label.minimum is None or value >= label.minimum) and (label.maximum is None or value <= label.maximum)
