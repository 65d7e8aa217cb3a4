"""How a changed value, condition, table, tree or card is told, in English and Chinese, fit for an officer to sign."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from creditfactory.decision.book import Product
from creditfactory.decision.texts import DerivedText, ForkText, RuleText, TreeText
from creditfactory.kernel import Scalar, format_cents
from creditfactory.rules import Parameter, Table, compare_tables
from creditfactory.scoring import Card, Characteristic

Said = tuple[str, str]
"""One thing said twice: in English and in Chinese."""

NOTHING: Said = ("not in force", "不适用")
CONSEQUENCES: Mapping[str, Said] = {
    "none": ("nothing", "无"),
    "clear": ("it passes", "放行"),
    "lane_b": ("checked by phone (lane B)", "电话核实(B道)"),
    "lane_c": ("visited (lane C)", "实地调查(C道)"),
    "refer": ("a person decides", "转人工"),
    "decline": ("declined", "拒绝"),
}
RULE_PARTS: Mapping[str, Said] = {
    "when": ("condition", "条件"),
    "then": ("what follows", "后果"),
    "missing": ("where a fact is unknown", "事实不明时"),
    "reason": ("reason", "原因代码"),
    "stage": ("stage", "阶段"),
    "learn_bps": ("let through at random to learn", "随机放行以供学习"),
    "basis": ("rests on", "依据"),
    "why": ("why an unknown fact may pass", "事实不明可放行的理由"),
}
PRODUCT_PARTS: Mapping[str, Said] = {
    "ends_on": ("offered until", "停售日"),
    "amount_cents_min": ("least amount", "最低金额"),
    "amount_cents_max": ("largest amount", "最高金额"),
    "amount_step_cents": ("amount in steps of", "金额步长"),
    "terms_months": ("terms in months", "期限(月)"),
    "methods": ("repayment", "还款方式"),
    "annual_rate_min": ("lowest rate", "最低利率"),
    "annual_rate_max": ("highest rate", "最高利率"),
    "preference": ("preference", "优先级"),
    "eligible_when": ("for whom", "准入条件"),
    "features": ("features", "特征"),
    "name": ("name", "名称"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a sentence is about: its kind, its name, and its description where its owner gave one."""

    kind: str
    name: str
    description: Mapping[str, str]

    @property
    def told(self) -> Said:
        """The description with the name behind it, or the name alone."""
        en, zh = self.description.get("en", ""), self.description.get("zh", "")
        return (f"{en} ({self.name})" if en else self.name, f"{zh}({self.name})" if zh else self.name)


