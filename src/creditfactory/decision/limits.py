"""The limit engine: how much can be lent, as the least of what each consideration allows (B.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

from creditfactory.application import Request
from creditfactory.decision.book import Book, Product
from creditfactory.interest import level_payment
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar, round_down_to
from creditfactory.labels import CashFlow, Labels

INSTALMENT_BASE_CENTS = 1_000_000_000
"""The loan whose instalment :func:`instalment_of_base` states; capacities are scaled from it in whole numbers."""
FREE_CENTS_MAX = 9_000_000_000
"""Free income a month beyond this is read as this: it carries more than any product lends, and the product of the two
stays within 64 bits, so that columns compute the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The limit, what each part would have allowed, and which part was the least; 0 means no offer."""

    amount_cents: int
    parts: Mapping[str, int]
    binding: str | None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFacts:
    """Everything that the parts of a limit read, in one place."""

    request: Request
    product: Product
    tier: int | None
    term_months: int
    labels: Mapping[str, Scalar]
    income_cents: int | None
    sales_cents: int | None
    strategy: Mapping[str, Scalar]
    book: Book


def set_limit(
    labels: Labels,
    request: Request,
    product: Product,
    tier: int | None,
    term_months: int,
    book: Book,
    *,
    cash_flow: CashFlow | None = None,
    others: Mapping[str, int] | None = None,
) -> Limit:
    """The least of the parts that the pack's ``limit_parts`` names, rounded down to the product's step (DEC-01).

    ``others`` are limits from outside (a funder's, an insurer's, a channel's quota). ``cash_flow`` replaces the labels'
    verified figures, for example by the accounts rebuilt on site. A part whose facts are unknown gives no amount at
    all and says which facts it lacks. Below the product's smallest amount there is no offer, and the reason says
    which part bound.
    """
    facts = _gather(labels, request, product, tier, term_months, book, cash_flow)
    parts: dict[str, int] = {}
    reasons: list[Reason] = []
    for name in book.parameters.get("limit_parts", ("requested", "product")):
        allowed = PARTS[name](facts)
        if isinstance(allowed, Reason):
            reasons.append(allowed)
        else:
            parts[name] = max(0, allowed)
    parts.update({name: max(0, cents) for name, cents in (others or {}).items()})
    if reasons or not parts:
        return Limit(amount_cents=0, parts=parts, binding=None, reasons=tuple(reasons))
    binding = min(parts, key=lambda name: parts[name])
    amount = round_down_to(parts[binding], product.amount_step_cents)
    if amount < product.amount_cents_min:
        least: dict[str, Scalar] = {"amount_cents": amount, "amount_cents_min": product.amount_cents_min}
        reason = Reason("OFR-BELOW-MINIMUM", {"part": binding, **least})
        return Limit(amount_cents=0, parts=parts, binding=binding, reasons=(reason,))
    if amount < request.amount_cents:
        part = "step" if binding == "requested" else binding
        cut: dict[str, Scalar] = {"amount_cents": amount, "requested_amount_cents": request.amount_cents}
        reasons.append(Reason("OFR-REDUCED", {"part": part, **cut}))
    return Limit(amount_cents=amount, parts=parts, binding=binding, reasons=tuple(reasons))


def _gather(
    labels: Labels,
    request: Request,
    product: Product,
    tier: int | None,
    term_months: int,
    book: Book,
    cash_flow: CashFlow | None,
) -> LimitFacts:
    facts = labels.facts
    income, sales = facts.get("verified_income_cents"), facts.get("verified_sales_monthly_cents")
    if cash_flow is not None:
        income, sales = cash_flow.verified_monthly_income_cents, cash_flow.verified_monthly_sales_cents
    table = book.tables.get("limit_by_tier")
    strategy = {} if table is None or tier is None else table.look_up({"tier": tier}).outputs
    return LimitFacts(
        request=request,
        product=product,
        tier=tier,
        term_months=term_months,
        labels=facts,
        income_cents=income if isinstance(income, int) else None,
        sales_cents=sales if isinstance(sales, int) else None,
        strategy=strategy,  # type: ignore[arg-type]
        book=book,
    )


def _unknown(part: str, *lacking: str) -> Reason:
    return Reason("OFR-PART-UNKNOWN", {"part": part, "labels": ", ".join(lacking)})


def _owed(facts: LimitFacts, label: str) -> Scalar:
    """What the bureau says is owed; where it knows no record of the applicant, it knows of nothing owed."""
    return 0 if facts.labels.get("has_bureau_record") is False else facts.labels.get(label)


def _by_tier(facts: LimitFacts) -> int | Reason:
    allowed = facts.strategy.get("amount_cents_max")
    return allowed if isinstance(allowed, int) else _unknown("tier", "tier")


def _by_capacity(facts: LimitFacts) -> int | Reason:
    """What the verified income can carry beside the instalments already due, at the product's dearest rate."""
    share, due = facts.strategy.get("debt_to_income_bps_max"), _owed(facts, "monthly_due_cents")
    if not isinstance(share, int) or not isinstance(due, int) or facts.income_cents is None:
        lacking = (("tier", share), ("monthly_due_cents", due), ("verified_income_cents", facts.income_cents))
        return _unknown("capacity", *(name for name, value in lacking if value is None))
    free = facts.income_cents * share // BPS_WHOLE - due
    if free <= 0:
        return 0
    payment = instalment_of_base(facts.product.annual_rate_max, facts.term_months)
    return min(free, FREE_CENTS_MAX) * INSTALMENT_BASE_CENTS // payment


@lru_cache(maxsize=4_096)
def instalment_of_base(annual_rate: Decimal, term_months: int) -> int:
    """The level instalment, in whole cents rounded up, of a loan of :data:`INSTALMENT_BASE_CENTS`.

    >>> instalment_of_base(Decimal("0.24"), 36)
    39232853
    """
    payment = level_payment(Decimal(INSTALMENT_BASE_CENTS), annual_rate / 12, term_months)
    return int(payment.to_integral_value(ROUND_CEILING))


def _by_exposure(facts: LimitFacts) -> int | Reason:
    """So many months' income in unsecured debt, less what is owed already."""
    multiple, owed = facts.strategy.get("income_multiple"), _owed(facts, "unsecured_balance_cents")
    if not isinstance(multiple, int) or not isinstance(owed, int) or facts.income_cents is None:
        lacking = (("tier", multiple), ("unsecured_balance_cents", owed), ("verified_income_cents", facts.income_cents))
        return _unknown("exposure", *(name for name, value in lacking if value is None))
    return facts.income_cents * multiple - owed


def _by_sales(facts: LimitFacts) -> int | Reason:
    """A share of verified monthly sales that depends on the industry."""
    section = facts.labels.get("industry_section")
    answer = facts.book.tables["sales_share"].look_up({"industry_section": section})
    share = answer.outputs.get("sales_share_bps")
    if not isinstance(share, int) or facts.sales_cents is None:
        lacking = (("industry_section", share), ("verified_sales_monthly_cents", facts.sales_cents))
        return _unknown("sales", *(name for name, value in lacking if value is None))
    return facts.sales_cents * share // BPS_WHOLE


def _by_proof(facts: LimitFacts) -> int | Reason:
    """A multiple of what the proof shows (premium, instalment, tax), where the product has one."""
    label, multiple = facts.product.features.get("multiple_label"), facts.product.features.get("multiple")
    if label is None:
        return facts.product.amount_cents_max
    shown = facts.labels.get(str(label))
    if not isinstance(shown, int) or not isinstance(multiple, int):
        return _unknown("proof", str(label))
    return shown * multiple


PARTS: Mapping[str, Callable[[LimitFacts], int | Reason]] = {
    "requested": lambda facts: facts.request.amount_cents,
    "product": lambda facts: facts.product.amount_cents_max,
    "tier": _by_tier,
    "capacity": _by_capacity,
    "exposure": _by_exposure,
    "sales": _by_sales,
    "proof": _by_proof,
}
"""The parts that a pack's ``limit_parts`` can name."""
