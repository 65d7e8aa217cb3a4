"""The rulebook's pages: each in every state and both languages, each form with what it refuses and to whom."""

from __future__ import annotations

import io
import json
import re
from datetime import date

import polars as pl
import pytest
from django.core.cache import cache
from django.test import Client

from creditfactory import publishing, records
from creditfactory.records import reads
from creditfactory.service.words import compile_words
from tests.books import OVERDUE, TIER, adopt, begin_draft, leave_cases_out, text_of_file
from tests.floor import ON, Floor, lay_floor
from tests.journeys.test_consoles_pages import sign_in, text_of

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "zh-hans")


@pytest.fixture(scope="module", autouse=True)
def _words() -> None:
    compile_words()


@pytest.fixture
def floor(settings: object) -> Floor:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    cache.clear()
    return lay_floor()


@pytest.fixture
def tenant(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> records.TenantRecord:
    leave_cases_out(monkeypatch)
    return adopt()


def step(client: Client, number: int, name: str, **fields: str) -> object:
    return client.post(f"/rulebook/{number}/step/{name}/", fields)


def row(tenant: records.TenantRecord, number: int) -> reads.VersionRow:
    found = reads.read_version(tenant.id, number, on=ON)
    assert found is not None
    return found.row


def checked(tenant: records.TenantRecord, *, allowed: int = 4) -> int:
    number = begin_draft(tenant, allowed=allowed)
    assert publishing.check_version(tenant, number, by="hu", mutation=False)["is_sound"]
    return number


def approved(tenant: records.TenantRecord, *, allowed: int = 4) -> int:
    number = checked(tenant, allowed=allowed)
    publishing.propose(tenant, number, note="Losses of last year", by="guo")
    publishing.approve(tenant, number, by="lin")
    return number


PAGES = (
    "/rulebook/", "/rulebook/1/", "/rulebook/{n}/", "/rulebook/{n}/check/", "/rulebook/{n}/log/",
    "/rulebook/{n}/files/", "/rulebook/{n}/files/" + OVERDUE, "/rulebook/{n}/files/" + TIER,
    "/rulebook/{n}/tables/tier/",
    "/rulebook/{n}/flow/", "/rulebook/{n}/flow/?tree=grey_zone", "/rulebook/diff/", "/rulebook/diff/?old=1&new={n}",
    "/rulebook/trials/", "/rulebook/back-test/",
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_stands_in_both_languages(tenant: records.TenantRecord, language: str) -> None:
    """POL-04, CMP-04: title, a line of state, no script or style in the page, in every state of a version."""
    number = checked(tenant)
    client = sign_in("guo", language)
    for path in PAGES:
        response = client.get(path.format(n=number))
        text = text_of(response)
        assert response.status_code == 200, path
        assert f'<html lang="{language}"' in text and 'class="state"' in text, path
        assert not re.search(r"\son\w+=|\sstyle=", text), f"{path} has an inline handler or style"
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text), path
        assert "None" not in re.sub(r"<[^>]+>", " ", text), path


def test_a_factory_without_a_rulebook_says_so(floor: Floor) -> None:
    client = sign_in("lin")
    assert "no rulebook of its own yet" in text_of(client.get("/rulebook/"))
    for path in ("/rulebook/diff/", "/rulebook/trials/", "/rulebook/back-test/"):
        assert client.get(path).status_code == 200
    assert client.get("/rulebook/1/").status_code == 404


def test_the_book_is_read_in_words_and_searched(tenant: records.TenantRecord) -> None:
    """POL-01: each rule as a sentence, with its expression, what an unknown fact means, its words in both languages."""
    english, chinese = sign_in("guo"), sign_in("guo", "zh-hans")
    page = text_of(english.get("/rulebook/1/?q=overdue_run_24m"))
    assert "is more than 2 months: decline." in page
    assert "has_bureau_record and overdue_run_24m &gt; overdue_run_24m_max" in page
    for part in ("POL-BUR-OVERDUE-RUN", "hand to a person", "credit-policy", "docs/sources.md#bureau-practice"):
        assert part in page
    assert "licence_young" not in page, "what does not hold the words is left out"
    assert "高于2个月：拒绝" in text_of(chinese.get("/rulebook/1/?q=overdue_run_24m"))
    assert "Nothing in this version holds" in text_of(english.get("/rulebook/1/?q=zebra"))


def test_a_version_goes_its_way_through_the_pages(tenant: records.TenantRecord) -> None:
    """POL-04: hu writes and checks, guo proposes, lin approves and nobody else; then a day is set."""
    hu, guo, lin = sign_in("hu"), sign_in("guo"), sign_in("lin")
    number = begin_draft(tenant)
    assert step(hu, number, "check").status_code == 302  # type: ignore[attr-defined]
    assert row(tenant, number).status == "checked"
    refused = step(guo, number, "propose", note=" ")
    assert refused.status_code == 409 and "Say in a sentence" in text_of(refused)  # type: ignore[attr-defined]
    step(guo, number, "propose", note="Losses of last year")
    assert "Losses of last year" in text_of(lin.get("/rulebook/"))
    own = text_of(guo.get("/rulebook/"))
    assert "You wrote or proposed this version, so somebody else has to approve it." in own
    again = step(guo, number, "approve", **{"from": "inbox"})
    assert again.status_code == 409 and "it takes a second person to approve it" in text_of(again)  # type: ignore[attr-defined]
    assert row(tenant, number).status == "proposed"
    assert step(lin, number, "approve", note="agreed").status_code == 302  # type: ignore[attr-defined]
    late = step(guo, number, "schedule", starts_on="2026-01-01")
    assert late.status_code == 409 and "what was decided before stands" in text_of(late)  # type: ignore[attr-defined]
    step(guo, number, "schedule", starts_on="2026-04-01")
    assert row(tenant, number).standing == "scheduled"
    assert re.search(r"version 2 from 1.Apr.2026", text_of(lin.get("/rulebook/")))


def test_refusals_are_told_in_chinese_too(tenant: records.TenantRecord) -> None:
    guo = sign_in("guo", "zh-hans")
    number = checked(tenant)
    publishing.propose(tenant, number, note="上年损失", by="guo")
    told = text_of(step(guo, number, "approve"))
    assert f"规则手册第{number}版由guo编写或提交；须由另一人批准。" in told
    assert "Rulebook version" not in told


def test_who_has_not_the_power_is_kept_out(tenant: records.TenantRecord) -> None:
    """A reader may read, a writer may not sign, a clerk sees nothing of it."""
    number = checked(tenant)
    clerk, auditor, hu = sign_in("xu"), sign_in("song"), sign_in("hu")
    for path in ("/rulebook/", f"/rulebook/{number}/", f"/rulebook/{number}/tables/tier/", "/rulebook/diff/"):
        assert clerk.get(path).status_code == 403
        assert auditor.get(path).status_code == 200
    assert step(auditor, number, "check").status_code == 403  # type: ignore[attr-defined]
    assert step(hu, number, "propose", note="x").status_code == 403  # type: ignore[attr-defined]
    assert step(hu, number, "approve").status_code == 403  # type: ignore[attr-defined]
    assert auditor.post(f"/rulebook/{number}/files/{TIER}", {"text": "x"}).status_code == 403
    assert save(auditor, number, [["-", "1", "A", ""]], revision=0).status_code == 403  # type: ignore[attr-defined]
    assert auditor.post("/rulebook/back-test/", {"version": "1", "population": "past"}).status_code == 403
    assert hu.post("/rulebook/roll-back/", {"note": "x"}).status_code == 403
    assert "data-readonly" in text_of(auditor.get(f"/rulebook/{number}/tables/tier/"))


def test_challenger_shadow_stop_and_roll_back(tenant: records.TenantRecord) -> None:
    """A share, a shadow, an end; and back to the champion before, on the word of two."""
    guo, lin = sign_in("guo"), sign_in("lin")
    number, other = approved(tenant), approved(tenant, allowed=3)
    wrong = step(guo, number, "challenge", share="200")
    assert wrong.status_code == 409 and 'value="200"' in text_of(wrong)  # type: ignore[attr-defined]
    step(guo, number, "challenge", share="12.5")
    step(guo, other, "shadow")
    home = text_of(guo.get("/rulebook/"))
    assert "12.50" in home and "87.50" in home
    trials = text_of(lin.get("/rulebook/trials/"))
    assert f"Version {number} on 12.50" in trials and f"Version {other} in the shadow" in trials
    now = reads.read_rulebook_now(tenant.id, on=ON)
    assert now.challenger is not None
    assert guo.post(f"/rulebook/releases/{now.challenger.id}/stop/").status_code == 302
    assert reads.read_rulebook_now(tenant.id, on=ON).challenger is None
    refused = guo.post("/rulebook/roll-back/", {"note": "worse"})
    assert refused.status_code == 409 and "no earlier champion" in text_of(refused)


def save(client: Client, number: int, rows: object, *, revision: int, seen: str = "") -> object:
    body = json.dumps({"rows": rows, "revision": revision, "seen": seen})
    return client.post(f"/rulebook/{number}/tables/tier/save/", body, content_type="application/json")


ROWS = [[">= 630", "1", "A", ""], ["< 630", "2", "B", "all others"]]


def test_the_grid_is_kept_checked_and_never_overwritten(tenant: records.TenantRecord) -> None:
    """A draft in place, a new one from any other version; stale is told, bad shapes refused."""
    hu = sign_in("hu")
    made = save(hu, 1, ROWS, revision=0).json()  # type: ignore[attr-defined]
    number = made["number"]
    assert number == 2 and made["cells"] == [] and text_of_file(tenant, 1, TIER) != text_of_file(tenant, 2, TIER)
    assert text_of_file(tenant, number, TIER) == "points,tier,lane,note\n>= 630,1,A,\n< 630,2,B,all others\n"
    old = row(tenant, number).revision
    theirs = text_of_file(tenant, number, TIER).replace("all others", "theirs")
    publishing.edit_draft(tenant, number, TIER, theirs, by="guo")
    stale = save(hu, number, ROWS, revision=old, seen=made["seen"])
    assert stale.status_code == 409 and stale.json()["rows"][1][3] == "theirs"  # type: ignore[attr-defined]
    assert text_of_file(tenant, number, TIER) == theirs
    now = row(tenant, number).revision
    publishing.edit_draft(tenant, number, OVERDUE, text_of_file(tenant, number, OVERDUE) + "# seen\n", by="guo")
    digests = reads.read_version(tenant.id, number, on=ON)
    assert digests is not None
    other_file = save(hu, number, ROWS, revision=now, seen=digests.files[TIER])
    assert other_file.status_code == 200, "a change to another file is no reason to refuse"  # type: ignore[attr-defined]
    wrong = save(hu, number, [["five", "x", "D", ""]], revision=row(tenant, number).revision).json()  # type: ignore[attr-defined]
    assert [(c["row"], c["column"]) for c in wrong["cells"]] == [(0, 0), (0, 1), (0, 2)]
    assert "one of A, B, C, decline" in wrong["cells"][2]["text"]
    assert hu.get(f"/rulebook/{number}/tables/tier/").status_code == 200, "a draft that cannot be read can be mended"
    for bad in ([["a"]], "rows", [[1, 2, 3, 4]], None):
        assert save(hu, number, bad, revision=0).status_code == 400  # type: ignore[attr-defined]


def test_the_grid_without_a_script_is_a_form(tenant: records.TenantRecord) -> None:
    hu = sign_in("hu")
    number = begin_draft(tenant)
    fields = {"rows": "2", "revision": str(row(tenant, number).revision), "do": "add"}
    fields |= {f"c-{r}-{c}": text for r, line in enumerate(ROWS) for c, text in enumerate(line)}
    path = f"/rulebook/{number}/tables/tier/"
    assert 'name="c-2-0"' in text_of(hu.post(path, fields))
    swapped = text_of(hu.post(path, fields | {"do": "down-0"}))
    assert swapped.index("&lt; 630") < swapped.index("&gt;= 630")
    assert hu.post(path, fields | {"do": "save"}).status_code == 302
    assert "< 630,2,B,all others" in text_of_file(tenant, number, TIER)


def test_a_table_goes_out_as_a_workbook_and_comes_back(tenant: records.TenantRecord) -> None:
    """The same table by Excel, from a later day on; what is no workbook is refused and nothing is kept."""
    import openpyxl

    guo = sign_in("guo")
    number = begin_draft(tenant)
    out = guo.get(f"/rulebook/{number}/tables/tier/out/")
    book = openpyxl.load_workbook(io.BytesIO(out.content))
    assert book["tier"]["B10"].value == ">= 630"
    book["tier"]["D10"] = "B"
    changed = io.BytesIO()
    book.save(changed)
    changed.name = "tier.xlsx"
    changed.seek(0)
    path = f"/rulebook/{number}/tables/tier/in/"
    assert guo.post(path, {"workbook": changed, "starts_on": "2026-07-01"}).status_code == 302
    assert ">= 630,1,B" in text_of_file(tenant, number, "tables/tier-2026-07-01.csv")
    assert "2026-07-01: tier-2026-07-01.csv" in text_of_file(tenant, number, "tables/tier.yaml")
    junk = io.BytesIO(b"not a workbook")
    junk.name = "tier.xlsx"
    refused = guo.post(path, {"workbook": junk, "starts_on": "2026-08-01"})
    assert refused.status_code == 409 and "an Excel workbook" in text_of(refused)


def test_a_file_is_edited_as_text_and_what_breaks_it_is_named(tenant: records.TenantRecord) -> None:
    hu = sign_in("hu")
    text = text_of_file(tenant, 1, OVERDUE)
    made = hu.post(f"/rulebook/1/files/{OVERDUE}", {"text": text.replace(": 5", ": 'five'")})
    assert made.status_code == 302 and "/rulebook/2/" in made.url  # type: ignore[attr-defined]
    page = text_of(hu.get("/rulebook/2/"))
    assert "cannot be read as it is" in page and "overdue_months" in page, re.findall(r'class="note[^>]*>([^<]*)', page)
    step(hu, 2, "check")
    assert row(tenant, 2).is_sound is False
    found = text_of(hu.get("/rulebook/2/check/"))
    assert "/rulebook/2/files/policy/" in found and "fault" in found
    assert hu.get("/rulebook/2/files/nothing.yaml").status_code == 404
    outside = hu.post("/rulebook/2/files/../reasons.yaml", {"text": "x"})
    assert outside.status_code in (404, 409)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_differs_is_told_in_words_then_file_by_file(tenant: records.TenantRecord, language: str) -> None:
    """POL-04: "overdue months allowed: 5 → 4", in the reader's language, and the lines beside."""
    number = begin_draft(tenant)
    page = text_of(sign_in("guo", language).get(f"/rulebook/diff/?old=1&new={number}"))
    assert "5 → 4" in page and OVERDUE in page and 'class="line minus"' in page
    assert ("近24个月" if language == "zh-hans" else "Months overdue") in page


def test_a_population_is_tried_and_the_report_comes_back(tenant: records.TenantRecord) -> None:
    """A file of labels through two versions, the command's own report; what cannot be read is refused."""
    guo = sign_in("guo")
    number = begin_draft(tenant)
    frame = pl.DataFrame({"overdue_months_24m": [0, 5, 6] * 20, "has_bureau_record": [True] * 60,
                          "age_years": [40] * 60, "bad": [False, True, True] * 20,
                          "applied_on": [date(2026, 3, 1)] * 60})  # fmt: skip
    file = io.BytesIO()
    frame.write_csv(file)
    file.name, form = "past.csv", {"version": str(number), "against": "1", "population": "file", "do": "show"}
    file.seek(0)
    shown = guo.post("/rulebook/back-test/", {**form, "file": file})
    assert shown.status_code == 200, text_of(shown)[-2000:]
    assert "sandbox" in shown.headers["Content-Security-Policy"] and "Back-test" in text_of(shown)
    for name, body in (("past.exe", b"x"), ("past.csv", b"a,b\n1,2\n"), ("past.parquet", b"junk")):
        junk = io.BytesIO(body)
        junk.name = name
        assert guo.post("/rulebook/back-test/", {**form, "file": junk}).status_code == 409, name
    assert guo.post("/rulebook/back-test/", form).status_code == 409
    assert guo.post("/rulebook/back-test/", {**form, "population": "past"}).status_code == 409, "nobody was labelled"


def test_a_version_list_is_exported_without_formulas(tenant: records.TenantRecord) -> None:
    publishing.edit_draft(tenant, 1, OVERDUE, text_of_file(tenant, 1, OVERDUE) + "# x\n", by="hu", title="=1+1")
    told = sign_in("guo").get("/rulebook/versions.csv").content.decode("utf-8-sig")
    assert told.startswith("number,title") and "'=1+1" in told
