"""The market's own book: cities, trades, people, tactics, channels, parties and funders, read from one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from creditfactory.kernel import BadInput
from creditfactory.world.tactics import Tactics, load_tactics

TERMS = (12, 18, 24, 36)
MARKETS = Path(__file__).parent / "markets"


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city: its share of applicants, its sales against the country's, its risk in log-odds."""

    code: str
    name: str
    weight: float
    sales: float
    risk: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry:
    """A trade: a median month's sales, the owner's margin, its risk in log-odds, the share of sales invoiced."""

    code: str
    name: str
    weight: float
    sales_cents: int
    margin: float
    risk: float
    invoiced: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What people ask for: bounds, step, and how many months of income they reach for."""

    low: int
    high: int
    step: int
    months_of_income: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Two bounds."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who applies, and what drives default."""

    quality_to_default: float
    default_intercept: float
    default_debt: float
    default_hidden_debt: float
    female: float
    home_city: float
    night: float
    bureau_record: float
    clean_history: float
    card_use: float
    queries_3m: float
    debt_of_income: float
    declares: Between
    banked: Between
    insurance_policy: float
    mortgage_of_owners: float
    car_loan: float
    too_young_or_old: float
    amounts_cents: Amounts
    terms: Mapping[int, float]
    purposes: Mapping[str, float]
    kinds: Mapping[str, float]
    night_risk: float = 0.0
    degree_risk: float = 0.0
    female_risk: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel company as the factory knows it; ``packaging`` is the truth it does not know."""

    code: str
    name: str
    kind: str
    weight: float
    packaging: float
    grade: str
    agents: int
    quota_cents: int
    deposit_cents: int
    deposit_required_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How an outside party falls short: shares of questions, and for call-backs how long they take."""

    unavailable: float
    slow: float
    slow_seconds: float
    minutes_median: float = 0.0
    minutes_spread: float = 0.0
    late: float = 0.0
    late_factor: float = 1.0
    duplicate: float = 0.0
    lost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """The outside parties' habits."""

    sources: Faults
    bank: Faults
    insurer: Faults
    custodian: Faults
    payment_fails: float
    insurer_probability_max: float
    insurer_refusal: float
    insurer_premium_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPolicy:
    """What only the bank knows: its own limits, and how often its own view differs from the recommendation."""

    probability_max: float
    refuses: float
    alters: float
    industries_refused: tuple[str, ...]
    months_open_min: int
    age_min: int
    age_max: int
    term_months_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Funder:
    """A funding bank or trust: what the factory is told of it, and its own policy."""

    code: str
    name: str
    kind: str
    cost_bps: int
    amount_min_cents: int
    amount_max_cents: int
    cities: tuple[str, ...]
    quota_open_cents: int
    points_min: int
    share_of_approvals_bps: int
    own: OwnPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How long a person of the staff needs for a piece of work, and how often one overlooks the truth."""

    minutes_median: float
    spread: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How long a borrower takes for a step, and how many never take it."""

    minutes_median: float
    spread: float
    never: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthArea:
    """A county code and the birth years it was given out for."""

    code: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """How much stands behind the figures: their ``summary`` alone, the ``session`` too (behaviour, device, contacts,
    telephone, camera, papers), or the ``whole`` with every line and account.

    ``settlement_days`` says how many days' takings a pay house pays out at once, ``wallet_lines_month`` how many lines
    of daily life a month's statement has, ``meter_months`` how far back the meters go.
    """

    level: Literal["summary", "session", "whole"] = "whole"
    settlement_days: int = 1
    wallet_lines_month: int = 10
    meter_months: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One simulated market."""

    market: str
    pack: str
    currency: str
    utc_offset_minutes: int
    anchor: date
    cities: tuple[City, ...]
    cities_outside: tuple[City, ...]
    share_outside: float
    industries: tuple[Industry, ...]
    people: People
    tactics: Mapping[str, Mapping[str, float]]
    channels: tuple[Channel, ...]
    parties: Parties
    staff: Mapping[str, int]
    work: Mapping[str, Work]
    consents: tuple[str, ...]
    arrivals: tuple[float, ...]
    borrowers: Mapping[str, Habit]
    birth_areas: tuple[BirthArea, ...]
    funders: tuple[Funder, ...] = field(default=())
    details: Details = Details()
    cast: Tactics | None = None

    def list_channels(self) -> list[dict[str, Any]]:
        """The channel companies as the factory may know them: everything but what is true of them."""
        hidden = ("weight", "packaging", "agents", "quota_cents")
        return [
            {**{k: v for k, v in asdict(c).items() if k not in hidden}, "quota_open_cents": c.quota_cents}
            | {"status": "admitted"}
            for c in self.channels
        ]

    def list_funders(self) -> list[dict[str, Any]]:
        """The funders as the factory may know them: what they told it, not their own policy."""
        return [
            {
                "code": funder.code, "name": funder.name, "kind": funder.kind, "status": "open",
                "cost_bps": funder.cost_bps, "amount_cents_min": funder.amount_min_cents,
                "amount_cents_max": funder.amount_max_cents, "cities": list(funder.cities),
                "terms_months": [months for months in TERMS if months <= funder.own.term_months_max],
                "points_min": funder.points_min, "quota_open_cents": funder.quota_open_cents,
                "approved_share_bps": funder.share_of_approvals_bps,
                "answer_minutes_median": round(self.parties.bank.minutes_median),
            }
            for funder in self.funders
        ]  # fmt: skip

    def find_funder(self, code: str) -> Funder | None:
        """The funder of this code, or None."""
        return next((funder for funder in self.funders if funder.code == code), None)


def _refuse_unknown_fields(*shapes: Any) -> None:
    for shape in shapes:
        shape.__pydantic_config__ = ConfigDict(extra="forbid")


_refuse_unknown_fields(City, Industry, Amounts, People, Channel, Faults, Parties, OwnPolicy, Funder)
_refuse_unknown_fields(Between, Work, Habit, BirthArea, Details, Market)


def load_market(name: str | Path = "cn-micro", *, tactics: str | Path | None = None) -> Market:
    """The market of this name, or of this file; a fault names the file, the place and what was expected.

    ``tactics`` names a file (or one of this world's own) that says who comes among everybody: gangs and look-alikes.

    >>> load_market().cities[0].name
    '深圳'
    """
    path = Path(name) if str(name).endswith((".yaml", ".yml")) else MARKETS / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in MARKETS.glob("*.yaml")))
        raise BadInput(place="market", found=f"no file {path}", expected=f"one of {known}, or a path to a YAML file")
    written = _read_file(path)
    try:
        market = TypeAdapter(Market).validate_python(written)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(step) for step in fault["loc"])
        raise BadInput(place=f"{path.name}: {place}", found="something else", expected=fault["msg"]) from None
    return market if tactics is None else replace(market, cast=load_tactics(tactics))


def _read_file(path: Path) -> Any:
    """What a market file says; one that ``extends`` another says only what is different."""
    try:
        written: Any = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise BadInput(place=str(path), found=str(error).splitlines()[0], expected="YAML") from None
    if not isinstance(written, dict) or "extends" not in written:
        return written
    base = MARKETS / f"{written.pop('extends')}.yaml"
    if base == path or not base.is_file():
        known = ", ".join(sorted(file.stem for file in MARKETS.glob("*.yaml") if file != path))
        raise BadInput(place=f"{path.name}: extends", found=repr(base.stem), expected=f"one of {known}")
    return _lay_over(yaml.safe_load(base.read_text("utf-8")), written)


def _lay_over(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: _lay_over(base.get(key), value) for key, value in over.items()}}
    return over
