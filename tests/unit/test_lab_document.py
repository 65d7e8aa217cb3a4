"""The model document: whole in both languages, one page that needs nothing else, a PDF with real pictures and words."""

from __future__ import annotations

import ast
import io
import json
import re
import string
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pdfplumber
import polars as pl
import pytest

from creditfactory import lab
from creditfactory.cli import main
from creditfactory.kernel import BadInput
from creditfactory.lab import (
    binning,
    card_changes,
    card_pictures,
    cards,
    chinese,
    comparing,
    comparison_report,
    document,
    document_evidence,
    document_pdf,
    doubts,
    fitting,
    leakage,
    sample,
    watch_report,
)
from creditfactory.lab import voice as voices
from creditfactory.service import card_commands

SPEAKING = (voices, card_pictures, document, card_changes, watch_report, comparison_report, card_commands, sample,
            binning, cards, document_evidence, document_pdf, doubts, fitting, leakage)  # fmt: skip

RULEBOOK = Path(__file__).resolve().parents[2] / "rulebook"
HAN = re.compile("[\u4e00-\u9fff]")


def draw_shops(seed: int, worse: float = 0.0) -> pl.DataFrame:
    """Eight hundred made-up shops, one of whose towns tries to be markup."""
    chance = np.random.default_rng(seed)
    years, town = chance.integers(0, 20, 800), chance.choice(["<b>Aba</b>", "Bo"], 800)
    bad = chance.random(800) < 0.5 + worse - 0.02 * years + 0.1 * (town == "Bo")
    days = [date(2026, 1, 1) + timedelta(days=int(d)) for d in chance.integers(0, 90, 800)]
    return pl.DataFrame({"years": years, "town": town, "weight": 1.0 + years % 3, "bad": bad.astype(int), "day": days})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A card on made-up shops."""
    frame = draw_shops(3).drop("day")
    plan = lab.CardPlan(target="bad", name="shop", weight="weight", owner="modelling", purpose="Shops that fail.",
                        limits=("Made up.",))  # fmt: skip
    out = tmp_path_factory.mktemp("shop") / "v001"
    lab.write_card(lab.build_card(frame, plan, data_sha256="ab" * 32), out)
    return out


def test_counts_of_points_tell_the_figures_of_the_card_again(place: Path) -> None:
    """SCR-03: what the pictures are drawn from is what was judged, weights and all."""
    folder = lab.read_folder(place)
    for name, counts in folder.scores.items():
        told, sure = folder.raw["performance"][name], lab.tell_certainty(counts)
        assert counts.rows == told["rows"] and sum(counts.bads) == told["bads"]
        for figure in ("auc", "ks"):
            assert abs(sure[figure].value - told[figure]) < 1e-6
            assert sure[figure].low < told[figure] < sure[figure].high
        bands = lab.list_bands(counts, folder.raw["performance"]["bands"]["cuts"], slope=folder.card.calibration_slope,
                               intercept=folder.card.calibration_intercept)  # fmt: skip
        assert sum(b.rows for b in bands) == counts.rows
        assert abs(sum(b.share * b.foretold for b in bands) - told["calibration"]["expected"]) < 1e-4
    assert folder.check_golden() == (len(folder.golden), [])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_document_is_whole_as_a_page_and_as_pdf(place: Path, language: str, tmp_path: Path) -> None:
    """LAB-03: purpose to hashes in either language; the PDF's pictures are vectors and its Chinese is text."""
    page, paper = tmp_path / "shop.html", tmp_path / "shop.pdf"
    for out in (page, paper):
        assert main(["cards", "document", str(place), "--language", language, "--out", str(out)]) == 0
    text = page.read_text("utf-8")
    assert "<b>Aba" not in text and "&lt;b&gt;Aba" in text
    assert "<script" not in text and "http" not in text and 'src="' not in text, "the page needs nothing else"
    assert text.count("<h2>") == 20 and text.count('<svg class="picture"') == 6
    with pdfplumber.open(io.BytesIO(paper.read_bytes())) as pdf:
        words = "".join(p.extract_text() for p in pdf.pages)
        assert sum(len(p.rects) + len(p.curves) + len(p.lines) for p in pdf.pages) > 60
        assert not any(p.images for p in pdf.pages), "pictures are vectors"
    wanted = "模型文档：评分卡 shop v001" if language == "zh" else "Model document: card shop v001"
    assert ("校准后为" if language == "zh" else "as calibrated") in words, "the scale stated beside the scale reached"
    assert ("文件本身未嵌入字体" in words) is (language == "zh")
    assert wanted in words and ("坏账率" if language == "zh" else "Bad rate") in words
    assert lab.read_folder(place).manifest["data"]["sha256"] in words.replace("\n", "")


