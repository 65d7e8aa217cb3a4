"""The firms' pages: sorted, filtered, exported, drawn; in both languages; nothing where nothing was imported."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from django.test import Client

from creditfactory.batches import firms
from creditfactory.service.words import compile_words
from tests.floor import PASSWORD, lay_floor

pytestmark = pytest.mark.django_db
_spec = importlib.util.spec_from_file_location(
    "sme_set", Path(__file__).resolve().parents[1] / "unit" / "test_gateways_sme_invoices.py"
)
assert _spec is not None and _spec.loader is not None
sme_set = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sme_set)


@pytest.fixture
def client(settings: object, tmp_path: Path) -> Client:
    compile_words()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    settings.DATA_DIR = str(tmp_path)  # type: ignore[attr-defined]
    lay_floor()
    return sign_in("en")


def sign_in(language: str) -> Client:
    client = Client(headers={"Accept-Language": language})
    assert client.login(username="lin", password=PASSWORD)
    return client


def test_without_an_import_the_page_says_how_to_make_one(client: Client) -> None:
    page = client.get("/firms/").content.decode()
    assert "firms import DIR" in page
    assert 'href="/firms/"' not in page.split("</nav>")[0]
    assert client.get("/firms/E1/").status_code == 404
    assert client.get("/firms/firms.csv").status_code == 404


def test_firms_are_sorted_filtered_exported_and_drawn(client: Client, tmp_path: Path) -> None:
    """LAB-05: verified sales, seasonality, customers' concentration, voided and refunded share, growth, by firm."""
    firms.import_firms(sme_set.lay_set(tmp_path / "set"), tmp_path)
    page = client.get("/firms/").content.decode()
    assert page.index("/firms/E1/") < page.index("/firms/E2/")
    defaulted = client.get("/firms/?outcome=defaulted", headers={"HX-Request": "true"}).content.decode()
    assert "/firms/E2/" in defaulted and "/firms/E1/" not in defaulted and "<html" not in defaulted
    assert "/firms/E3/" in client.get("/firms/?text=个体").content.decode()
    assert client.get("/firms/?page=999&sort=nonsense&outcome=x").status_code == 200
    exported = client.get("/firms/firms.csv").content.decode("utf-8-sig").splitlines()
    assert exported[0].startswith("firm,name,defaulted,sales_cents") and len(exported) == 4
    for picture in ("months", "season", "voids", "parties"):
        for theme in ("light", "dark"):
            spec = json.loads(client.get(f"/firms/E1/{picture}.json?theme={theme}").content)
            assert "$schema" in spec
    assert client.get("/firms/E1/other.json").status_code == 404


def test_a_firms_page_says_who_shares_its_customers(client: Client, tmp_path: Path) -> None:
    """GRA-01: the counterparty graph of the firms, and what is known of the neighbours."""
    firms.import_firms(sme_set.lay_set(tmp_path / "set"), tmp_path)
    tied = firms.read_part(tmp_path, "neighbours")
    pages = {code: client.get(f"/firms/{code}/").content.decode() for code in ("E1", "E2", "E3")}
    for code, page in pages.items():
        section = page.split("Who has the same customers and suppliers")[1]
        others = tied.filter(tied["firm"] == code)["other"].to_list()
        assert all(f"/firms/{other}/" in section for other in others)
        assert ("No other firm of the record" in section) == (not others)


@pytest.mark.parametrize(("language", "word"), [("en", "Verified sales"), ("zh-hans", "核实销售额")])
def test_one_firm_speaks_one_language(client: Client, tmp_path: Path, language: str, word: str) -> None:
    firms.import_firms(sme_set.lay_set(tmp_path / "set"), tmp_path)
    speaker = sign_in(language)
    for code in ("E1", "E2", "E3"):
        page = speaker.get(f"/firms/{code}/")
        text = page.content.decode()
        assert page.status_code == 200 and word in text and 'class="state"' in text
        if language == "zh-hans":
            assert "Largest" not in text and "Sales" not in text
    for odd in ("/firms/E9/", "/firms/..%2f/", "/firms/<x>/"):
        assert speaker.get(odd).status_code == 404