def show_value(value: Any, unit: str = "") -> Said:
    """A parameter's value as people read it, by its unit.

    >>> show_value(5_000_000, "cents"), show_value(8_050, "bps"), show_value("0.24", "rate"), show_value(True)
    (('50,000.00', '50,000.00'), ('80.5 %', '80.5 %'), ('24 %', '24 %'), ('yes', '是'))
    """
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return ("yes", "是") if value else ("no", "否")
    if isinstance(value, int) and unit == "cents":
        return _same(format_cents(value))
    if isinstance(value, int) and unit == "bps":
        return _same(f"{value / 100:g} %")
    if unit == "rate" and isinstance(value, str | Decimal):
        return _same(_show_rate(str(value)))
    if isinstance(value, tuple | list):
        shown = [show_value(item, unit)[0] for item in value]
        return ", ".join(shown) or "none", "、".join(shown) or "无"
    if isinstance(value, Mapping):
        return _same(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
    return _same(str(value))


def _show_rate(text: str) -> str:
    try:
        return f"{(Decimal(text) * 100).normalize():f} %"
    except InvalidOperation:
        return text


def _same(text: str) -> Said:
    return text, text


def tell_move(what: Said, before: Any, after: Any, unit: str = "") -> Said:
    """From one value to another; of lists what came and what went.

    >>> tell_move(("Months allowed", "允许月数"), 5, 4)
    ('Months allowed: 5 → 4', '允许月数:5 → 4')
    >>> tell_move(("Cities", "城市"), ("Wuhan", "Xi'an"), ("Wuhan", "Jinan"))[0]
    "Cities: added Jinan; no more Xi'an"
    """
    lists = isinstance(before, tuple | list) and isinstance(after, tuple | list)
    if lists:
        come = [item for item in after if item not in before]
        gone = [item for item in before if item not in after]
        if come or gone:
            en = [f"added {show_value(come, unit)[0]}"] if come else []
            zh = [f"新增{show_value(come, unit)[1]}"] if come else []
            en += [f"no more {show_value(gone, unit)[0]}"] if gone else []
            zh += [f"取消{show_value(gone, unit)[1]}"] if gone else []
            return f"{what[0]}: {'; '.join(en)}", f"{what[1]}:{';'.join(zh)}"
    old, new = show_value(before, unit), show_value(after, unit)
    if before is None:
        return f"{what[0]}: set to {new[0]}", f"{what[1]}:设为{new[1]}"
    if before == after:
        return f"{what[0]}: {new[0]} as before", f"{what[1]}:维持{new[1]}"
    return f"{what[0]}: {old[0]} → {new[0]}", f"{what[1]}:{old[1]} → {new[1]}"


def tell_parameter(subject: Subject, before: Parameter | None, after: Parameter | None) -> Iterator[Said]:
    """A parameter that was set, changed or ended; of a group each key by itself."""
    unit = (after or before or Parameter(subject.name, None)).unit
    old, new = (None if part is None else part.value for part in (before, after))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from tell_keys(subject.told, old, new, unit)
    else:
        yield tell_move(subject.told, old, new, unit)


def tell_keys(what: Said, before: Mapping[str, Any], after: Mapping[str, Any], unit: str = "") -> Iterator[Said]:
    """What differs between two groups of values, key by key."""
    for key in sorted(before.keys() | after.keys(), key=str):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        place = (f"{what[0]}, {key}", f"{what[1]},{key}")
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from tell_keys(place, old, new, unit)
        else:
            yield tell_move(place, old, new, unit)


def tell_rule(subject: Subject, before: RuleText | None, after: RuleText | None) -> Iterator[Said]:
    """A rule that came, went, or says something else; each part by itself."""
    en, zh = subject.told
    if before is None or after is None:
        rule = after or before
        assert rule is not None
        follows = CONSEQUENCES.get(rule.then, _same(rule.then))
        verb = ("new rule", "新增规则") if before is None else ("rule ended", "规则停用")
        yield (
            f"{en}: {verb[0]}: where {rule.when}, {follows[0]}",
            f"{zh}:{verb[1]}:当 {rule.when},{follows[1]}",
        )
        return
    for part, what in RULE_PARTS.items():
        old, new = getattr(before, part), getattr(after, part)
        if old != new:
            was, now = (_tell_rule_part(part, value) for value in (old, new))
            yield f"{en}: {what[0]}: {was[0]} → {now[0]}", f"{zh}:{what[1]}:{was[1]} → {now[1]}"


def _tell_rule_part(part: str, value: Any) -> Said:
    if part in ("then", "missing"):
        return CONSEQUENCES.get(value, _same(str(value)))
    return show_value(value, "bps" if part == "learn_bps" else "") if value != "" else ("nothing", "无")


def tell_derived(subject: Subject, before: DerivedText | None, after: DerivedText | None) -> Iterator[Said]:
    """A named value that is computed otherwise."""
    yield tell_move(subject.told, None if before is None else before.value, None if after is None else after.value)


def tell_table(subject: Subject, before: Table | None, after: Table | None) -> Iterator[Said]:
    """A table whose rows, columns, hit policy or fallbacks differ; rows by their place, cells by their column."""
    en, zh = subject.told
    if before is None or after is None:
        table = after or before
        assert table is not None
        verb = ("new table", "新增决策表") if before is None else ("table ended", "决策表停用")
        yield f"{en}: {verb[0]} with {len(table.rows)} rows", f"{zh}:{verb[1]},共{len(table.rows)}行"
        return
    for what, old, new in (
        (("hit policy", "命中策略"), before.hit, after.hit),
        (("where a fact is unknown", "事实不明时"), _fallback(before.missing), _fallback(after.missing)),
        (("where no row answers", "无行命中时"), _fallback(before.no_match), _fallback(after.no_match)),
    ):
        if old != new:
            yield tell_move((f"{en}: {what[0]}", f"{zh}:{what[1]}"), old, new)
    columns = [(*(c.name for c in t.inputs), *(o.name for o in t.outputs)) for t in (before, after)]
    if columns[0] != columns[1]:
        yield tell_move((f"{en}: columns", f"{zh}:列"), columns[0], columns[1])
        yield tell_move((f"{en}: rows", f"{zh}:行数"), len(before.rows), len(after.rows))
        return
    for change in compare_tables(before, after):
        cells = "; ".join(f"{c.column} {c.before or '-'} → {c.after or '-'}" for c in change.cells)
        zh_of = {
            "added": f"新增第{change.after}行:{change.row}",
            "removed": f"删除第{change.before}行:{change.row}",
            "moved": f"第{change.before}行移至第{change.after}行:{change.row}",
            "changed": f"第{change.after}行({change.row}):{cells}",
        }
        yield f"{en}: {change}", f"{zh}:{zh_of[change.kind]}"


def _fallback(fallback: Any) -> str:
    return fallback.consequence if fallback.answers is None else f"{list(fallback.answers)}"


def tell_tree(subject: Subject, before: TreeText | None, after: TreeText | None) -> Iterator[Said]:
    """A strategy tree: the ways through it that came, went, or end elsewhere."""
    en, zh = subject.told
    if before is None or after is None:
        tree = after or before
        assert tree is not None
        verb = ("new tree", "新增策略树") if before is None else ("tree ended", "策略树停用")
        count = sum(1 for _ in each_leaf(tree.root))
        yield f"{en}: {verb[0]} with {count} ends", f"{zh}:{verb[1]},共{count}个终点"
        return
    old, new = dict(each_leaf(before.root)), dict(each_leaf(after.root))
    for path in dict.fromkeys([*old, *new]):
        if old.get(path) == new.get(path) and (path in old) == (path in new):
            continue
        way = "; ".join(path) or "always"
        if path in old and path in new:
            was, now = show_value(old[path]), show_value(new[path])
            yield f"{en}: where {way}: {was[0]} → {now[0]}", f"{zh}:当 {way}:{was[1]} → {now[1]}"
        elif path in new:
            yield (
                f"{en}: new way: where {way}: {show_value(new[path])[0]}",
                f"{zh}:新增路径:{way}:{show_value(new[path])[1]}",
            )
        else:
            yield (
                f"{en}: no more: where {way}: {show_value(old[path])[0]}",
                f"{zh}:取消路径:{way}:{show_value(old[path])[1]}",
            )
    missing = [(t.missing_answer, CONSEQUENCES.get(t.missing_then, _same(t.missing_then))) for t in (before, after)]
    if missing[0] != missing[1]:
        was, now = (show_value(answer) if answer is not None else follows for answer, follows in missing)
        yield (
            f"{en}: where a fork cannot be decided: {was[0]} → {now[0]}",
            f"{zh}:无法判断分支时:{was[1]} → {now[1]}",
        )


def each_leaf(node: ForkText | Scalar, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Every end of a tree with the way to it: its conditions, yes or no."""
    if not isinstance(node, ForkText):
        yield path, node
        return
    yield from each_leaf(node.then, (*path, node.when))
    yield from each_leaf(node.otherwise, (*path, f"not ({node.when})"))


def tell_card(subject: Subject, before: Card | None, after: Card | None) -> Iterator[Said]:
    """A card that another took the place of, and what each answer is worth now; points by class."""
    name = subject.name
    if before is None or after is None:
        card = after or before
        assert card is not None
        verb = ("comes into force", "启用") if before is None else ("is in force no more", "停用")
        yield f"card {name} {card.version} {verb[0]}", f"评分卡{name} {card.version}{verb[1]}"
        return
    head: Said = (f"card {name}", f"评分卡{name}")
    if before.version != after.version:
        yield tell_move(head, before.version, after.version)
    for what, old, new in (
        (("points to begin with", "基础分"), before.intercept_points, after.intercept_points),
        (("calibration", "校准"), _calibration(before), _calibration(after)),
    ):
        if old != new:
            yield tell_move((f"{head[0]}: {what[0]}", f"{head[1]}:{what[1]}"), old, new)
    old_questions = {question.label: question for question in before.characteristics}
    new_questions = {question.label: question for question in after.characteristics}
    for label in dict.fromkeys([*old_questions, *new_questions]):
        yield from _tell_question(head, label, old_questions.get(label), new_questions.get(label))


def _tell_question(head: Said, label: str, was: Characteristic | None, now: Characteristic | None) -> Iterator[Said]:
    if was is None or now is None:
        verb = ("asks for {} now", "新增特征{}") if was is None else ("asks for {} no more", "取消特征{}")
        yield f"{head[0]} {verb[0].format(label)}", f"{head[1]}{verb[1].format(label)}"
    elif (told := _tell_bins(was, now)) is not None:
        yield f"{head[0]}: {label}: {told[0]}", f"{head[1]}:{label}:{told[1]}"


def _calibration(card: Card) -> str:
    return f"{card.calibration_intercept:g} + {card.calibration_slope:g} · points"


def _tell_bins(before: Characteristic, after: Characteristic) -> Said | None:
    old, new = _points(before), _points(after)
    en, zh = [], []
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) == new.get(name):
            continue
        was, now = (show_value(points.get(name)) for points in (old, new))
        if name not in old:
            en.append(f"{name}: {now[0]} points (new class)")
            zh.append(f"{name}:{now[1]}分(新分段)")
        elif name not in new:
            en.append(f"{name}: no class any more")
            zh.append(f"{name}:分段取消")
        else:
            en.append(f"{name}: {was[0]} → {now[0]} points")
            zh.append(f"{name}:{was[1]} → {now[1]}分")
    return ("; ".join(en), ";".join(zh)) if en else None


def _points(question: Characteristic) -> dict[str, int]:
    return {name: part.points for name, part in question.classes}


def tell_product(subject: Subject, before: Product | None, after: Product | None) -> Iterator[Said]:
    """A product that came, went, or is offered on other terms."""
    en, zh = subject.told
    if before is None or after is None:
        product = after or before
        assert product is not None
        low, high = format_cents(product.amount_cents_min), format_cents(product.amount_cents_max)
        verb = ("new product", "新增产品") if before is None else ("product taken out", "产品撤下")
        yield f"{en}: {verb[0]}, {low} to {high}", f"{zh}:{verb[1]},{low}至{high}"
        return
    for part, what in PRODUCT_PARTS.items():
        old, new = getattr(before, part), getattr(after, part)
        if old != new:
            unit = "cents" if "cents" in part else "rate" if "rate" in part else ""
            yield tell_move((f"{en}: {what[0]}", f"{zh}:{what[1]}"), old, new, unit)


def tell_line(subject: Subject, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[Said]:
    """The line's own settings, key by key."""
    yield from tell_keys((subject.name, subject.name), before or {}, after or {})


TELLERS: Mapping[str, Callable[[Subject, Any, Any], Iterator[Said]]] = {
    "parameter": tell_parameter,
    "derived": tell_derived,
    "rule": tell_rule,
    "table": tell_table,
    "strategy": tell_tree,
    "card": tell_card,
    "product": tell_product,
    "line": tell_line,
}
"""How each kind of a rulebook's parts tells what became of it."""


def tell_days(on: date | None, until: date | None) -> Said:
    """From when a change holds, and until when where it ends.

    >>> tell_days(date(2026, 7, 1), None)
    (' from 1 July 2026', ',自2026年7月1日起')
    """
    if on is None:
        return "", ""
    en, zh = f" from {_day(on)}", f",自{on.year}年{on.month}月{on.day}日起"
    if until is None:
        return en, zh
    last = until - timedelta(days=1)
    return f"{en} to {_day(last)}", f"{zh},至{last.year}年{last.month}月{last.day}日止"


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
