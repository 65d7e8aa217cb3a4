"""What is counted around an application: every number by name, with its meaning in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from creditfactory.network.kinds import KINDS, PERSON, Kind

Polarity = Literal["premium", "neutral", "adverse"]

WINDOWS: tuple[tuple[str, int], ...] = (("1h", 3_600), ("1d", 86_400), ("7d", 604_800), ("30d", 2_592_000),
                                        ("90d", 7_776_000))  # fmt: skip
"""The windows of velocity, in seconds."""

_WITHIN = {
    "1h": ("in one hour", "近1小时"), "1d": ("in one day", "近1天"), "7d": ("in 7 days", "近7天"),
    "30d": ("in 30 days", "近30天"), "90d": ("in 90 days", "近90天"), "all": ("ever", "历史"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Indicator:
    """One number about the surroundings of an application; ``name`` is family, cut, measure and window.

    ``unit`` is count, days, bps (of one), ppm (millionths) or hops; ``polarity`` is how a credit officer reads more.
    """

    name: str
    unit: str
    en: str
    zh: str
    polarity: Polarity = "adverse"

    @property
    def cut(self) -> str:
        """What it is about: a kind of thing, a ring of neighbours, the community."""
        return self.name.split("__")[1]

    @property
    def measure(self) -> str:
        """What is measured."""
        return self.name.split("__")[2]

    @property
    def window(self) -> str:
        """Over which time."""
        return self.name.split("__")[3]


def _each_of_kind(kind: Kind) -> Iterator[Indicator]:
    """What is told of one kind; of several things of the kind (contacts) the largest."""
    place, en, zh = f"network__{kind.code}", kind.en, kind.zh
    polarity: Polarity = "neutral" if kind.code in ("ip", "employer", "agent") else "adverse"
    yield Indicator(
        f"{place}__others__all", "count", f"Other people's applications with the same {en}",
        f"同{zh}的他人申请数", polarity,
    )  # fmt: skip
    for window, _ in WINDOWS:
        within, zh_within = _WITHIN[window]
        yield Indicator(
            f"{place}__others__{window}", "count", f"Other people's applications with the same {en} {within}",
            f"{zh_within}同{zh}的他人申请数", polarity,
        )  # fmt: skip
    yield Indicator(
        f"{place}__people__all", "count", f"Other people with the same {en}, among the newest 200 applications",
        f"同{zh}的他人人数(最近200笔内)", polarity,
    )  # fmt: skip
    yield Indicator(
        f"{place}__bads__all", "count", f"Others with the same {en} known to be bad", f"同{zh}的已知坏客户数"
    )
    yield Indicator(
        f"{place}__bads__90d", "count", f"Others with the same {en} who became known as bad in 90 days",
        f"近90天新增同{zh}的坏客户数",
    )  # fmt: skip
    yield Indicator(
        f"{place}__bad_share__all",
        "bps",
        f"Share known to be bad of others with the same {en}",
        f"同{zh}的他人坏客户占比",
    )
    yield Indicator(
        f"{place}__age__all", "days", f"Days since this {en} was first seen at anybody else's application",
        f"{zh}首次出现于他人申请距今天数", "neutral",
    )  # fmt: skip
    yield Indicator(
        f"{place}__quiet__all", "days", f"Days since the newest other application with the same {en}",
        f"同{zh}最近一笔他人申请距今天数", "neutral",
    )  # fmt: skip
    yield Indicator(
        f"{place}__burst__7d", "bps", f"Pace of 7 days against the pace of 90 days of others with the same {en}",
        f"同{zh}的他人申请近7天对近90天速度比", polarity,
    )  # fmt: skip


def _each_own() -> Iterator[Indicator]:
    for window in (*(code for code, _ in WINDOWS), "all"):
        within, zh_within = _WITHIN[window]
        yield Indicator(
            f"network__own__applications__{window}", "count", f"The person's own earlier applications {within}",
            f"{zh_within}本人申请次数", "neutral" if window == "all" else "adverse",
        )  # fmt: skip
    yield Indicator("network__own__bads__all", "count", "The person's own applications known to be bad",
                    "本人申请中已知坏的笔数")  # fmt: skip
    for kind in KINDS:
        if kind.code == "person":
            continue
        yield Indicator(
            f"network__own__{kind.code}_count__all", "count",
            f"Different things of the kind '{kind.en}' that the person has used, this application's with them",
            f"本人历次申请(含本次)使用过的{kind.zh}个数", "neutral" if kind.code == "contact" else "adverse",
        )  # fmt: skip


def _each_hop() -> Iterator[Indicator]:
    for hop in (1, 2, 3):
        place, en, zh = f"network__hop{hop}", f"exactly {hop} tie{'s' if hop > 1 else ''} away", f"第{hop}层关联"
        yield Indicator(f"{place}__applications__all", "count", f"Other applications {en}", f"{zh}申请数", "neutral")
        yield Indicator(f"{place}__applications__30d", "count", f"Other applications {en}, of the last 30 days",
                        f"{zh}近30天申请数")  # fmt: skip
        yield Indicator(f"{place}__people__all", "count", f"Other people {en}", f"{zh}人数", "neutral")
        yield Indicator(f"{place}__bads__all", "count", f"Applications known to be bad {en}", f"{zh}已知坏申请数")
        yield Indicator(f"{place}__frauds__all", "count", f"Applications known as fraud {en}", f"{zh}已知欺诈申请数")
        yield Indicator(f"{place}__bad_share__all", "bps", f"Share known to be bad of applications {en}",
                        f"{zh}坏申请占比")  # fmt: skip
    yield Indicator("network__reach__applications__all", "count", "Other applications up to 3 ties away",
                    "三层以内关联申请数", "neutral")  # fmt: skip
    yield Indicator("network__reach__bads__all", "count", "Applications known to be bad up to 3 ties away",
                    "三层以内已知坏申请数")  # fmt: skip
    yield Indicator("network__reach__bad_share__all", "bps", "Share known to be bad up to 3 ties away",
                    "三层以内坏申请占比")  # fmt: skip
    yield Indicator("network__reach__capped__all", "count", "1 if the walk stopped at its limit and saw only a part",
                    "关联遍历是否触及上限(1为是)", "neutral")  # fmt: skip


def _each_proximity() -> Iterator[Indicator]:
    place = "network__proximity"
    yield Indicator(f"{place}__bads__all", "ppm", "Closeness to known bads: share of a random walk that ends there, "
                    "halved by each tie and by every 180 days since they became known",
                    "与已知坏客户的时间衰减接近度")  # fmt: skip
    yield Indicator(
        f"{place}__frauds__all", "ppm", "Closeness to known frauds, in the same way", "与已知欺诈的时间衰减接近度"
    )
    yield Indicator(f"{place}__closest_bad__all", "ppm", "Closeness to the closest single known bad",
                    "与最接近的单个坏客户的接近度")  # fmt: skip
    yield Indicator(
        f"{place}__nearest_bad__all", "hops", "Ties to the nearest known bad", "距最近已知坏客户的层数", "premium"
    )
    yield Indicator(f"{place}__newest_bad__all", "days", "Days since the newest bad up to 3 ties away became known",
                    "三层内最近一次坏客户确认距今天数", "premium")  # fmt: skip


def _each_community() -> Iterator[Indicator]:
    place = "network__community"
    rows: tuple[tuple[str, str, str, str, Polarity], ...] = (
        ("applications__all", "count", "Other applications in the applicant's community (60 at most)",
         "所在群体的他人申请数(至多60)", "neutral"),
        ("people__all", "count", "Other people in the community", "所在群体的他人人数", "neutral"),
        ("bads__all", "count", "Known bads in the community", "所在群体已知坏客户数", "adverse"),
        ("frauds__all", "count", "Known frauds in the community", "所在群体已知欺诈数", "adverse"),
        ("bad_share__all", "bps", "Share known to be bad in the community", "所在群体坏客户占比", "adverse"),
        ("bads__30d", "count", "Bads of the community that became known in 30 days", "所在群体近30天新增坏客户数", "adverse"),
        ("age__all", "days", "Days since the community's first application", "所在群体最早申请距今天数", "neutral"),
        ("applications__7d", "count", "Applications of the community in 7 days", "所在群体近7天申请数", "adverse"),
        ("applications__30d", "count", "Applications of the community in 30 days", "所在群体近30天申请数", "adverse"),
        ("growth__30d", "bps", "Share of the community's applications that came in 30 days", "所在群体近30天新增占比", "adverse"),
        ("openness__all", "bps", "Share of the community's shared things that lead out of it", "所在群体对外连接占比", "premium"),
        ("devices__all", "count", "Different devices in the community, the applicant's with them", "所在群体设备数", "neutral"),
        ("phones__all", "count", "Different phone numbers in the community", "所在群体手机号数", "neutral"),
        ("addresses__all", "count", "Different addresses in the community", "所在群体地址数", "neutral"),
        ("agents__all", "count", "Different agents in the community", "所在群体中介数", "neutral"),
        ("device_load__all", "bps", "People of the community per device, the applicant with them", "所在群体每台设备人数", "adverse"),
        ("one_agent__all", "bps", "Share of the community that came through the applicant's agent", "所在群体同一中介占比", "adverse"),
    )  # fmt: skip
    for measure, unit, en, zh, polarity in rows:
        yield Indicator(f"{place}__{measure}", unit, en, zh, polarity)


def _each_ring() -> Iterator[Indicator]:
    place = "network__ring"
    rows: tuple[tuple[str, str, str], ...] = (
        ("strong_people__all", "Other people tied by phone, device, card, company or paper", "强关联他人人数"),
        ("strong_bads__all", "Known bads tied by phone, device, card, company or paper", "强关联已知坏客户数"),
        ("two_ties__all", "Other people who share two or more things with the applicant", "与本人共享两项以上要素的他人人数"),
        ("three_ties__all", "Other people who share three or more things", "与本人共享三项以上要素的他人人数"),
        ("two_strong__all", "Other people who share two or more strong things", "与本人共享两项以上强要素的他人人数"),
        ("device_address__all", "Other people on the same device and the same address", "同设备且同地址的他人人数"),
        ("device_card__all", "Other people on the same device and the same card", "同设备且同银行卡的他人人数"),
        ("device_agent__all", "Other people on the same device who came through the same agent", "同设备且同中介的他人人数"),
        ("mutual_contacts__all", "Other people who share two or more contact numbers (they name each other)", "互为联系人的他人人数"),
        ("cycles__all", "Closed rings: neighbours who are tied to each other by something else", "关联闭环数"),
        ("cycle_people__all", "Other people who are part of a closed ring with the applicant", "关联闭环涉及的他人人数"),
        ("busiest__all", "Most other people on any one strong thing", "单一强要素上的最多他人人数"),
        ("busiest__7d", "Most applications by others on any one strong thing in 7 days", "近7天单一强要素上的最多他人申请数"),
    )  # fmt: skip
    for measure, en, zh in rows:
        yield Indicator(f"{place}__{measure}", "count", en, zh)


def _each_pair() -> Iterator[Indicator]:
    rows: tuple[tuple[str, str, str, str], ...] = (
        ("two_kinds__all", "count", "Other people tied by things of two or more kinds, network addresses left out",
         "以两类以上要素关联的他人人数(不含IP)"),
        ("two_kinds__30d", "count", "People who applied in 30 days tied by things of two or more kinds",
         "近30天以两类以上要素关联的他人人数"),
        ("three_kinds__all", "count", "Other people tied by things of three or more kinds", "以三类以上要素关联的他人人数"),
        ("two_rare__all", "count", "Other people tied by two or more things that hardly anybody else touches",
         "共享两项以上罕见要素的他人人数"),
        ("two_rare__30d", "count", "People who applied in 30 days tied by two or more things hardly anybody else touches",
         "近30天共享两项以上罕见要素的他人人数"),
        ("bads__all", "count", "Known bads tied by two kinds or by two rare things", "多重关联的已知坏申请数"),
        ("closest__all", "ppm", "Closeness to the closest other application: a thing that many touch counts little",
         "与最接近的他人申请的接近度"),
        ("closeness__all", "ppm", "Closeness to all who are tied by two kinds or by two rare things",
         "与多重关联者的接近度合计"),
        ("closeness__30d", "ppm", "Closeness to direct neighbours who applied in 30 days", "与近30天直接关联申请的接近度"),
    )  # fmt: skip
    for measure, unit, en, zh in rows:
        yield Indicator(f"network__pair__{measure}", unit, en, zh)


INDICATORS: tuple[Indicator, ...] = (
    *(found for number, kind in enumerate(KINDS) if number != PERSON for found in _each_of_kind(kind)),
    *_each_own(), *_each_hop(), *_each_proximity(), *_each_community(), *_each_ring(),
    *_each_pair(),
)  # fmt: skip
"""Every number of a look around, in the order of the index's answer."""

PLACE: dict[str, int] = {indicator.name: place for place, indicator in enumerate(INDICATORS)}
PER_KIND = sum(1 for _ in _each_of_kind(KINDS[PERSON]))
"""How many numbers each kind has; they begin at ``(kind number - 1) * PER_KIND``, the person's own follow."""
