"""Classes drawn by hand on a page: told at once, linked, refused in words, kept as a draft with who and why."""

from __future__ import annotations

import json

import pytest

from creditfactory import lab, publishing, records, scoring
from creditfactory.service.words import compile_words
from tests.books import adopt, leave_cases_out
from tests.floor import lay_floor
from tests.journeys.test_consoles_pages import sign_in, text_of
from tests.tuned_card import ADDRESS, draw_applicants, lay_card

pytestmark = pytest.mark.django_db
WHY = "Three queries and four are one habit of brokers here"


@pytest.fixture
def draft(settings: object, monkeypatch: pytest.MonkeyPatch) -> int:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    compile_words()
    lay_floor()
    leave_cases_out(monkeypatch)
    return lay_card(adopt())


def files_of(number: int) -> dict[str, bytes]:
    tenant = records.find_tenant("cn-micro")
    assert tenant is not None
    return records.read_stored_rulebook(publishing.find_version(tenant, number).row.id).files


def test_the_effect_of_other_classes_is_told_at_once_in_both_languages(draft: int) -> None:
    """SCR-03: cuts moved, classes joined and cut, the shape switched: figures follow from counts alone."""
    client = sign_in("hu")
    page = text_of(client.get(ADDRESS))
    assert "as on the card" in page and "Nothing has been changed yet." in page
    drawn = client.get(ADDRESS, {"starts": "0,3", "shape": "down"}, headers={"HX-Request": "true"})
    part = text_of(drawn)
    assert "<html" not in part and "below 3" in part and "3 or more" in part and "was" not in part.split("Class")[0]
    assert "go against the shape" in text_of(client.get(ADDRESS, {"starts": "0,3", "shape": "up"}))
    for asked, says in (
        ({"starts": "0,3,2"}, "rising"),
        ({"starts": "0,999"}, "rising"),
        ({"shape": "zigzag"}, "shape"),
    ):
        refused = client.get(ADDRESS, asked)
        assert refused.status_code == 400 and says in text_of(refused) and "as on the card" in text_of(refused)
    best = text_of(client.get(ADDRESS, {"starts": "best", "shape": "free"}))
    assert "Divergence of the card" in best
    client.post("/language/", {"language": "zh-hans", "next": "/"})
    chinese = text_of(client.get(ADDRESS, {"starts": "0,3", "shape": "down"}, headers={"Accept-Language": "zh-hans"}))
    assert "整卡离散度" in chinese and "保存为草稿" in chinese


def test_what_was_drawn_becomes_a_new_version_with_who_and_why_and_the_old_one_stays(draft: int) -> None:
    """SCR-03: never in place; the draft scores as its table said, and says that nobody has judged it."""
    client = sign_in("hu")
    before = files_of(draft)
    asked = {"starts": "0,3", "shape": "down"}
    assert client.post(ADDRESS, {**asked, "why": "short"}).status_code == 409
    assert "at least 10 characters" in text_of(client.post(ADDRESS, {**asked, "why": "short"}))
    assert client.post(ADDRESS, {"why": WHY}).status_code == 409, "the card's own classes are no new version"
    assert files_of(draft) == before
    answer = client.post(ADDRESS, {**asked, "why": WHY})
    assert answer.status_code == 302 and answer["Location"] == "/cards/cn-micro/application/v102/"
    assert "version v102 in draft" in text_of(client.get(answer["Location"]))
    after = files_of(draft)
    assert {p: after[p] for p in before} == before
    made = {p.rpartition("/")[2]: body for p, body in after.items() if p.startswith("cards/application/v102/")}
    assert {"card.json", "golden.json", "model_card.md", "fine.json.gz", "features.json", "manifest.json",
            "findings.json"} == set(made)  # fmt: skip
    card = json.loads(made["card.json"])
    note = card["sample"]["drawn_by_hand"]
    assert json.loads(made["findings.json"])["by_hand"] == [note], "every hand that drew is remembered"
    assert (note["by"], note["why"], note["of"], note["label"]) == ("hu", WHY, "v101", "queries_3m")
    assert "auc" not in json.dumps(card["performance"]), "no figure of the old card stands for the new one"
    assert WHY in made["model_card.md"].decode() and "Not judged yet" in made["model_card.md"].decode()
    fine = lab.read_fine(made["fine.json.gz"])
    raw = next(c for c in card["characteristics"] if c["label"] == "queries_3m")
    assert lab.find_starts(fine.questions["queries_3m"], raw) == (0, 3)
    frame = draw_applicants()
    sample = lab.draw_sample(frame, target="bad")
    points = scoring.score_frame(scoring.read_card(card), frame).to_numpy()
    told = f"{lab.measure_divergence(points, sample.bad, sample.weight):.4f}"
    assert told in text_of(client.get(ADDRESS, asked))
    assert f"{told} now" in made["model_card.md"].decode()


def test_who_may_not_edit_may_try_and_not_keep(draft: int) -> None:
    client = sign_in("lin")
    assert "a modeller or policy owner keeps them" in text_of(client.get(ADDRESS))
    assert client.post(ADDRESS, {"starts": "0,3", "shape": "down", "why": WHY}).status_code == 403
    assert client.get(ADDRESS.replace("queries_3m", "nobody_asks")).status_code == 404
    assert "carries no fine counts" in text_of(
        client.get(ADDRESS.replace("v101", "v001").replace("queries_3m", "age_years"))
    )
    assert sign_in("ma").get(ADDRESS).status_code == 403
