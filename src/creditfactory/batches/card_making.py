"""Making a pack's cards anew from the data it states: each into its folder, whole, with all that stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from creditfactory import lab
from creditfactory.batches import account_cards, invoice_cards, loss_cards, market_cards, repeat_cards, sba_cards
from creditfactory.batches.card_recipe import Recipe
from creditfactory.gateways.rulebook import read_declared
from creditfactory.kernel import BadInput

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Maker:
    """How a pack's cards are planned from a folder of data, and from when on their characteristics are known.

    Without ``as_of`` the characteristics are labels of the catalogue, which says it.
    """

    plan_cards: Callable[[Path, Mapping[str, lab.Feature]], Iterator[Recipe]]
    as_of: Words | None = None


MAKERS: Mapping[str, Maker] = {
    "cn-micro": Maker(market_cards.plan_cards),
    "us-sba": Maker(sba_cards.plan_cards),
    "tw-cards": Maker(account_cards.plan_cards, account_cards.AS_OF),
    "ng-repeat": Maker(repeat_cards.plan_cards, repeat_cards.AS_OF),
    "losses": Maker(loss_cards.plan_cards, loss_cards.AS_OF),
    "cn-invoices": Maker(invoice_cards.plan_cards, invoice_cards.AS_OF),
}


def plan_pack(pack: Path, data: Path) -> Iterator[Recipe]:
    """The recipes of a pack's cards; a pack that states no data is refused."""
    maker = MAKERS.get(pack.resolve().name)
    if maker is None:
        raise BadInput(place=str(pack), found="a pack whose cards are not made from data", expected=", ".join(MAKERS))
    if not data.is_dir():
        raise BadInput(place=str(data), found="no such folder", expected="the folder that holds the data sets")
    return maker.plan_cards(data, {} if maker.as_of is None else read_features(pack, maker.as_of))


def make_cards(pack: Path, data: Path) -> Iterator[dict[str, Any]]:
    """Build and write each card of the pack; one account for each, as ``cards build`` prints it."""
    for recipe in plan_pack(pack, data):
        built = recipe.build()
        lab.write_card(built, pack / "cards" / built.plan.name / built.plan.version, anew=True)
        yield built.summary()


def read_features(pack: Path, as_of: Words) -> dict[str, lab.Feature]:
    """What the pack's ``labels.yaml`` says of each characteristic, with the as-of rule they share."""
    found = {}
    for name, part in read_declared(pack).items():
        missing = [key for key in ("description", "source", "reason", "unit") if not part.get(key)]
        words = part.get("description")
        if missing or not isinstance(words, Mapping) or not {"zh", "en"} <= set(words):
            raise BadInput(
                place=f"{pack}/labels.yaml: {name}", found=f"no {missing[0]}" if missing else "no words in zh and en",
                expected="description in zh and en, source, unit and reason",
            )  # fmt: skip
        found[name] = lab.Feature(
            label=name, definition=words, source=str(part["source"]), as_of=as_of, unit=str(part["unit"]),
            reason=str(part["reason"]), polarity=str(part.get("polarity", "neutral")),
        )  # fmt: skip
    return found
