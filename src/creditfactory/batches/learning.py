"""Cards that learn: every night each card at work is watched, explained, and where due refreshed and proposed.

Nothing is installed. What passes every gate is a version of the rulebook that one person has to approve and put to
work: beside the line first, as a shadow, then as champion; one step takes it back.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from creditfactory import lab, publishing, records, scoring
from creditfactory.batches.card_rows import GOOD_MIN, CardRows, gather_rows
from creditfactory.decision import Book
from creditfactory.gateways import rulebook as packs
from creditfactory.kernel import BadInput, Refused
from creditfactory.records import reads

ACTOR = "learning"
IN_HAND = ("draft", "checked", "proposed")
LIVE = "live.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRules:
    """The rulebook's parameter ``card_learning``."""

    outcome_days: int
    fraud_outcome_days: int
    watch_days: int
    refresh_bads_min: int
    refresh_days_min: int
    half_life_months: float
    gate_bads_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRun:
    """One night: the word for each card, and the drafts that were proposed."""

    on: date
    number: int
    verdicts: Mapping[str, str]
    drafts: Mapping[str, int]
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Night:
    """What one night works with."""

    tenant: records.TenantRecord
    on: date
    rules: LearningRules
    release: records.ReleaseRecord
    book: Book
    files: Mapping[str, bytes]
    clock: records.ClockReading


def watch_cards(tenant: records.TenantRecord, on: date | None = None, *, may_draft: bool = True) -> LearningRun:
    """Watch every card in force as known at the end of a day, keep what was found, refresh and propose where due.

    A day that has not come yet is refused: nobody knows its outcomes.
    """
    clock = records.read_clock(tenant.id)
    day = on or clock.business_on
    if day > clock.now.date() + timedelta(days=1):
        raise Refused(f"{day} has not come yet; the factory's clock stands at {clock.now:%Y-%m-%d %H:%M}.")
    release = publishing.choose_champion(publishing.find_releases(tenant), day)
    book = publishing.load_rulebook(release.digest).at(day)
    told = book.parameters.get("card_learning")
    if told is None:
        return LearningRun(on=day, number=release.number, verdicts={}, drafts={}, note="no parameter card_learning")
    files = records.read_stored_rulebook(release.version_id).files
    night = _Night(tenant, day, LearningRules(**told), release, book, files, clock)
    verdicts, drafts = {}, {}
    for name, rows in gather_rows(tenant, book, on=day, rules=asdict(night.rules)).items():
        card = book.cards[name]
        reference = _find_reference(night, card, rows)
        verdicts[name] = _watch(night, card, rows, reference)
        if may_draft and (draft := _refresh(night, card, rows)) is not None:
            drafts[name] = draft
    return LearningRun(on=day, number=release.number, verdicts=verdicts, drafts=drafts)


def _place(card: scoring.Card, name: str) -> str:
    return f"cards/{card.name}/{card.version}/{name}"


def _find_reference(night: _Night, card: scoring.Card, rows: CardRows) -> lab.Reference | None:
    """What the card is compared with: its own sample where that was lent to, as a refreshed card's was.

    Else its own lent-to applicants before the window: a sample of everybody differs from them by the card's cut-off.
    Its own sample after all where they are too few, and nothing where the card has none.
    """
    body = night.files.get(_place(card, lab.REFERENCE))
    own = None if body is None else lab.read_reference(body, place=_place(card, lab.REFERENCE))
    manifest = json.loads(night.files.get(_place(card, "manifest.json"), b"{}"))
    if own is not None and manifest.get("parent"):
        return own
    before = rows.before(night.on - timedelta(days=night.rules.watch_days))
    if before.bads >= lab.BADS_MIN and before.rows - before.bads >= GOOD_MIN:
        return lab.draw_reference(lab.open_window(card, before.frame, target="bad"))
    return own


def _watch(night: _Night, card: scoring.Card, rows: CardRows, reference: lab.Reference | None) -> str:
    """Keep the card's figures on its newest outcomes, and give the one word for them."""
    since = night.on - timedelta(days=night.rules.watch_days)
    window = rows.since(since)
    if not window.rows:
        return "few"
    verdict, figures = "few", {}
    if 0 < window.bads < window.rows and window.rows >= GOOD_MIN:
        with suppress(BadInput):  # too few rows for a sample: counted, and nothing said of them
            seen = lab.open_window(card, window.frame, target="bad", days="day")
            lanes = {"lane": window.frame.get_column("lane").to_list()}
            figures = lab.tell_watch(seen, reference, segments=lanes)
            if reference is not None and window.bads >= lab.BADS_MIN:
                why = lab.explain(seen, reference)
                figures["explanation"], verdict = why.as_json(), str(why.kind)
    records.save_card_watch(
        tenant_id=night.tenant.id, tenant=night.tenant.code, on=night.on, by=ACTOR, at=night.clock.now,
        watch=records.NewWatch(
            card=card.name, version=card.version, number=night.release.number, window_from=since, window_to=night.on,
            rows=window.rows, bads=window.bads, verdict=verdict, figures=figures,
        ),
    )  # fmt: skip
    return verdict


