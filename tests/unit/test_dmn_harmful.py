"""XML that could do harm, or is none, is refused in one sentence; nothing is fetched."""

from __future__ import annotations

import pytest

from creditfactory.gateways import dmn
from creditfactory.gateways.dmn import xml_reading
from creditfactory.gateways.dmn.model import LiteralText
from creditfactory.kernel import BadInput

SPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
BODY = f'<definitions xmlns="{SPACE}" name="m"><decision id="d" name="D"/></definitions>'
XINCLUDE = "http://www.w3.org/2001/XInclude"
LAUGHS = "<!DOCTYPE lolz [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {b} '&{a};&{a};&{a};&{a};&{a};&{a};&{a};&{a};'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "   \n",
        "not xml at all",
        "<open>",
        "{}",
        "\x00\x01",
        BODY[:-5],
        "<?xml version='1.0' encoding='klingon'?>" + BODY,
        "<!DOCTYPE definitions>" + BODY,
        LAUGHS + "]>" + BODY.replace('"m"', '"&j;"'),
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + BODY.replace('"D"/>', '"D">&x;</decision>'),
        '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd">' + BODY,
        '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>' + BODY,
        BODY.replace("<decision", f'<xi:include xmlns:xi="{XINCLUDE}" href="file:///etc/passwd"/><decision'),
        "<a>" * 5000 + "</a>" * 5000,
        BODY.replace("<decision", "<b>" * 200 + "</b>" * 200 + "<decision"),
        '<definitions xmlns="urn:other"/>',
        "<definitions/>",
        f'<decision xmlns="{SPACE}"/>',
        BODY.replace('id="d" name="D"', ""),
        BODY.replace("</definitions>", '<decision id="e" name="D"/></definitions>'),
        BODY.replace('name="D"/>', 'name="D"><decisionTable hitPolicy="LUCKY"><output/></decisionTable></decision>'),
        BODY.replace('name="D"/>', 'name="D"><decisionTable><output/><rule/></decisionTable></decision>'),
        BODY.replace('name="D"/>', 'name="D"><decisionTable/></decision>'),
    ],
)
def test_harmful_or_broken_xml_is_refused_in_one_sentence(content: str) -> None:
    with pytest.raises(BadInput) as fault:
        dmn.read_model(content.encode(), place="m.dmn")
    told = str(fault.value)
    assert told.startswith("m.dmn") and ", expected " in told and len(told) < 400 and "\n" not in told


def test_a_file_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reading, "BYTES_MAX", 100)
    with pytest.raises(BadInput, match="at most 100 bytes"):
        dmn.read_model(BODY.encode())


def test_too_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reading, "ELEMENTS_MAX", 1)
    with pytest.raises(BadInput, match="over 1 elements"):
        dmn.read_model(BODY.encode())


def test_the_second_lock_holds_without_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entities stay unread even where the first look at the XML is left out."""
    monkeypatch.setattr(xml_reading, "_check_harmless", lambda content, place: None)
    evil = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + BODY.replace(
        '"D"/>', '"D"><literalExpression><text>"&x;"</text></literalExpression></decision>'
    )
    logic = next(iter(dmn.read_model(evil.encode()).decisions.values())).logic
    assert isinstance(logic, LiteralText) and logic.text.text in ('""', '"&x;"')
