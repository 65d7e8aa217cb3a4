"""What the borrower's pages say: steps, permissions, readings, the indication, where the application stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from creditfactory import decision, records, stations
from creditfactory.consoles.apply import building
from creditfactory.consoles.apply.fields import FACTS, FIRM, LICENCE, Field, read_answers
from creditfactory.consoles.apply.visits import STEPS, Visit
from creditfactory.consoles.page import is_chinese
from creditfactory.kernel import BadInput, Reason, Refused

_BY_NAME = {field.name: field for field in (*FACTS, *FIRM, *LICENCE)}
PAPER_FIELDS: tuple[Field, ...] = (
    _BY_NAME["name"], _BY_NAME["id_number"], _BY_NAME["firm"], _BY_NAME["licence_number"],
    replace(_BY_NAME["opened_on"], is_needed=False),
)  # fmt: skip
DAYS_OF_YEAR = 365
READ_AS = {
    "name": "name", "id_number": "id_number", "firm_name": "firm", "credit_code": "licence_number",
    "registered_on": "opened_on",
}  # fmt: skip
"""What a reader calls a field, and what the page calls it."""
STEP_NAMES = {
    "facts": gettext_lazy("About you"), "consents": gettext_lazy("Your permissions"), "papers": gettext_lazy("Papers"), "camera": gettext_lazy("Camera"),
    "firm": gettext_lazy("Firm and request"), "offer": gettext_lazy("First answer"),
}  # fmt: skip
PAPER_NAMES = {
    "id_card_front": (gettext_lazy("Identity card, the side with your photograph"), gettext_lazy("All four corners in the picture, no glare.")),
    "id_card_back": (gettext_lazy("Identity card, the side with the emblem"), gettext_lazy("The dates must be legible.")),
    "licence": (gettext_lazy("Business licence"), gettext_lazy("The whole sheet, with its QR code.")),
}  # fmt: skip
CONSENTS = {
    "privacy": (
        gettext_lazy("We may keep and use what you tell us here"),
        gettext_lazy("Your name, numbers, papers and answers, to check this application and to keep the records the law asks for. Without a loan they are deleted when their days are over."),
    ),
    "bureau": (
        gettext_lazy("We may ask a licensed credit bureau about you"),
        gettext_lazy("Once, for this application, through a bureau licensed in China. The query shows in your credit record. Nothing is asked before you have passed the first check."),
    ),
    "automated_decision": (
        gettext_lazy("A machine may decide first"),
        gettext_lazy("You can have every decision looked at by a person, and you are told the reasons. Terms do not depend on who you are beyond what bears on repaying."),
    ),
    "third_party": (
        gettext_lazy("We may share the application with the bank that lends, and its insurer"),
        gettext_lazy("They decide for themselves and get only what they need for it. Their names stand in the contract."),
    ),
}  # fmt: skip
ACT_WORDS = {
    "straight": gettext_lazy("Look straight at the screen"), "turn_left": gettext_lazy("Turn your head to your left"),
    "turn_right": gettext_lazy("Turn your head to your right"), "blink": gettext_lazy("Blink a few times"),
    "open_mouth": gettext_lazy("Open your mouth"),
}  # fmt: skip
CHANCES = {
    "likely": gettext_lazy("A loan is likely"), "possible": gettext_lazy("A loan is possible"), "unlikely": gettext_lazy("A loan is not likely"),
}  # fmt: skip
STAGES = (
    (("channel_admission", "lead", "consent", "intake", "data_entry"), gettext_noop("Received")),
    (("front_gate", "list_check", "data_pull", "cash_flow", "labels", "policy", "scores", "lane"), gettext_noop("Checked by machine")),
    (("online_check", "phone_check", "site_visit", "final_review"), gettext_noop("Looked at by people, where it is needed")),
    (("offer", "funder_decision"), gettext_noop("Offer and the bank's answer")),
    (("contract", "disbursement"), gettext_noop("Contract and money")),
)  # fmt: skip
WAITS = {
    "work": gettext_noop("A person is looking at your application. You need not do anything."),
    "answer": gettext_noop("We are waiting for an answer from outside. You need not do anything."),
    "contract_signed": gettext_noop("The contract is ready. Read it below and sign it there; your account manager answers your questions."),
    "details_submitted": gettext_noop("Some details are missing; we will call you."),
    "consents_signed": gettext_noop("A permission is missing; we will call you."),
}  # fmt: skip


def step_name(step: str) -> str:
    """A step in the reader's language."""
    return str(STEP_NAMES[step])


