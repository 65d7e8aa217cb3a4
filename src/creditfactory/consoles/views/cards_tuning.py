"""A card's classes drawn anew by hand: cuts moved, classes joined and cut, the effect seen at once, kept as a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from creditfactory import lab, publishing
from creditfactory.consoles import figures, words
from creditfactory.consoles.card_shelf import ShelfCard, find_card, list_versions
from creditfactory.consoles.page import Desk, page
from creditfactory.consoles.rulebook_faults import tell_fault
from creditfactory.consoles.tuning_picture import draw_picture
from creditfactory.consoles.views.rulebooks import find_factory, find_version
from creditfactory.kernel import BadInput, Refused
from creditfactory.records import reads

RULES = lab.BinningRules()
SHAPE_NAMES: dict[str, Any] = {
    "free": _("any"), "up": _("rising"), "down": _("falling"), "peak": _("a peak"), "valley": _("a valley"),
}  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """One characteristic of a card on the bench: its counts, the classes as drawn, and what it is called."""

    card: ShelfCard
    fine: lab.Fine
    tuned: lab.Tuned
    label: str
    address: str

    @property
    def name(self) -> str:
        """What the characteristic means, in the reader's language."""
        return self.card.voice.name_label(self.label, self.card.folder.features.get(self.label))

    def link(self, starts: tuple[int, ...], shape: str | None = None) -> str:
        """The address of the same page with other classes."""
        return f"{self.address}?starts={','.join(map(str, starts))}&shape={shape or self.tuned.shape}"