def _refresh(night: _Night, card: scoring.Card, rows: CardRows) -> int | None:
    """Refresh a card where due, keep what the gates said, and give the number of the proposal if there is one."""
    if _place(card, "counts.json.gz") not in night.files or card.method != "divergence":
        return None
    past = reads.list_card_refreshes(night.tenant.id, card.name, most=5)
    if any(row.status in IN_HAND for row in past):
        return None  # a person has not answered the last one yet
    if past and (night.on - past[0].on).days < night.rules.refresh_days_min:
        return None
    with packs.unpacked(night.release.pack, night.files) as folder:
        parent = lab.read_parent(folder / "cards" / card.name / card.version)
    fresh = rows.since(parent.plan.known_by) if parent.plan.known_by else rows
    if fresh.bads < night.rules.refresh_bads_min or fresh.rows - fresh.bads < GOOD_MIN:
        return None
    version = _free_version(night.files, card)
    refreshed = lab.refresh_card(
        parent, fresh.frame, target="bad", time="day", version=version, known_by=night.on,
        forgetting=lab.Forgetting(half_life=night.rules.half_life_months) if _has_months(parent) else None,
        limits=lab.Limits(bads_min=night.rules.gate_bads_min),
    )  # fmt: skip
    draft, why = _propose(night, card, refreshed) if refreshed.has_passed else (None, _name_refusals(refreshed))
    records.save_card_refresh(
        tenant_id=night.tenant.id, tenant=night.tenant.code, on=night.on, by=ACTOR, at=night.clock.now,
        refresh=records.NewRefresh(
            card=card.name, parent=card.version, version=version, rows=fresh.rows, bads=fresh.bads,
            passed=refreshed.has_passed, why=why[:200], gates=[gate.as_json() for gate in refreshed.gates],
            draft=draft, figures=refreshed.built.summary(),
        ),
    )  # fmt: skip
    return draft


def _has_months(parent: lab.Parent) -> bool:
    return all(parent.months)


def _name_refusals(refreshed: lab.Refreshed) -> str:
    return "stopped by: " + ", ".join(gate.code for gate in refreshed.gates if gate.passed is False)


def _free_version(files: Mapping[str, bytes], card: scoring.Card) -> str:
    """The next version of a card that the rulebook in force does not hold yet."""
    version = lab.next_version(card.version)
    while f"cards/{card.name}/{version}/card.json" in files:
        version = lab.next_version(version)
    return version


def _propose(night: _Night, card: scoring.Card, refreshed: lab.Refreshed) -> tuple[int, str]:
    """A version of the rulebook with the refreshed card in it, checked, and proposed if it is sound; why, if not."""
    version = str(refreshed.built.card["version"])
    live = night.files[LIVE].decode("utf-8").rstrip("\n")
    entry = f'[[card]]\nname = "{card.name}"\nversion = "{version}"\nfrom = {night.on + timedelta(days=1)}\n'
    edited: dict[str, bytes] = {LIVE: f"{live}\n\n{entry}".encode()}
    with tempfile.TemporaryDirectory(prefix="card-") as name:
        lab.write_card(refreshed.built, Path(name))
        for file in sorted(Path(name).iterdir()):
            edited[f"cards/{card.name}/{version}/{file.name}"] = file.read_bytes()
    title = f"Learnt {night.on.isoformat()}: card {card.name} {version}"
    number = publishing.edit_files(night.tenant, night.release.number, edited, by=ACTOR, title=title)
    report = publishing.check_version(night.tenant, number, by=ACTOR, mutation=False)
    if not report["is_sound"]:
        faults = [finding["what"] for finding in report["findings"] if finding["kind"] == "fault"]
        return number, f"a draft only, the check found: {'; '.join(faults)}"
    publishing.propose(night.tenant, number, note=_tell(refreshed, card), by=ACTOR)
    return number, "proposed"


def _tell(refreshed: lab.Refreshed, card: scoring.Card) -> str:
    """What whoever signs is told first."""
    gates = "; ".join(f"{gate.words['en']}: {gate.figure}" for gate in refreshed.gates)
    gone = ", ".join(refreshed.built.left_out) or "nothing"
    return f"Card {card.name} refreshed from {card.version}. Left the card: {gone}. {gates}."[:1000]
