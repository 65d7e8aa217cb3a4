"""The pages of scorecards: the list, one card told whole and tried, its versions, how it fares, what is taken along."""

from __future__ import annotations

import json
import re
from datetime import date
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from creditfactory import gateways, lab, scoring
from creditfactory.consoles.views import cards as views
from creditfactory.gateways.pmml import read_pmml
from creditfactory.records import reads
from creditfactory.service.words import compile_words
from tests.floor import Floor, lay_floor
from tests.journeys.test_consoles_pages import sign_in, text_of

pytestmark = pytest.mark.django_db
CARD = "/cards/us-sba/sba_default/v007/"
PAGES = (
    "/cards/",
    CARD,
    f"{CARD}versions/",
    f"{CARD}watch/",
    "/cards/cn-micro/bureau/v001/",
    "/cards/cn-micro/master/v001/",
)


@pytest.fixture(scope="module", autouse=True)
def _words() -> None:
    compile_words()


@pytest.fixture
def floor(settings: object) -> Floor:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    cache.clear()
    return lay_floor()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_a_card_stands_in_both_languages(floor: Floor, language: str) -> None:
    """LAB-03: cards, their figures and pictures for people; a title, a state and no script in the page."""
    client = sign_in("lin", language)
    for address in PAGES:
        response = client.get(address)
        page = text_of(response)
        assert response.status_code == 200, address
        assert f'<html lang="{language}"' in page and 'class="state"' in page
        assert re.search(r"<title>[^<·]+ · ", page), address
        assert not re.search(r"\son\w+=|\sstyle=", page), f"{address} has an inline handler or style"
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), address
        if language == "zh-hans" and address != "/cards/":
            heads = re.findall(r"<(?:h2|th|dt)\b[^>]*>([^<]+)<", page)
            assert [h for h in heads if re.fullmatch(r"[A-Za-z ]{5,}", h.strip())] == [], address


def test_cards_are_found_by_word_pack_and_state(floor: Floor) -> None:
    client = sign_in("lin")
    whole = text_of(client.get("/cards/"))
    assert "SBA default v007" in whole and "Bureau and willingness v001" in whole
    found = text_of(
        client.get("/cards/", {"text": "charged off", "state": "elsewhere"}, headers={"HX-Request": "true"})
    )
    assert "<html" not in found and "v007" in found and "v006" not in found and "Bureau" not in found
    assert "No card matches" in text_of(client.get("/cards/", {"text": "unicorns"}))
    told = text_of(client.get("/cards/cards.csv"))
    assert "us-sba,sba_default,v007,elsewhere,2009-01-01" in told


def test_a_card_is_tried_by_the_rulebook_s_own_scorer(floor: Floor) -> None:
    """SCR-01: points, chance and reasons at once; what is no number is told at its field and counts as unknown."""
    client = sign_in("lin")
    folder = gateways.rulebook.default_folder() / "us-sba/cards/sba_default/v007"
    golden = json.loads((folder / "golden.json").read_text("utf-8"))["applicants"][29]
    page = text_of(client.get(f"{CARD}?golden=30"))
    assert f'<dd class="verdict num">{golden["points"]}</dd>' in page
    typed = {"sba_amount_cents": "10,000", "sba_employees": "many"}
    told = text_of(client.get(f"{CARD}probe/", typed, headers={"HX-Request": "true"}))
    assert (
        "<html" not in told and "“many” is no number" in told and "$\u202f10,200" in told.replace("&#x202F;", "\u202f")
    )
    empty = text_of(client.get(f"{CARD}probe/"))
    assert empty.count("unknown") >= 9, "what is left open falls into the class of the unknown"


def test_a_card_is_taken_along_in_every_form_by_those_who_may(floor: Floor) -> None:
    """SCR-06: what leaves is the card itself: JSON and PMML score as the card does; the document is whole."""
    client = sign_in("lin")
    taken = {form: client.get(f"{CARD}out/{form}/") for form in views.FORMS}
    assert {r.status_code for r in taken.values()} == {200}
    ours = scoring.read_card(json.loads(taken["json"].content))
    theirs = scoring.read_card(read_pmml(taken["pmml"].content, place="taken.pmml"))
    answers = dict.fromkeys(ours.labels)
    assert scoring.score(ours, answers).points == scoring.score(theirs, answers).points
    assert taken["pdf"].content.startswith(b"%PDF-") and taken["xlsx"].content.startswith(b"PK")
    assert "Model document" in taken["html"].content.decode()
    assert client.get(f"{CARD}out/docx/").status_code == 404
    assert sign_in("zheng").get(f"{CARD}out/json/").status_code == 403, "a regulator reads here and takes nothing along"
    assert client.get("/cards/us-sba/sba_default/v099/").status_code == 404


def test_versions_stand_beside_each_other(floor: Floor) -> None:
    client = sign_in("lin")
    page = text_of(client.get(f"{CARD}versions/"))
    assert "From v006 to v007" in page and "Where points moved" in page
    assert "From v003 to v007" in text_of(client.get(f"{CARD}versions/?with=v003"))
    assert "There is no earlier version" in text_of(client.get("/cards/us-sba/sba_default/v001/versions/"))