def tell_steps(visit: Visit, here: str) -> list[dict[str, Any]]:
    """All steps: which is here, which may be gone back to."""
    return [
        {"code": s, "name": step_name(s), "is_here": s == here, "is_open": visit.may_enter(s) and s != here,
         "is_past": STEPS.index(s) < STEPS.index(here)}
        for s in STEPS
    ]  # fmt: skip


def lay_out(fields: tuple[Field, ...], visit: Visit, wrong: Mapping[str, str]) -> list[dict[str, Any]]:
    """Questions with what was typed and what does not fit."""
    chinese = is_chinese()
    cities = [(code, name if chinese else code.title()) for code, name in visit.house.cities.items()]
    cities.append(("elsewhere", _("another city")))
    return [
        {"field": f, "value": visit.draft.get(f.name, "") or "", "wrong": wrong.get(f.name, ""),
         "choices": cities if f.kind == "city" else f.choices,
         "mode": {"phone": "tel", "money": "numeric", "number": "numeric"}.get(f.kind, "")}
        for f in fields
    ]  # fmt: skip


def _facts_of_facts(visit: Visit, wrong: Mapping[str, str], request: HttpRequest) -> dict[str, Any]:
    return {"questions": lay_out(FACTS, visit, wrong)}


def _facts_of_firm(visit: Visit, wrong: Mapping[str, str], request: HttpRequest) -> dict[str, Any]:
    rows = lay_out(FIRM, visit, wrong)
    return {"groups": ((_("The firm"), rows[:5]), (_("You"), rows[5:10]), (_("What you ask for"), rows[10:]))}


def _facts_of_consents(visit: Visit, wrong: Mapping[str, str], request: HttpRequest) -> dict[str, Any]:
    ticked = visit.draft.get("ticked") or list(visit.draft.get("consents", {}))
    rows = []
    for kind in visit.house.consents:
        title, text = CONSENTS.get(kind, (kind.replace("_", " "), ""))
        rows.append({"kind": kind, "title": title, "text": text, "is_on": kind in ticked, "wrong": wrong.get(kind, "")})
    return {"rows": rows, "face": visit.draft.get("face", ""), "face_wrong": wrong.get("face", ""),
            "frames_days": visit.house.number("frames_days_kept", 90)}  # fmt: skip


def _facts_of_papers(visit: Visit, wrong: Mapping[str, str], request: HttpRequest) -> dict[str, Any]:
    kept = records.list_kept(session_id=visit.session.id)
    rows = [
        {"kind": kind, "name": name, "help": text, "is_kept": kind in kept, "wrong": wrong.get(kind, ""),
         "words": tell_reading(visit, visit.draft.get(f"reading_{kind}") or {}) if kind in kept else ""}
        for kind, (name, text) in PAPER_NAMES.items()
    ]  # fmt: skip
    found: dict[str, dict[str, Any]] = {}
    for kind in PAPER_NAMES:
        found |= (visit.draft.get(f"reading_{kind}") or {}).get("fields", {})
    offered = offer(found)
    questions = lay_out(PAPER_FIELDS, visit, wrong)
    for row in questions:
        row["read"] = offered.get(row["field"].name, {}).get("text", "")
        row["value"] = row["value"] or row["read"]
    return {
        "rows": rows,
        "questions": questions,
        "papers_span": tell_span(visit.house.number("papers_days_kept", 1826)),
    }


def _facts_of_camera(visit: Visit, wrong: Mapping[str, str], request: HttpRequest) -> dict[str, Any]:
    camera = visit.draft.get("camera") or {}
    return {
        "is_wanted": visit.draft.get("face") == "camera", "is_done": bool(camera), "state": camera.get("verdict", ""),
        "told": tell_sitting(visit, camera) if camera else "", "acts": {k: str(v) for k, v in ACT_WORDS.items()},
        "selfie_wrong": wrong.get("selfie", ""), "may_try": int(visit.draft.get("camera_tries", 0)) < 5,
    }  # fmt: skip