def test_a_look_at_a_card_is_told_from_its_own_figures(place: Path) -> None:
    """LAB-03: months, reasons and drift of real outcomes; where nothing can be said, one sentence says so."""
    folder, reference = lab.read_folder(place), lab.find_reference(place)
    assert reference is not None
    window = lab.open_window(folder.card, draw_shops(4, 0.2), target="bad", weight="weight", days="day")
    why = lab.explain(window, reference)
    figures = {**lab.tell_watch(window, reference), "explanation": why.as_json()}
    told = {
        s.code: "".join(map(lab.write_block, s.blocks))
        for s in lab.report_watch(figures, why.kind, lab.Voice("zh"), {})
    }
    assert set(told) == {"now", "months", "why", "drift"}
    assert why.as_json()["words"]["zh"] in told["why"] and told["months"].count("<svg") == 3
    assert all(month in told["months"] for month in ("2026-01", "2026-02", "2026-03"))
    [only] = lab.report_watch({}, "few", lab.Voice("en"), {})
    assert only.code == "now" and "Too few outcomes" in lab.write_block(only.blocks[0])


def test_what_cannot_be_written_is_said(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "there.pdf"
    there.write_bytes(b"kept")
    compared = tmp_path / "compared.json"
    compared.write_text("{}", "utf-8")
    for words, says in (
        ([str(place), "--out", str(tmp_path / "a.docx")], "ends in .html or .pdf"),
        ([str(place), "--out", str(there)], "there already"),
        ([str(tmp_path), "--out", str(tmp_path / "a.pdf")], "no card.json"),
        ([str(place), "--comparison", str(compared), "--out", str(tmp_path / "a.pdf")], "--protected"),
    ):
        assert main(["cards", "document", *words]) == 1
        told = capsys.readouterr()
        assert told.out == "" and says in told.err
    assert there.read_bytes() == b"kept"


def test_a_broken_file_of_a_folder_is_named(place: Path) -> None:
    whole = dict(lab.read_folder(place).files)
    counts = json.loads(whole["scores.json"])
    counts["train"]["bads"][0] = -1
    for name, body, says in (("scores.json", json.dumps(counts).encode(), r"train\.bads\[0\]: found -1"),
                             ("features.json", b"{", "features.json")):  # fmt: skip
        broken = lab.CardFolder("shop/v001", {**whole, name: body})
        with pytest.raises(BadInput, match=says):
            lab.build_document(broken, lab.Voice("en"))


def test_every_sentence_of_the_lab_has_its_chinese() -> None:
    told = chinese.read_chinese()
    trees = [ast.parse(Path(str(module.__file__)).read_text("utf-8")) for module in SPEAKING]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    said = {*comparing.PROPOSALS.values(), *(n.args[0].value for n in nodes if _is_said(n))}  # type: ignore[attr-defined]
    assert sorted(said - set(told)) == []
    written = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert sorted(set(told) - said - written) == [], "said nowhere any more"
    fields = string.Formatter().parse
    for english, other in told.items():
        assert {f[1] for f in fields(english)} - {None} == {f[1] for f in fields(other)} - {None}, english


def _is_said(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("voice", "self", "say")
        and bool(node.args) and isinstance(node.args[0], ast.Constant)
    )  # fmt: skip


def test_shipped_cards_say_what_they_are_for_and_where_they_end_in_both_languages() -> None:
    """On a Chinese page no purpose and no limit of a card stands in English; the model card holds both."""
    folders = [lab.read_folder(file.parent) for file in sorted(RULEBOOK.glob("*/cards/*/*/manifest.json"))]
    folders = [folder for folder in folders if folder.plan.get("owner") and "network_fraud" not in folder.place]
    told = [one for folder in folders for one in (folder.purpose, *folder.plan["limits"])]
    assert len(told) > 60
    assert [
        one for one in told if not isinstance(one, dict) or not HAN.search(one["zh"]) or HAN.search(one["en"])
    ] == []
    assert [one for one in told if not any(one["zh"] in folder.model_card for folder in folders)] == []