@page("see_rulebook")
def show_tuning(request: HttpRequest, pack: str, name: str, version: str, label: str) -> HttpResponse:
    """The characteristic with the classes that the address draws; without any, with the card's own."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    card = find_card(desk, pack, name, version)
    if card is None or all(label != c.label for c in card.folder.card.characteristics):
        raise Http404(f"{pack} {name} {version} {label}")
    body = card.folder.files.get(lab.FINE)
    if body is None:
        return render(request, "consoles/card_tuning_none.html", {"card": card, "label": label, "title": _title(card)})
    fine = lab.read_fine(body)
    if request.method == "POST":
        return _keep(request, desk, card, fine, label)
    fault, status = "", 200
    try:
        bench = _open(card, fine, label, request.GET.get("starts", ""), request.GET.get("shape", ""))
    except BadInput as refusal:
        fault, status = tell_fault(refusal), 400
        bench = _open(card, fine, label, "", "")
    told = {**_describe(desk, bench), "fault": fault}
    is_part = bool(request.htmx) and not fault  # type: ignore[attr-defined]
    return render(request, f"consoles/{'parts/tuned' if is_part else 'card_tuning'}.html", told, status=status)


def _title(card: ShelfCard) -> str:
    return words.word(card.name, "card")


def _open(card: ShelfCard, fine: lab.Fine, label: str, starts: str, shape: str) -> Bench:
    """The bench with the classes asked for: ``best`` joins them anew in the shape asked for."""
    raw = card.folder.raw
    question = fine.questions.get(label)
    if question is None:
        raise Http404(label)
    known = lab.HAND_SHAPES if question.units.kind == "number" else ("free",)
    if shape and shape not in known:
        raise BadInput(place="shape", found=shape[:40], expected=", ".join(known))
    held = next((one for one in lab.HAND_SHAPES if one == shape), question.units.shape)
    if starts == "best":
        drawn = lab.join_anew(fine, question, held, RULES)
    elif starts:
        drawn = lab.read_starts(starts, question)
    else:
        own = next(c for c in raw["characteristics"] if c["label"] == label)
        drawn = lab.find_starts(question, own)
    tuned = lab.tune(raw, fine, label, starts=drawn, shape=held, rules=RULES)
    return Bench(card, fine, tuned, label, reverse("cards_tuning", args=[*card.key, label]))


def _describe(desk: Desk, bench: Bench) -> dict[str, Any]:
    card, tuned = bench.card, bench.tuned
    question = bench.fine.questions[bench.label]
    asked = [c.label for c in card.folder.card.characteristics if c.label in bench.fine.questions]
    at = asked.index(bench.label)
    return {
        "card": card, "bench": bench, "tuned": tuned, "label": bench.label, "title": _title(card),
        "classes": [_tell_class(bench, place) for place in range(len(tuned.classes))],
        "tail": [{"one": one, "name": _name(bench, one), **_tell_figures(one)} for one in tuned.tail],
        "figures": _tell_effect(tuned),
        "breaks": [_break(bench, pair) for pair in tuned.breaks],
        "small": [_name(bench, one) for one in tuned.classes if not one.is_large_enough],
        "shapes": [(code, SHAPE_NAMES[code]) for code in _shapes(question)],
        "picture": draw_picture(question, tuned, lambda one: _name(bench, one), _tell_cuts(bench)),
        "best": bench.link(()).replace("starts=&", "starts=best&"), "link": bench.link(tuned.starts),
        "before": asked[at - 1] if at else None, "after": asked[at + 1] if at + 1 < len(asked) else None,
        "is_stale": question.rest_of != card.version, "rest_of": question.rest_of,
        "may_keep": desk.may("edit_rulebook") and card.number is not None,
        "is_elsewhere": card.number is None, "starts": ",".join(map(str, tuned.starts)),
    }  # fmt: skip


def _shapes(question: Any) -> tuple[str, ...]:
    return lab.HAND_SHAPES if question.units.kind == "number" else ("free",)


def _name(bench: Bench, one: lab.TunedClass) -> str:
    if one.name in ("missing", "other"):
        return words.bin_name(one.name, bench.label)
    return bench.card.voice.name_bin(bench.label, one.bin)


def _tell_cuts(bench: Bench) -> list[str]:
    """What each border between fine classes is called: the value from which the next class begins."""
    units = bench.fine.questions[bench.label].units
    if units.kind == "word":
        return [", ".join(words_[:2]) for words_ in units.words[1:]]
    return [bench.card.voice.value(bench.label, int(cut) if cut == int(cut) else cut) for cut in units.cuts]


def _tell_class(bench: Bench, place: int) -> dict[str, Any]:
    tuned = bench.tuned
    one = tuned.classes[place]
    starts = tuned.starts
    has_next = place + 1 < len(tuned.classes)
    return {
        "one": one, "name": _name(bench, one), **_tell_figures(one),
        "join": bench.link((*starts[: place + 1], *starts[place + 2 :])) if has_next else "",
        "next": _name(bench, tuned.classes[place + 1]) if has_next else "",
        "cut": bench.link((*starts[: place + 1], one.cut, *starts[place + 1 :])) if one.cut is not None else "",
    }  # fmt: skip


def _tell_figures(one: lab.TunedClass) -> dict[str, Any]:
    return {
        "rows": f"{one.rows:,}", "share": figures.percent(one.share),
        "bad_rate": figures.percent(one.bad_rate), "woe": _signed(one.woe, 3), "iv": f"{one.iv:.4f}",
        "points": _signed(one.points, 0), "was": "" if one.points_before in (None, one.points) else
        _signed(one.points_before or 0, 0),
    }  # fmt: skip


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", "−") if round(value, digits) else f"{0:.{digits}f}"


def _tell_effect(tuned: lab.Tuned) -> list[dict[str, Any]]:
    told = (
        (_("Information value"), "iv", _("How far good and bad differ over its classes")),
        (_("Divergence alone"), "divergence", _("How far its weights of evidence set good and bad apart")),
        (_("AUC alone"), "auc", _("How often a good applicant's class is better than a bad one's")),
        (_("KS alone"), "ks", _("The largest gap between good and bad, from the worst class up")),
        (_("Divergence of the card"), "card_divergence", _("Of the whole card, on its training sample")),
    )  # fmt: skip
    found = []
    for name, code, hint in told:
        now, before = getattr(tuned.now, code), getattr(tuned.before, code)
        change = now - before
        tone = "" if abs(change) < 5e-5 else "good-ink" if change > 0 else "bad-ink"
        found.append({"name": name, "hint": hint, "now": f"{now:.4f}", "before": f"{before:.4f}",
                      "change": _signed(change, 4), "tone": tone, "is_changed": bool(tone)})  # fmt: skip
    return found


def _break(bench: Bench, pair: tuple[str, str]) -> tuple[str, str]:
    by_name = {one.name: _name(bench, one) for one in bench.tuned.classes}
    return by_name[pair[0]], by_name[pair[1]]


def _keep(request: HttpRequest, desk: Desk, card: ShelfCard, fine: lab.Fine, label: str) -> HttpResponse:
    """Keep the classes as a new version of the card in a draft of the rulebook; the card itself stays as it is."""
    if not desk.may("edit_rulebook"):
        raise PermissionDenied("edit_rulebook")
    bench: Bench | None = None
    why = request.POST.get("why", "")
    try:
        bench = _open(card, fine, label, request.POST.get("starts", ""), request.POST.get("shape", ""))
        if card.number is None:
            raise Refused(gettext("This card lies in a pack that this factory does not work by; nothing is kept here."))
        version = _next_version(desk, card)
        folder = lab.draw_draft(
            card.folder.raw, card.folder.files, fine, bench.tuned, version=version, by=desk.username,
            on=desk.factory.business_on, why=why,
        )  # fmt: skip
        place = f"cards/{card.name}/{version}"
        held = publishing.edit_files(
            find_factory(desk), card.number, {f"{place}/{file}": body for file, body in folder.items()},
            by=desk.username, title=f"{card.name} {version}: {label}",
        )  # fmt: skip
    except (BadInput, Refused) as refusal:
        shown = bench or _open(card, fine, label, "", "")
        told = {**_describe(desk, shown), "fault": tell_fault(refusal), "why": why}
        return render(request, "consoles/card_tuning.html", told, status=409)
    said = gettext("Kept as version {version} in draft {n} of the rulebook; version {old} stays as it is.")
    messages.success(request, said.format(version=version, n=held, old=card.version))
    return HttpResponseRedirect(reverse("cards_one", args=[card.pack, card.name, version]))


def _next_version(desk: Desk, card: ShelfCard) -> str:
    """The next number after every version that is known: on the shelf, and in the rulebook version it goes into."""
    assert card.number is not None
    held: reads.VersionFile = find_version(desk, card.number)
    known = {one.version for one in list_versions(desk, card.pack, card.name)}
    known |= {place.split("/")[2] for place in held.files if place.startswith(f"cards/{card.name}/")}
    numbers = [int(one[1:]) for one in known if one[:1] == "v" and one[1:].isdecimal() and one[1:].isascii()]
    return f"v{max(numbers, default=0) + 1:03d}"