SPAN = {"value": 0.74, "low": 0.71, "high": 0.77}
MONTHS = [
    {"group": f"2026-0{m}", "rows": 900, "bads": 40 + m, "psi": 0.01 * m, "psi_noise": 0.025, "auc": SPAN,
     "expected": 0.04, "observed": 0.04 + 0.004 * m, "low": 0.03, "high": 0.09} for m in range(1, 7)
]  # fmt: skip
FIGURES = {
    "then": {"rows": 9000, "bads": 300}, "psi": {"value": 0.061, "noise": 0.02, "beyond": True},
    "csi": [{"label": "queries_3m", "value": 0.21, "noise": 0.03, "beyond": True}],
    **{name: {"now": SPAN, "then": SPAN, "gap": {"value": -0.05, "low": -0.08, "high": -0.02}}
       for name in ("auc", "ks", "divergence")},
    "calibration": {"expected": 0.04, "observed": 0.06, "low": 0.05, "high": 0.07, "slope": 0.8, "slope_low": 0.7,
                    "slope_high": 0.9},
    "periods": MONTHS, "segments": {},
    "explanation": {
        "kind": "shift", "words": {"en": "The level rose.", "zh": "整体水平上升。"},
        "auc": {"then": 0.78, "mix": -0.01, "shift": -0.04, "change": 0.0, "rest": 0.01, "now": 0.74},
        "bad_rate": {"then": 0.03, "mix": 0.01, "shift": 0.02, "change": 0.0, "rest": 0.0, "now": 0.06},
        "tests": {"shift": {"chance": 0.001, "beyond": True}},
        "characteristics": [{"label": "queries_3m", "auc": -0.02, "chance": 0.01,
                             "classes": [{"class": 0, "name": "below 2", "foretold": 0.03, "found": 0.05}]}],
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_how_a_card_fares_is_told_with_its_reasons_and_proposals(
    floor: Floor, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LAB-03, SCR-05: drift, discrimination and promise by month, why a figure fell, and every gate."""
    look = SimpleNamespace(
        id=7, on=date(2026, 3, 1), card="bureau", version="v001", number=1, window_from=date(2025, 9, 1),
        window_to=date(2026, 2, 28), rows=5400, bads=261, verdict="shift", figures=FIGURES,
    )  # fmt: skip
    gate = {"code": "auc", "passed": True, "figure": 0.76, "bar": 0.74, "words": {"en": "No worse", "zh": "不差于"}}
    proposal = SimpleNamespace(
        id=3, on=date(2026, 3, 2), card="bureau", parent="v001", version="v002", why="shift", passed=True, gates=[gate],
        draft=4, status="proposed", figures={},
    )  # fmt: skip
    monkeypatch.setattr(reads, "list_card_watch", lambda tenant_id, card="", **_: (look,), raising=False)
    monkeypatch.setattr(reads, "list_card_refreshes", lambda tenant_id, card="", **_: (proposal,), raising=False)
    page = text_of(sign_in("lin", language).get("/cards/cn-micro/bureau/v001/watch/"))
    said = (
        ("The level rose.", "No worse", "beyond chance")
        if language == "en"
        else ("整体水平上升。", "不差于", "超出偶然")
    )
    assert all(one in page for one in said)
    assert page.count('<svg class="picture"') == 5
    assert "v001 → v002" in page and "/rulebook/4/" in page


def compare_shops() -> lab.Comparison:
    """Two schools on made-up shops."""
    chance = np.random.default_rng(3)
    years, town = chance.integers(0, 20, 600), chance.choice(["<b>Aba</b>", "Bo"], 600)
    frame = pl.DataFrame(
        {"years": years, "town": town, "bad": (chance.random(600) < 0.5 - 0.02 * years).astype(int)}
    )  # fmt: skip
    card = lab.CardPlan(target="bad", holdout_share=0.3)
    return lab.compare(frame, lab.ComparePlan(card=card, schools=("divergence", "logistic"), folds=2))


def test_a_comparison_handed_in_is_told_on_the_page_and_not_kept(floor: Floor) -> None:
    """LAB-03: what `cards compare` left as JSON reads as its report does; a broken one says so."""
    found = compare_shops()
    content = json.dumps(found.as_json(), allow_nan=False).encode()
    again = lab.read_comparison(content, place="shops.json")
    assert again.as_json() == found.as_json()
    place, client = f"{CARD}versions/", sign_in("lin", "zh-hans")
    page = text_of(client.post(place, {"comparison": SimpleUploadedFile("shops.json", content)}))
    told = lab.report_comparison(again, lab.Voice("zh"), title="shops.json")
    assert all(f'id="compared-{section.code}"' in page and section.title in page for section in told.sections)
    assert "<b>Aba" not in page and "与挑战模型比较：shops.json" in page
    assert "compared-" not in text_of(client.get(place)), "nothing of it is kept"
    whole = found.as_json()
    for broken in (b"", b"{", b"[]", b"[" * 100_000, content[:-9], json.dumps({**whole, "models": [{}]}).encode(),
                   json.dumps({**whole, "swap": 3}).encode(), b'{"measured_against": NaN}',
                   content.replace(b'"auc": 0.', b'"auc": 1e999')):  # fmt: skip
        response = client.post(place, {"comparison": SimpleUploadedFile("a.json", broken)})
        page = text_of(response)
        assert response.status_code == 200 and 'role="alert"' in page and "compared-" not in page, broken[:40]
