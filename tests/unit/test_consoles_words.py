"""Both languages are complete, placeholders agree, and every colour that carries text is legible in both themes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

from creditfactory import decision, labels, stations
from creditfactory.application import Dossier
from creditfactory.consoles import vocabulary

CONSOLES = Path(__file__).resolve().parents[2] / "src" / "creditfactory" / "consoles"
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
AA = 4.5
HAN = re.compile("[\u4e00-\u9fff]")


def read_chinese() -> dict[str, str]:
    with (CONSOLES / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as text:
        catalogue = read_po(text)
    said = {}
    for message in catalogue:
        for name in message.id if isinstance(message.id, tuple) else (message.id,):
            said[name] = message.string[0] if isinstance(message.string, tuple) else message.string
    said.pop("", None)  # the file's own header
    return said


def find_said() -> set[str]:
    """Every sentence that a template or a view says."""
    said: set[str] = set()
    for template in CONSOLES.glob("templates/**/*.html"):
        text = template.read_text()
        said.update(a or b for a, b in re.findall(r"\{%\s*translate\s+(?:\"([^\"]*)\"|'([^']*)')", text))
        for body in re.findall(r"\{%\s*blocktranslate[^%]*%\}(.*?)\{%\s*endblocktranslate\s*%\}", text, re.DOTALL):
            for part in re.split(r"\{%\s*plural\s*%\}", body):
                said.add(re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", part))
    for module in CONSOLES.glob("**/*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call):
                said.update(_said_by(node))
    return said


def _said_by(call: ast.Call) -> list[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    texts = [
        argument.value
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    if name in ("_", "_now", "gettext", "gettext_lazy", "gettext_noop"):
        return texts[:1]
    return texts[1:2] if name == "pgettext" else texts[:2] if name == "ngettext" else []


def test_every_sentence_has_its_chinese() -> None:
    chinese = read_chinese()
    said = find_said()
    assert len(said) > 600, "the search must find what the pages say"
    assert sorted(text for text in said if not chinese.get(text)) == []
    assert sorted(text for text in chinese if text not in said) == [], "said nowhere any more"


def test_placeholders_are_the_same_in_both_languages() -> None:
    for english, chinese in read_chinese().items():
        assert set(PLACEHOLDER.findall(english)) == set(PLACEHOLDER.findall(chinese)), english


def test_no_sentence_mixes_the_languages() -> None:
    allowed = {"SBA", "CSV", "ID", "p50", "p95", "ms", "A", "B", "C", "MB", "X"}
    allowed |= {"Excel", "xlsx", "xls", "Parquet", "JSON", "Lines", "YAML", "XML", "UTF", "JPEG", "PNG", "PDF"}
    allowed |= {"csv", "GB", "UTC", "PMML", "KS", "AUC"}
    allowed |= {"true", "false", "not", "note"}  # words that a cell or a table's file is written in
    for english, chinese in read_chinese().items():
        bare = PLACEHOLDER.sub("", chinese)
        words = set(re.findall(r"[A-Za-z][A-Za-z0-9]*", bare))
        assert words <= allowed, (english, chinese)


def read_tokens(theme: str) -> dict[str, str]:
    text = (CONSOLES / "static" / "consoles" / "pages.css").read_text()
    block = re.search(
        r":root \{(.*?)\}" if theme == "light" else r'html\[data-theme="dark"\] \{(.*?)\}', text, re.DOTALL
    )
    assert block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", block[1]))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [("ink", "ground"), ("ink", "panel"), ("muted", "ground"), ("muted", "panel"), ("accent-ink", "panel"),
     ("accent-ink", "accent-soft"), ("on-accent", "accent"), ("person-ink", "person-soft"),
     ("outside-ink", "outside-soft"),
     ("good-ink", "good-soft"), ("warn-ink", "warn-soft"), ("bad-ink", "bad-soft"), ("bad-ink", "panel"),
     ("bad-ink", "ground"), ("ink", "accent-soft"), ("muted", "accent-soft"), ("ink", "track")],
)  # fmt: skip
def test_text_is_legible_in_both_themes(theme: str, ink: str, ground: str) -> None:
    tokens = read_tokens(theme)
    light, dark = sorted((luminance(tokens[ink]), luminance(tokens[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= AA


def test_the_machine_s_own_choice_of_dark_is_the_same_dark() -> None:
    text = (CONSOLES / "static" / "consoles" / "pages.css").read_text()
    chosen, own = (re.search(rf'html\[data-theme="{name}"\] \{{(.*?)\}}', text, re.DOTALL) for name in ("dark", "auto"))
    assert chosen
    assert own
    assert chosen[1].split() == own[1].split()


def test_every_field_that_a_station_or_a_dossier_keeps_has_a_name_for_people() -> None:
    """A decision's values are read by people: none shows under its technical name."""
    named = set(vocabulary.FACT_NAMES) | set(labels.CATALOGUE)
    kept = {name for shape in (*stations.RESULTS.values(), Dossier) for name in list_fields(shape, set())}
    assert sorted(kept - named - {"token"}) == [], "a token is never shown"


def list_fields(shape: Any, seen: set[Any]) -> Iterator[str]:
    """Every field of a dataclass and of all that it holds."""
    if is_dataclass(shape) and shape not in seen:
        seen.add(shape)
        hints = get_type_hints(shape)
        for field in fields(shape):
            yield field.name
            yield from list_fields(hints[field.name], seen)
    for part in get_args(shape):
        yield from list_fields(part, seen)


def test_every_word_of_the_checks_by_people_is_there_in_chinese() -> None:
    """VER-02, VER-03: what two investigators are compared on, and what is drawn to be asked, stands in Chinese."""
    chinese = read_chinese()
    with translation.override("en"):
        english = {name: str(vocabulary.FACT_NAMES[name]) for name in stations.COMPARED}
    assert [name for name, text in english.items() if not HAN.search(chinese[text])] == []
    assert [code for code, one in decision.QUESTIONS.items() if not HAN.search(one.zh) or HAN.search(one.en)] == []
