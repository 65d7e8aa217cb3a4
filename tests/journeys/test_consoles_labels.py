"""The catalogue of labels and one label's page, in both languages: search, way, readers, spread, stability."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache

from creditfactory import labels
from creditfactory.service.words import compile_words
from tests.floor import Floor, lay_floor
from tests.journeys.test_consoles_case_pages import visible
from tests.journeys.test_consoles_pages import sign_in, text_of
from tests.judged import Judged, lay_cases

pytestmark = pytest.mark.django_db
ONE_OF_EACH = (
    "queries_3m", "bank__sale__sum_cents__90d", "bureau_months__late_cards__count__24m", "device__behaviour__pastes",
    "economy_industry__npl__latest", "cross__invoiced_to_banked_sale__bps__quarter", "network__device__others__7d",
    "invoice__sales__top_share_bps__365d", "is_female",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _words() -> None:
    compile_words()


@pytest.fixture
def floor(settings: object) -> Floor:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    cache.clear()
    return lay_floor()


@pytest.fixture
def judged(floor: Floor) -> Judged:
    return lay_cases()


def test_thousands_of_labels_are_found_by_words_of_either_language(floor: Floor) -> None:
    """LAB-01: the registry is there to be searched; LAB-04: by how a label is read."""
    client = sign_in("lin")
    page = text_of(client.get("/labels/"))
    total = int(re.search(r"([\d,]+) labels", page)[1].replace(",", ""))  # type: ignore[index]
    assert total == len(labels.list_labels("cn-micro")) + len(labels.PROTECTED)
    assert total > 3_000
    found = text_of(client.get("/labels/", {"text": "sales received 90 days largest"}, headers={"HX-Request": "true"}))
    assert "<html" not in found, "while typing only the list comes"
    assert "bank__sale__max_cents__90d" in found
    assert "bank__fee" not in found
    assert "bank__sale__max_cents__90d" in text_of(client.get("/labels/", {"text": "销售回款 近90天 单笔最大"}))
    assert "No label matches" in text_of(client.get("/labels/", {"text": "unicorns"}))
    kept = text_of(client.get("/labels/", {"source": "court", "polarity": "adverse"}, headers={"HX-Request": "true"}))
    assert "court__owner__count__365d" in kept
    assert "court__plaintiff__" not in kept
    assert "bank__" not in kept


def test_the_catalogue_comes_as_a_file(floor: Floor) -> None:
    rows = text_of(sign_in("lin").get("/labels/labels.csv")).splitlines()
    assert len(rows) == len(labels.list_labels("cn-micro")) + 1
    assert rows[0].startswith("\ufeffname,meaning_en,meaning_zh,family,source")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_page_for_a_label_of_every_kind(judged: Judged, language: str) -> None:
    """LAB-01: definition, lineage down to the field, law, owner and sensitivity; both languages, nothing mixed."""
    client = sign_in("lin")
    client.post("/i18n/setlang/", {"language": language})
    for name in ONE_OF_EACH:
        page = text_of(client.get(f"/labels/{name}/"))
        label = labels.explain_label(name)
        assert label.meaning["zh" if language == "zh-hans" else "en"] in page.replace("&#x27;", "'"), name
        assert name in page
        spread = text_of(client.get(f"/labels/{name}/spread/"))
        for picture in ("spread", "stability"):
            assert client.get(f"/labels/{name}/{picture}.json?theme=dark").json()["$schema"]
        if language == "zh-hans":
            seen = re.sub(
                r"\w+_\w+", " ", visible(page.replace(label.meaning["en"].replace("'", "&#x27;"), "")) + visible(spread)
            )
            latin = set(re.findall(r"[A-Za-z]{4,}", seen)) - {
                "English",
                "Credit",
                "Factory",
                "micro",
                "PIPL",
                "Enter",
                "Esc",
                "Lin",
                "Harbour",
                "Trust",
            }
            assert not latin - {"evidence", "labels", "night"}, (name, latin)


def test_the_way_of_a_label_is_told_from_the_field_to_what_is_made_of_it(judged: Judged) -> None:
    client = sign_in("lin")
    page = text_of(client.get("/labels/bank__sale__sum_cents__90d/"))
    for told in ("evidence[bank_statement]", "direction: in · sort: sale", "Labels made of it", "to be checked"):
        assert told in page
    ratio = text_of(client.get("/labels/cross__invoiced_to_banked_sale__bps__quarter/"))
    assert 'href="/labels/invoice__sales__net_cents__90d/"' in ratio
    assert 'href="/labels/bank__sale__sum_cents__90d/"' in ratio
    read = text_of(client.get("/labels/overdue_months_24m/"))
    assert "overdue_months_24m &gt;" in read, "the rule that reads it, as written"


def test_a_label_over_recent_applications_with_an_example_and_its_case(judged: Judged) -> None:
    """LAB-03: how far a label has moved stands on its page; an example leads to a case."""
    client = sign_in("lin")
    told = text_of(client.get("/labels/queries_3m/spread/"))
    number = re.search(r"\?case=(A-[\d-]+)", told)
    assert number is not None
    assert number[1] in text_of(client.get(f"/labels/queries_3m/?case={number[1]}"))
    assert "too few" in told, "a month of a handful of applications says nothing"


def test_a_protected_label_is_declared_and_shown_nowhere_else(judged: Judged) -> None:
    """LAB-04: protected labels are audited for fairness; no case, no rule and no picture has them."""
    client = sign_in("lin")
    page = text_of(client.get("/labels/is_female/"))
    assert "never decides" in page
    assert "data-chart" not in page
    assert "No application has this label yet" in text_of(client.get("/labels/is_female/spread/"))
    assert client.get("/labels/no_such_label/").status_code == 404
