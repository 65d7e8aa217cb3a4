"""Papers judged by what stands on them, and pictures that come twice; no engine needed (IDF-02, IDF-04)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from creditfactory import identity
from creditfactory.gateways.identity_local.seen import SeenBefore
from creditfactory.identity.paper_text import Paper
from creditfactory.kernel import BadInput
from tests.paper_drawing import Holder, make_holder

ON = date(2026, 11, 22)
HOLDER = make_holder(3)


def lay(rows: list[tuple[str, int, int]], *, confidence: int = 97) -> tuple[identity.TextLine, ...]:
    """Lines at (left, row), each 30 high."""
    return tuple(
        identity.TextLine(
            text=text, confidence=confidence, left=left, top=40 * row, right=left + 22 * len(text), bottom=40 * row + 30
        )
        for text, left, row in rows
    )


def front(holder: Holder = HOLDER, **changed: str) -> tuple[identity.TextLine, ...]:
    told = {"name": holder.name, "sex": holder.sex, "born_on": holder.born_on, "id_number": holder.id_number, **changed}
    year, month, day = (int(part) for part in told["born_on"].split("-"))
    return lay([
        ("姓名", 10, 0), (told["name"], 90, 0), ("性别" + told["sex"], 10, 2), ("民族汉", 200, 2),
        ("出生", 10, 4), (f"{year}年{month}月{day}日", 90, 4), ("住址", 10, 6), (holder.address[:11], 90, 6),
        (holder.address[11:], 90, 7), ("公民身份号码", 10, 12), (told["id_number"], 200, 12),
    ])  # fmt: skip


def judge(paper: Paper, lines: tuple[identity.TextLine, ...], **marks: object) -> identity.PaperFindings:
    fields = identity.read_paper_fields(paper, lines)
    told = identity.PaperMarks(**marks)  # type: ignore[arg-type]
    return identity.judge_paper(paper, fields, told, on=ON, found=identity.find_paper(lines))


def codes(findings: identity.PaperFindings) -> list[str]:
    return [reason.code for reason in findings.reasons]


def test_a_card_in_good_order_is_read_and_never_called_genuine() -> None:
    fields = identity.read_paper_fields("id_card_front", front())
    assert {name: one.text for name, one in fields.items()} == {
        "name": HOLDER.name, "sex": HOLDER.sex, "born_on": HOLDER.born_on, "address": HOLDER.address,
        "id_number": HOLDER.id_number,
    }  # fmt: skip
    findings = judge("id_card_front", front())
    assert (findings.verdict, findings.is_number_consistent, findings.reasons) == ("read", True, ())


def test_birthday_and_sex_are_held_against_the_number() -> None:
    other = "女" if HOLDER.sex == "男" else "男"
    findings = judge("id_card_front", front(born_on="1988-08-08", sex=other))
    assert (findings.verdict, findings.is_number_consistent) == ("doubtful", False)
    assert codes(findings) == ["IDP-BIRTH", "IDP-SEX"]
    assert "男" not in str(findings.reasons) and "女" not in str(findings.reasons), (
        "sex decides nothing and is not told"
    )


def test_a_number_that_cannot_be_goes_to_a_person_and_rejects_nobody() -> None:
    wrong = HOLDER.id_number[:16] + str((int(HOLDER.id_number[16]) + 1) % 10) + HOLDER.id_number[17]
    findings = judge("id_card_front", front(id_number=wrong))
    assert (findings.verdict, codes(findings)) == ("doubtful", ["IDP-NUMBER"])
    joined = join({"id_card_front": front(id_number=wrong)})
    assert joined.is_number_consistent is False
    assert joined.is_document_valid is None and joined.is_name_matched is None, "only an authority knows"


def join(papers: dict[Paper, tuple[identity.TextLine, ...]], **stated: str) -> object:
    read = {paper: (identity.read_paper_fields(paper, lines), judge(paper, lines)) for paper, lines in papers.items()}
    return identity.join_identity_check(
        obtained_at=datetime(2026, 11, 22, tzinfo=UTC), papers=read, liveness=None, face=None, faces_seen_before=None,
        is_camera=False, **stated,
    )  # fmt: skip


def test_what_was_typed_is_held_against_what_is_printed() -> None:
    same = join({"id_card_front": front()}, name=HOLDER.name, id_number=HOLDER.id_number.lower())
    other = join({"id_card_front": front()}, name="王某", id_number=HOLDER.id_number)
    assert (same.is_number_consistent, other.is_number_consistent) == (True, False)  # type: ignore[attr-defined]
    nothing = join({}, name=HOLDER.name)
    assert nothing.is_number_consistent is None, "unknown is never yes"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ("2006.11.22-2026.11.21", "IDP-EXPIRED"),
        ("2006.11.22-2026.11.22", None),
        ("2026.11.23-2046.11.23", "IDP-NOT-YET"),
        ("2016.05.01-长期", None),
    ],
)
def test_a_card_holds_to_its_last_day(span: str, code: str | None) -> None:
    lines = lay([
        ("居民身份证", 10, 0), ("签发机关", 10, 2), ("南山区公安分局", 120, 2), ("有效期限", 10, 4), (span, 120, 4),
    ])  # fmt: skip
    assert codes(judge("id_card_back", lines)) == ([code] if code else [])


def licence(code: str) -> tuple[identity.TextLine, ...]:
    return lay([
        ("营业执照", 300, 0), ("统一社会信用代码", 10, 2), (code, 10, 3), ("名称", 10, 5), (HOLDER.firm_name, 90, 5),
        ("经营者", 10, 7), (HOLDER.name, 90, 7), ("注册日期", 400, 5), ("2019年03月08日", 520, 5),
    ])  # fmt: skip


def test_a_licence_and_its_square_say_the_same_code() -> None:
    code = HOLDER.credit_code
    good = judge("licence", licence(code), codes=(f"http://www.gsxt.gov.cn/index.html?uniscid={code}",))
    assert (good.verdict, good.is_number_consistent) == ("read", True)
    assert identity.read_paper_fields("licence", licence(code))["registered_on"].text == "2019-03-08"
    assert codes(judge("licence", licence(code), codes=("http://elsewhere/",))) == ["IDP-QR"]
    assert codes(judge("licence", licence(code), codes=())) == [], "a square that was not found says nothing"
    wrong = code[:17] + ("2" if code[17] == "3" else "3")
    assert codes(judge("licence", licence(wrong))) == ["IDP-CREDIT-CODE"]


def test_another_paper_an_empty_one_a_blurred_one_and_a_copy() -> None:
    assert codes(judge("id_card_back", front())) == ["IDP-WRONG-PAPER"]
    assert judge("id_card_back", front()).verdict == "unreadable"
    assert codes(judge("licence", ())) == ["IDP-UNREADABLE"]
    assert codes(judge("licence", (), sharpness=3)) == ["IDP-BLUR"]
    assert codes(judge("id_card_front", front(), chroma=0)) == ["IDP-COPY"]
    assert judge("id_card_front", front(), chroma=0).is_copied is True
    assert judge("id_card_front", front()).is_copied is None


def test_a_field_that_is_missing_or_hard_to_read_is_a_doubt() -> None:
    lines = tuple(line for line in front() if line.text not in ("住址", HOLDER.address[:11], HOLDER.address[11:]))
    assert codes(judge("id_card_front", lines)) == ["IDP-FIELD"]
    faint = tuple(
        identity.TextLine(text=one.text, confidence=60 if one.text == HOLDER.name else 97, left=one.left, top=one.top,
                          right=one.right, bottom=one.bottom) for one in front()
    )  # fmt: skip
    assert [(r.code, r.facts) for r in judge("id_card_front", faint).reasons] == [
        ("IDP-DOUBT", {"field": "name", "confidence": 60})
    ]


def test_a_picture_is_known_again_after_a_restart_and_only_in_other_applications(tmp_path: Path) -> None:
    near = "00" * 31 + "0f"
    seen = SeenBefore(tmp_path)
    assert seen.take_picture("a-1", "licence", "d1", "00" * 32, code="IDP-SEEN", on=ON).applications == ()
    assert seen.take_picture("a-1", "licence", "d1", "00" * 32, code="IDP-SEEN", on=ON).applications == ()
    assert seen.take_frames("s-1", ["f1" * 32, "f2" * 32], on=ON) == 0
    again = SeenBefore(tmp_path)
    found = again.take_picture("a-2", "licence", "d2", near, code="IDP-SEEN", on=ON)
    assert (found.applications, found.is_exact, found.reasons[0].code) == (("a-1",), False, "IDP-SEEN")
    assert again.take_picture("a-3", "id_card_front", "d1", "00" * 32, code="x", on=ON).applications == ()
    assert again.take_frames("s-2", ["f2" * 32, "f3" * 32], on=ON) == 1, "IDF-04: a frame played again"
    assert again.take_frames("s-1", ["f1" * 32], on=ON) == 0, "one's own frames, told again, are no replay"


def test_what_is_kept_is_no_picture_and_ends(tmp_path: Path) -> None:
    seen = SeenBefore(tmp_path)
    seen.take_picture("a-1", "licence", "d1", "00" * 32, code="IDP-SEEN", on=date(2025, 1, 1))
    seen.take_picture("a-2", "licence", "d9", "ff" * 32, code="IDP-SEEN", on=ON)
    with (tmp_path / "seen.jsonl").open("a") as file:
        file.write('{"half": ')  # the process was killed here
    later = SeenBefore(tmp_path, on=ON)
    assert later.take_picture("a-3", "licence", "d1", "00" * 32, code="IDP-SEEN", on=ON).applications == ()
    assert later.take_picture("a-4", "licence", "d9", "ff" * 32, code="IDP-SEEN", on=ON).applications == ("a-2",)
    (tmp_path / "seen.jsonl").write_text("not ours\n")
    with pytest.raises(BadInput, match="line 1"):
        SeenBefore(tmp_path)