def _facts_of_offer(visit: Visit, wrong: Mapping[str, str], request: HttpRequest) -> dict[str, Any]:
    if find_gaps(visit):
        return {"gap": find_gaps(visit)}
    try:
        found = building.indicate(visit, at=visit.house.clock.now, agent=request.headers.get("User-Agent", ""))
    except BadInput as fault:
        return {"fault": tell_fault(fault), "sections": tell_answers(visit)}
    product = None if found.product is None else visit.house.book.product(found.product)
    return {
        "indication": found, "chance": CHANCES[found.chance], "reasons": tell_reasons(visit, found.reasons),
        "product": "" if product is None else product.name["zh" if is_chinese() else "en"],
        "rates": [tell_rate(rate) for rate in (found.annual_rate_low, found.annual_rate_high) if rate is not None],
        "sections": tell_answers(visit),
    }  # fmt: skip


FACTS_OF: Mapping[str, Callable[[Visit, Mapping[str, str], HttpRequest], dict[str, Any]]] = {
    "facts": _facts_of_facts, "firm": _facts_of_firm, "consents": _facts_of_consents, "papers": _facts_of_papers,
    "camera": _facts_of_camera, "offer": _facts_of_offer,
}  # fmt: skip


def tell_rate(rate: Decimal) -> str:
    """A yearly rate in per cent."""
    text = f"{rate * 100:.2f}".rstrip("0").rstrip(".")
    return f"{text}%" if is_chinese() else f"{text}\u2009%"


def tell_span(days: int) -> str:
    """A number of days as people say it: years where there are some."""
    if days >= 2 * DAYS_OF_YEAR:
        return _("{n} years").format(n=round(days / DAYS_OF_YEAR))
    return _("{n} days").format(n=days)


def find_gaps(visit: Visit) -> str:
    """The first step that is not whole yet, or nothing."""
    for step, fields in (("facts", FACTS), ("firm", FIRM)):
        typed = {field.name: str(visit.draft.get(field.name, "")) for field in fields}
        if read_answers(fields, typed, visit.house.cities, visit.house.clock.business_on)[1]:
            return step
    if not set(visit.house.consents) <= set(visit.draft.get("consents", {})):
        return "consents"
    kept = records.list_kept(session_id=visit.session.id)
    return "" if all(paper in kept for paper in PAPER_NAMES) else "papers"


def tell_answers(visit: Visit) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Everything typed, to be looked over: the step it can be changed in, its name, and the answers."""
    told = []
    for step, fields in (("facts", FACTS), ("firm", FIRM)):
        rows = []
        for row in lay_out(fields, visit, {}):
            value, field = str(row["value"]), row["field"]
            shown = str(dict(row["choices"]).get(value, value))
            if field.kind == "money" and value.isdecimal():
                shown = f"¥ {int(value):,}"
            rows.append((str(field.label), shown or "–"))
        told.append((step, step_name(step), rows))
    return told


def offer(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What was read, under the page's own names."""
    return {READ_AS[name]: dict(found) for name, found in fields.items() if name in READ_AS}


def tell_reading(visit: Visit, told: Mapping[str, Any]) -> str:
    """What came of reading one photograph, in words."""
    verdict = told.get("verdict", "kept")
    reasons = tell_party_reasons(visit, told.get("reasons", ()))
    if verdict == "unreadable":
        return " ".join(
            [_("We could not read it; please take it once more in better light, or leave it to a person."), *reasons]
        )
    if verdict == "doubtful":
        return " ".join([_("Read, with doubts; please look at the fields below."), *reasons])
    if verdict == "read":
        return _("Read. Please compare the fields below with the paper.")
    return _("Kept. A person will read it; please look at what you typed below.")


