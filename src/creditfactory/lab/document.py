"""The model document: one card told whole, as sections of sentences, tables and pictures, in Chinese or English.

Written once as parts; a page, a file for a browser and a PDF show the same parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from creditfactory.lab.blocks import (
    Beside,
    Block,
    Document,
    Facts,
    Figure,
    Listing,
    Paragraph,
    Section,
    Surroundings,
    Table,
)
from creditfactory.lab.card_pictures import draw_calibration, draw_classes, draw_roc, draw_scale, draw_spread
from creditfactory.lab.curves import list_bands, tell_certainty
from creditfactory.lab.document_evidence import (
    PSI_ACT,
    PSI_WATCH,
    list_lines,
    tell_hand,
    tell_left_out,
    tell_time,
    tell_together,
    tell_without,
)
from creditfactory.lab.folder import CardFolder
from creditfactory.lab.voice import NOTHING, Voice, name_gaps
from creditfactory.scoring import Characteristic

SCALE_STEPS = 9


def build_document(folder: CardFolder, voice: Voice, around: Surroundings | None = None) -> Document:
    """Tell a card whole: what it is for, what it was built on, its points, how good it is, where it ends, who signs."""
    around = around or Surroundings()
    voice = replace(voice, units={**voice.units, **folder.units})
    makers = (
        ("purpose", voice("Purpose"), _tell_purpose), ("data", voice("Data and target"), _tell_data),
        ("binning", voice("Classes and how they were found"), _tell_binning), ("points", voice("Points"), _tell_points),
        ("features", voice("What it asks"), _tell_features), ("reasons", voice("Reasons"), _tell_reasons),
        ("left_out", voice("What it does not ask, and why"), tell_left_out),
        ("together", voice("How its characteristics go together"), tell_together),
        ("without", voice("What each characteristic is worth"), tell_without),
        ("hand", voice("Drawn by hand"), tell_hand),
        ("performance", voice("How well it tells good from bad"), _tell_performance),
        ("calibration", voice("What points promise"), _tell_calibration),
        ("time", voice("Out of time"), tell_time),
        ("stability", voice("Stability"), _tell_stability), ("fairness", voice("Fairness"), _tell_fairness),
        ("limits", voice("Limits"), _tell_limits), ("monitoring", voice("How it is watched"), _tell_monitoring),
        ("golden", voice("Golden applicants"), _tell_golden), ("approval", voice("Approval"), _tell_approval),
        ("hashes", voice("Hashes"), _tell_hashes),
    )  # fmt: skip
    sections = tuple(Section(code, title, tuple(make(folder, voice, around))) for code, title, make in makers)
    title = voice("Model document: card {name} {version}", name=folder.card.name, version=folder.card.version)
    return Document(title, voice.language, sections)


def _tell_purpose(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    card, blocks = folder.card, []
    if told := voice.pick(folder.purpose):
        blocks.append(Paragraph(told))
    low, high = reach_of_card(folder)
    facts = [
        (voice("Card"), f"{card.name} {card.version}"), (voice("Owner"), folder.owner or NOTHING),
        (voice("Role"), _say_known(voice, card.role)), (voice("Method"), _say_known(voice, card.method)),
        (voice("Target"), _say_target(folder, voice)),
        (voice("Characteristics"), str(len(card.characteristics))),
        (voice("Points from and to"), f"{low} – {high}"),
    ]  # fmt: skip
    if card.pdo and card.base_points and card.base_odds:
        scale = "{base:g} points stand for {odds:g} good to one bad; {pdo:g} more double that"
        said = voice(scale, base=card.base_points, odds=card.base_odds, pdo=card.pdo)
        if card.calibration_slope:
            chance = card.probability(round(card.base_points))
            said += voice("; as calibrated {odds} : 1", odds=f"{(1 - chance) / chance:,.1f}")
        facts.append((voice("Scale"), said))
    return [*blocks, Facts(tuple(facts))]


def _say_target(folder: CardFolder, voice: Voice) -> str:
    return voice.pick(folder.plan.get("target_words")) or voice.code(folder.card.target)


def _say_known(voice: Voice, code: str) -> str:
    """A method or role in words; one that has none as it stands."""
    known = {
        "expert": voice("set by credit officers"), "logistic": voice("logistic on weight of evidence"),
        "divergence": voice("largest divergence under shapes"), "distilled": voice("taught by a challenger"),
        "admission": voice("admission"), "master": voice("master card"), "fraud": voice("fraud"),
        "behaviour": voice("behaviour"), "collection": voice("collection"),
    }  # fmt: skip
    return known.get(code, code)


def reach_of_card(folder: CardFolder) -> tuple[int, int]:
    """The fewest and the most points the card can give."""
    spans = [[one.points for _, one in q.classes] for q in folder.card.characteristics]
    start = folder.card.intercept_points
    return start + sum(map(min, spans)), start + sum(map(max, spans))


def _tell_data(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    sample, plan = folder.card.sample, folder.plan
    if not sample.get("rows"):
        return [
            Paragraph(
                voice("No outcome was looked at: credit officers set the points, and no figure is claimed."), "warn"
            )
        ]
    facts = [
        (voice("Applicants learnt from"), voice.count(sample.get("rows"))),
        (voice("Bad among them"), voice.count(sample.get("bads"))),
        (voice("Target"), _say_target(folder, voice) + " " + voice("(1 = bad)")),
        (voice("Window"), voice("{start} to {end}", start=voice.day(sample["from"]), end=voice.day(sample.get("to")))
         if sample.get("from") else voice("no time column")),
        (voice("Outcomes known by"),
         voice.day(sample["known_by"]) if sample.get("known_by") else voice("as in the data")),
        (voice("Weights"),
         voice("sampling weights restore the population") if sample.get("weighted") else voice("none")),
    ]  # fmt: skip
    held = folder.card.performance.get("holdout") or {}
    if held:
        how = voice.day(plan["holdout_from"]) if plan.get("holdout_from") else ""
        text = voice("{n} held out, from {day} on", n=voice.count(held.get("rows")), day=how) if how else voice(
            "{n} held out by chance", n=voice.count(held.get("rows")))  # fmt: skip
        facts.append((voice("Holdout"), text))
    blocks: list[Block] = [Facts(tuple(facts))]
    for name, said in (("exclude", voice("Never read:")), ("only", voice("Chosen from:"))):
        if plan.get(name):
            blocks.append(Paragraph(f"{said} {voice.join(plan[name])}"))
    if digest := sample.get("data_sha256"):
        blocks.append(Paragraph(voice("Data: sha256 {digest}", digest=digest)))
    return blocks


def _tell_binning(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    if not any("iv" in c for c in folder.raw["characteristics"]):
        return [Paragraph(voice("The classes were drawn by credit officers."))]
    blocks: list[Block] = [Paragraph(voice(
        "Each characteristic is cut finely, then classes are merged as long as evidence and the shape asked for allow;"
        " unknown, other and coded answers have classes of their own."))]  # fmt: skip
    rows = []
    shapes = folder.plan.get("shapes") or {}
    for raw, question in zip(folder.raw["characteristics"], folder.card.characteristics, strict=True):
        points = [one.points for _, one in question.classes]
        shape = _say_shape(voice, shapes.get(question.label, "auto"))
        ends = (voice.points(min(points)), voice.points(max(points)))
        name, iv = _name(folder, voice, question), voice.figure(raw.get("iv"))
        rows.append((name, iv, str(len(question.bins)), *ends, shape))
    head = (voice("Characteristic"), voice("Information value"), voice("Classes"), voice("Fewest points"),
            voice("Most points"), voice("Shape asked for"))  # fmt: skip
    blocks.append(Table(head, tuple(rows), frozenset({0, 5})))
    rules = folder.plan.get("rules") or {}
    if rules:
        said = voice("A class holds at least {share} of the rows; at most {bins} classes and {asks} characteristics.",
                     share=voice.percent(rules.get("share_min")), bins=rules.get("bins_max"),
                     asks=rules.get("characteristics_max"))  # fmt: skip
        blocks.append(Paragraph(said))
    open_answers = {
        "never_better": voice("An open answer earns at most what the average answer earns, whatever its bad rate."),
        "least": voice("An open answer earns what the least favourable class earns, whatever its bad rate."),
    }
    if told := open_answers.get(str(rules.get("unknown"))):
        blocks.append(Paragraph(told))
    return blocks


def _say_shape(voice: Voice, shape: str) -> str:
    known = {"auto": voice("monotone, either way"), "up": voice("rising"), "down": voice("falling"),
             "peak": voice("peak"), "valley": voice("valley"), "free": voice("free")}  # fmt: skip
    return known.get(shape, shape)


def _name(folder: CardFolder, voice: Voice, question: Characteristic) -> str:
    return voice.name_label(question.label, folder.features.get(question.label))


def _tell_points(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    start = folder.card.intercept_points
    blocks: list[Block] = [
        Paragraph(voice("Everybody begins with {points} points; each answer adds or takes away.", points=start))
    ]
    for question in folder.card.characteristics:
        blocks += tell_question(folder, voice, question)
    return blocks


def tell_question(folder: CardFolder, voice: Voice, question: Characteristic) -> list[Block]:
    """One characteristic: its picture and its table of classes."""
    name, named = _name(folder, voice, question), voice.name_bins(question)
    is_counted = any(one.bad_rate is not None for _, one in named)
    rows, points = [], []
    for text, one in named:
        cells = [text, voice.points(one.points)]
        if is_counted:
            cells += [voice.percent(one.share), voice.percent(one.bad_rate, 2), voice.figure(one.woe, 2)]
        rows.append((*cells, one.reason or ""))
        points.append(float(one.points))
    head = [voice("Class"), voice("Points")]
    head += [voice("Share"), voice("Bad rate"), voice("Weight of evidence")] if is_counted else []
    table = Table((*head, voice("Reason")), tuple(rows), frozenset({0, len(head)}), {1: tuple(points)})
    drawn = draw_classes([pair for pair in named if pair[1].share or not is_counted], name, voice)
    return [Beside(Figure(drawn, name), table)]


def _tell_features(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    rows = []
    for question in folder.card.characteristics:
        told = folder.features.get(question.label, {})
        rows.append((
            _name(folder, voice, question), question.label, voice.code(told.get("source")),
            voice.pick(told.get("as_of")) or voice("as known at the application"), voice.code(told.get("unit")),
        ))  # fmt: skip
    head = (voice("Definition"), voice("Name"), voice("Source"), voice("Known when"), voice("Unit"))
    return [Table(head, tuple(rows), frozenset(range(5)))]


def _tell_reasons(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    codes = dict.fromkeys(one.reason for q in folder.card.characteristics for _, one in q.classes if one.reason)
    if not codes:
        return [Paragraph(voice("The card gives no reasons of its own; points lost are told by their characteristic."))]
    known = around.reasons or {}
    rows = []
    for code in codes:
        words = known.get(code, {}).get("borrower") or {}
        rows.append((code, name_gaps(words.get("zh", NOTHING)), name_gaps(words.get("en", NOTHING))))
    return [Table((voice("Code"), voice("A borrower reads, Chinese"), voice("A borrower reads, English")), tuple(rows),
                  frozenset({0, 1, 2}))]  # fmt: skip


def _tell_performance(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    told = folder.card.performance
    samples = [(name, told[code]) for code, name in (("train", voice("learnt from")), ("holdout", voice("held out")))
               if told.get(code)]  # fmt: skip
    if not samples:
        return [Paragraph(voice("No figure is claimed: no outcome was looked at."), "warn")]
    sure = {voice("learnt from"): folder.scores.get("train"), voice("held out"): folder.scores.get("holdout")}
    rows = []
    for name, figures in samples:
        counts = sure[name]
        drawn = tell_certainty(counts) if counts else {}
        cells = [name, voice.count(figures.get("rows")), voice.count(figures.get("bads"))]
        for code in ("auc", "ks"):
            between = drawn.get(code)
            span = "" if between is None else f" ({between.low:.3f} – {between.high:.3f})"
            cells.append(voice.figure(figures.get(code)) + span)
        cells += [voice.figure(figures.get("gini")), voice.figure(figures.get("divergence"))]
        rows.append(tuple(cells))
    head = (voice("Sample"), voice("Applicants"), voice("Bad"), voice("AUC (95 %)"), voice("KS (95 %)"), "Gini",
            voice("Divergence"))  # fmt: skip
    blocks: list[Block] = [Table(head, tuple(rows))]
    shown = folder.scores.get("holdout") or folder.scores.get("train")
    if shown is None:
        blocks.append(Paragraph(voice("How the points of good and bad fell was not kept with this version.")))
        return blocks
    on = voice("held out") if "holdout" in folder.scores else voice("learnt from")
    blocks.append(Figure(draw_spread(shown, voice), voice("Points of good and bad ({sample})", sample=on)))
    blocks.append(Figure(draw_roc(shown, voice), voice("ROC and KS ({sample})", sample=on)))
    return blocks


def _tell_calibration(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    card, blocks = folder.card, list[Block]()
    low, high = reach_of_card(folder)
    rows = []
    for place in range(SCALE_STEPS):
        at = round(low + (high - low) * place / (SCALE_STEPS - 1))
        chance = card.probability(at)
        odds = f"{(1 - chance) / chance:,.1f} : 1" if chance > 1e-9 else NOTHING
        rows.append((str(at), voice.percent(chance, 2), odds))
    head = (voice("Points"), voice("Chance of bad"), voice("Good to one bad"))
    for code, name in (("train", voice("learnt from")), ("holdout", voice("held out"))):
        figures = (card.performance.get(code) or {}).get("calibration")
        if figures:
            said = voice(
                "{sample}: promised {foretold}, came {found}; slope {slope} (1 is perfect).", sample=name,
                foretold=voice.percent(figures.get("expected"), 2), found=voice.percent(figures.get("observed"), 2),
                slope=voice.figure(figures.get("slope"), 2),
            )  # fmt: skip
            blocks.append(Paragraph(said))
    counts = folder.scores.get("holdout") or folder.scores.get("train")
    cuts = (card.performance.get("bands") or {}).get("cuts")
    if counts and cuts:
        bands = list_bands(counts, cuts, slope=card.calibration_slope, intercept=card.calibration_intercept)
        drawn = Figure(draw_calibration(bands, voice), voice("Promise and outcome by band of points"))
        table = tuple(
            (f"{b.start} – {b.end}", voice.count(b.rows), voice.percent(b.share), voice.percent(b.foretold, 2),
             voice.percent(b.found.value, 2), f"{voice.percent(b.found.low, 2)} – {voice.percent(b.found.high, 2)}")
            for b in bands
        )  # fmt: skip
        names = (voice("Points"), voice("Applicants"), voice("Share"), voice("Promised"), voice("Came"),
                 voice("95 % interval"))  # fmt: skip
        blocks.append(Beside(drawn, Table(names, table)))
    drawn = Figure(draw_scale(card, low, high, voice), voice("Chance of bad by points"))
    return [*blocks, Beside(drawn, Table(head, tuple(rows), frozenset()))]


def _tell_stability(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    held = folder.card.performance.get("holdout") or {}
    if held.get("psi") is None:
        return [Paragraph(voice("Nothing was held out to measure stability on."))]
    psi = float(held["psi"])
    said, tone = voice("moved: explain before use"), "bad"
    if psi < PSI_ACT:
        said, tone = (voice("steady"), "good") if psi < PSI_WATCH else (voice("to be watched"), "warn")
    told = "Points of the holdout against those learnt from: PSI {psi}, {said}."
    return [Paragraph(voice(told, psi=voice.figure(psi, 4), said=said), tone)]


def _tell_fairness(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    if not around.fairness:
        return [
            Paragraph(
                voice("No figures by protected group lie beside this version; cards compare --protected makes them.")
            )
        ]
    blocks: list[Block] = []
    for column, groups in around.fairness.items():
        rows = tuple(_tell_group(group, voice) for group in groups)
        head = (voice("Group"), voice("Applicants"), voice("Came"), voice("Promised"), voice("Approved"),
                voice("Approved of those who paid"), voice("Ratio to the best"))  # fmt: skip
        blocks.append(Table(head, rows, caption=column))
    return [
        *blocks,
        Paragraph(
            voice("Protected columns judge the card and are read by none; a ratio below 0.80 is the usual alarm.")
        ),
    ]


def _tell_group(group: Mapping[str, Any], voice: Voice) -> tuple[str, ...]:
    shares = (voice.percent(group.get(name)) for name in ("bad_rate", "foretold", "approved", "good_approved"))
    return (str(group.get("group")), voice.count(group.get("rows")), *shares, voice.figure(group.get("ratio"), 2))


def _tell_limits(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    told = [voice.pick(one) for one in folder.limits]
    return [Listing(tuple(told))] if told else [Paragraph(voice("None were stated."), "warn")]


def _tell_monitoring(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    blocks: list[Block] = [Listing((
        voice("Each night, as outcomes ripen: PSI of the points, CSI of each characteristic, AUC and KS with intervals,"
              " promise and outcome."),
        voice("What chance alone can show is no alarm; what goes beyond it is explained as mix, shift or real change."),
        voice("A refreshed version passes the gates or is dropped; nothing is installed by a machine."),
        voice("A second person signs; it runs in the shadow, then challenges, then governs; one step goes back."),
    ))]  # fmt: skip
    return [*blocks, list_lines(voice)]


def _tell_golden(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    if not folder.golden:
        return [Paragraph(voice("No golden applicants lie beside this version."), "warn")]
    equal, wrong = folder.check_golden()
    total = len(folder.golden)
    said = voice(
        "{equal} of {total} golden applicants come out equal, to the point and the chance.", equal=equal, total=total
    )
    blocks: list[Block] = [Paragraph(said, "good" if equal == total else "bad")]
    return [*blocks, Listing(tuple(wrong[:10]))] if wrong else blocks


def _tell_approval(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    signed = folder.manifest.get("approval")
    blocks: list[Block] = [Paragraph(voice.pick(signed) if signed else voice(
        "A second person signs the release of the rulebook that carries this card."))]  # fmt: skip
    if around.approvals:
        return [*blocks, Facts(tuple(around.approvals))]
    lines = tuple((who, "") for who in (voice("Built by"), voice("Checked by"), voice("Approved by, on")))
    return [*blocks, Facts(tuple((name, "________________________") for name, _ in lines))]


def _tell_hashes(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    import hashlib

    rows = tuple((name, hashlib.sha256(body).hexdigest()) for name, body in sorted(folder.files.items()))
    signed = folder.manifest.get("files") or {}
    odd = [name for name, digest in rows if name in signed and signed[name] != digest]
    blocks: list[Block] = [Table((voice("File"), "sha256"), rows, frozenset({0, 1}))]
    if odd:
        blocks.append(Paragraph(voice("Other than the manifest says: {names}.", names=voice.join(odd)), "bad"))
    elif signed:
        blocks.append(Paragraph(voice("All files are as the manifest says."), "good"))
    if made := folder.manifest.get("made_by"):
        blocks.append(Paragraph(voice("Made by {what}, seed {seed}.", what=made, seed=folder.manifest.get("seed"))))
    return blocks