def tell_sitting(visit: Visit, camera: Mapping[str, Any]) -> str:
    """What came of the camera, in words."""
    verdict = camera.get("verdict", "")
    reasons = tell_party_reasons(visit, camera.get("reasons", ()))
    if verdict == "passed":
        return _("That worked. Thank you.")
    if verdict == "kept":
        return _("Kept. A person will look at it.")
    if verdict == "unsure":
        return " ".join([_("We are not sure yet. You can try once more, or go on: a person will look."), *reasons])
    return " ".join([_("That did not work. You can try once more, or go on: a person will look."), *reasons])


def tell_party_reasons(visit: Visit, reasons: Any) -> list[str]:
    """Reasons of the identity party in the borrower's words, where the rulebook has them."""
    told = []
    for row in reasons:
        known = visit.house.book.reasons.get(row["code"])
        if known is not None:
            told.append(known.borrower["zh" if is_chinese() else "en"])
    return list(dict.fromkeys(told))


def tell_reasons(visit: Visit, reasons: tuple[Reason, ...]) -> list[str]:
    """Reasons in the borrower's words, each once."""
    language = "zh" if is_chinese() else "en"
    told = [decision.tell_reason(r, visit.house.book, language=language, audience="borrower") for r in reasons]  # type: ignore[arg-type]
    return list(dict.fromkeys(told))


def tell_fault(fault: BadInput) -> str:
    """A field that fits the page and not the line, named as the page names it."""
    field = next((f for f in (*FACTS, *FIRM) if f.place == fault.place), None)
    name = str(field.label) if field else fault.place
    return _("“{name}” does not fit: please go back and look at it.").format(name=name)


def tell_status(visit: Visit) -> dict[str, Any]:
    """Where the application stands, what happens next, and what the borrower can do."""
    assert visit.session.application_id is not None, "only what was handed in has a status"
    record = records.load_case(visit.session.application_id)
    assert record is not None, "a session leads to its application"
    last = records.find_visit(application_id=record.id)
    here = next((place for place, (codes, _n) in enumerate(STAGES) if record.station in codes), len(STAGES))
    ended = record.status in ("declined", "withdrawn", "expired")
    reasons: list[str] = []
    if record.status == "declined" and last is not None:
        reasons = tell_reasons(visit, tuple(Reason(r["code"], r.get("facts") or {}) for r in last.reasons))
    offered = records.find_visit(application_id=record.id, station="offer")
    return {
        "number": record.number, "state": record.status, "is_ended": ended, "reasons": reasons,
        "stages": [
            {"name": _(name), "is_past": not ended and place < here, "is_here": not ended and place == here}
            for place, (_codes, name) in enumerate(STAGES)
        ],
        "next": _tell_next(record.status, record.waits_for), "may_appeal": record.status == "declined",
        "may_withdraw": record.status in ("moving", "waiting") and here < len(STAGES),
        "offer": offered.result.get("offer") if offered is not None and not ended else None,
        "has_appealed": "appeal" in record.told,
    }  # fmt: skip


def _tell_next(status: str, waits_for: str) -> str:
    if status == "declined":
        return _("We cannot lend on this application. The reasons are below, and a person can look at it again.")
    if status == "withdrawn":
        return _("You took this application back. Nothing more is asked of anybody.")
    if status == "expired":
        return _("This application was let go because an answer did not come in time. You can apply anew.")
    if status == "closed":
        return _("This loan has come to its end.")
    if status == "waiting":
        kind = waits_for.partition(":")[0]
        return _(WAITS[kind]) if kind in WAITS else _("We are at it. Most answers come within two hours.")
    return _("We are at it. Most answers come within two hours.")


def take_wish(visit: Visit, wish: str, why: str) -> None:
    """Withdraw the application, or ask for a person to look at a decline; what is not possible any more changes nothing."""
    assert visit.session.application_id is not None, "only what was handed in can be wished about"
    number = visit.session.application_id
    try:
        if wish == "withdraw":
            stations.withdraw(number, by="borrower", why=why)
        elif wish == "appeal" and why:
            is_new = records.receive_call_back(
                application_id=number, source="borrower", kind="appeal", key=f"{number}:own-appeal",
                body=json.dumps({"why": why}, ensure_ascii=False), at=visit.house.clock.now,
            )  # fmt: skip
            if is_new:
                stations.appeal(number, why=why)
    except Refused:
        return
