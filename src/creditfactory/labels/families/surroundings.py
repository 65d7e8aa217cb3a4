"""Where the applicant stands: contacts, telephone, places, the economy around, the channel, the network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from creditfactory import network
from creditfactory.application import ContactList, DeviceSession, TelecomRecord, find_cities, find_city, pack_column
from creditfactory.kernel import BPS_WHOLE, Scalar
from creditfactory.labels.families.declaring import declare
from creditfactory.labels.families.economy import SERIES
from creditfactory.labels.families.industry import read_division, section_of
from creditfactory.labels.family import UNKNOWN, Missing, Readings, Row
from creditfactory.labels.known import Known
from creditfactory.labels.label import Label, Polarity
from creditfactory.labels.series import KEY_WORDS, SERIES_MEASURES, Series, SeriesDeclaration, SeriesMeasure

Found = dict[str, Scalar | Missing]


def _contact(cut: str, measure: str, unit: str, en: str, zh: str, polarity: Polarity = "neutral") -> Label:
    high = BPS_WHOLE if unit == "bps" else None
    return declare("contacts", ("contacts", cut, measure), unit, en, zh, polarity, high=high)


_RELATIONS = (
    ("spouse", "spouses", "配偶"), ("parent", "parents", "父母"), ("child", "children", "子女"),
    ("sibling", "brothers and sisters", "兄弟姐妹"), ("friend", "friends", "朋友"), ("colleague", "colleagues", "同事"),
    ("partner", "business partners", "合伙人"), ("other", "others", "其他"),
)  # fmt: skip
_FAMILY = ("spouse", "parent", "child", "sibling")
CONTACTS = (
    _contact("all", "count", "count", "Contacts named", "联系人数", "premium"),
    _contact("all", "phones", "count", "Different phones of contacts", "联系人不同号码数", "premium"),
    _contact("all", "shared_phones", "count", "Contacts with the same phone as another", "号码重复联系人数", "adverse"),
    _contact("all", "cities", "count", "Cities the contacts live in", "联系人所在城市数"),
    _contact("all", "local_bps", "bps", "Contacts in the city of the business", "经营地同城联系人占比", "premium"),
    _contact("family", "count", "count", "Contacts of the family", "亲属联系人数", "premium"),
    _contact("family", "local", "count", "Contacts of the family in the city of the business",
             "经营地同城亲属联系人数", "premium"),
    _contact("business", "count", "count", "Colleagues and partners among the contacts", "同事与合伙人联系人数"),
    _contact("business", "local", "count", "Colleagues and partners in the city of the business",
             "经营地同城同事与合伙人数"),
    *(
        _contact(code, "count", "count", f"Contacts who are {en}", f"{zh}联系人数")
        for code, en, zh in _RELATIONS
        if code != "spouse"
    ),
)  # fmt: skip


def read_contacts(known: Known) -> Mapping[str, Scalar | Missing]:
    """Who was named to be reached through. A spouse counts as family only: marriage is nobody's business here."""
    named = known.find(ContactList)
    if named is None:
        return {}
    size = len(named.relation)
    cities = _cities(known)
    said = (known.dossier.business.city, *(named.city or [""] * size))
    home, *where = (found or city for city, found in zip(said, find_cities(said, cities), strict=True))
    local = [bool(city) and city == home for city in where]
    is_family = [relation in _FAMILY for relation in named.relation]
    is_business = [relation in ("colleague", "partner") for relation in named.relation]
    phones = len(set(named.phone))
    return {
        "contacts__all__count": size,
        "contacts__all__phones": phones,
        "contacts__all__shared_phones": max(0, len(named.phone) - phones),
        "contacts__all__cities": len({city for city in where if city}),
        "contacts__all__local_bps": sum(local) * BPS_WHOLE // size if size else None,
        "contacts__family__count": sum(is_family),
        "contacts__family__local": sum(a and b for a, b in zip(is_family, local, strict=True)),
        "contacts__business__count": sum(is_business),
        "contacts__business__local": sum(a and b for a, b in zip(is_business, local, strict=True)),
        **{f"contacts__{code}__count": named.relation.count(code) for code, *_ in _RELATIONS if code != "spouse"},
    }


def _cities(known: Known) -> Mapping[str, str] | None:
    found = known.parameters.get("territory_cities")
    return found if isinstance(found, Mapping) else None


def _phone(measure: str, unit: str, en: str, zh: str, polarity: Polarity = "neutral") -> Label:
    return declare("telecom", ("telecom", "number", measure), unit, en, zh, polarity)


_TELECOM_COPIED = ("tenure_months", "is_in_service", "is_real_name", "is_virtual_operator", "stops_12m", "number_sims")
TELECOM = (
    _phone("tenure_months", "months", "Months the number has been held", "在网时长", "premium"),
    _phone("is_in_service", "yes or no", "The number is in service", "号码在用", "premium"),
    _phone("is_real_name", "yes or no", "The number is registered in the person's name", "实名登记", "premium"),
    _phone("is_virtual_operator", "yes or no", "The number is of a virtual operator", "虚拟运营商号段", "adverse"),
    _phone("stops_12m", "count", "Times the number was cut off in a year", "近12个月停机次数", "adverse"),
    _phone("number_sims", "count", "Numbers in the person's name", "名下号码数", "adverse"),
    _phone("tenure_to_age_bps", "bps", "Time with the number against the time as a grown-up", "在网时长占成年时长比",
           "premium"),
    _phone("held_before_business", "months", "Months the number was held before the business began",
           "在网早于经营月数", "premium"),
)  # fmt: skip


def read_telecom(known: Known) -> Mapping[str, Scalar | Missing]:
    """What the telephone company says of the number."""
    record = known.find(TelecomRecord)
    if record is None:
        return {}
    start, dossier = "telecom__number__", known.dossier
    found: Found = {start + name: getattr(record, name) for name in _TELECOM_COPIED}
    tenure = record.tenure_months
    if tenure is not None and dossier.applicant.born_on is not None:
        grown = max(1, _months(dossier.applicant.born_on, dossier.applied_on) - 18 * 12)
        found[f"{start}tenure_to_age_bps"] = tenure * BPS_WHOLE // grown
    if tenure is not None and dossier.business.opened_on is not None:
        found[f"{start}held_before_business"] = max(0, tenure - _months(dossier.business.opened_on, dossier.applied_on))
    return found


def _months(since: date, on: date) -> int:
    return max(0, (on.toordinal() - since.toordinal()) * 12 // 365)


def _place(cut: str, measure: str, unit: str, en: str, zh: str, polarity: Polarity = "neutral") -> Label:
    return declare("geography", ("place", cut, measure), unit, en, zh, polarity)


PLACES = (
    _place("address", "ip_is_local", "yes or no", "The network address lies in the city of the business",
           "IP与经营地同城", "premium"),
    _place("address", "gps_is_local", "yes or no", "The device stands in the city of the business",
           "定位与经营地同城", "premium"),
    _place("address", "ip_is_gps", "yes or no", "Network address and device lie in the same city", "IP与定位同城",
           "premium"),
    _place("address", "ip_is_home", "yes or no", "The network address lies in the home city", "IP与居住地同城",
           "premium"),
    _place("telephone", "is_local", "yes or no", "The phone number is of the city of the business",
           "号码归属地与经营地同城", "premium"),
    _place("telephone", "is_home", "yes or no", "The phone number is of the home city", "号码归属地与居住地同城",
           "premium"),
    _place("all", "cities", "count", "Cities that the application's places name", "涉及城市数", "adverse"),
    _place("all", "agreeing", "count", "Places that lie in the city of the business", "与经营地同城的位置数",
           "premium"),
    _place("business", "is_in_territory", "yes or no", "The business lies where there is a branch",
           "经营地在服务区域内", "premium"),
    _place("home", "years_before_business", "years", "Years in the city before the business began",
           "先定居后经营年数", "premium"),
)  # fmt: skip


def read_places(known: Known) -> Mapping[str, Scalar | Missing]:
    """Whether the places that the application names agree with each other, as the rulebook knows their names."""
    cities, dossier = _cities(known), known.dossier

    session, record = known.find(DeviceSession), known.find(TelecomRecord)
    marks = None if session is None else session.marks
    said = (
        dossier.business.city,
        dossier.applicant.city,
        None if marks is None else marks.ip_city,
        None if marks is None else marks.gps_city,
        None if record is None else record.home_city,
    )
    called = zip(said, find_cities(said, cities), strict=True)
    trade, home, ip, gps, phone = (found or (city or "").strip().casefold() or None for city, found in called)

    def same(one: str | None, other: str | None) -> bool | None:
        return None if one is None or other is None else one == other

    named = [one for one in (trade, home, ip, gps, phone) if one is not None]
    found: Found = {
        "place__address__ip_is_local": same(ip, trade),
        "place__address__gps_is_local": same(gps, trade),
        "place__address__ip_is_gps": same(ip, gps),
        "place__address__ip_is_home": same(ip, home),
        "place__telephone__is_local": same(phone, trade),
        "place__telephone__is_home": same(phone, home),
        "place__all__cities": len(set(named)) if named else None,
        "place__all__agreeing": None if trade is None else sum(one == trade for one in named) - 1,
        "place__business__is_in_territory": None if cities is None or trade is None else trade in cities,
    }
    years, opened = dossier.applicant.years_in_city, dossier.business.opened_on
    if years is not None and opened is not None:
        found["place__home__years_before_business"] = max(0, years - _months(opened, dossier.applied_on) // 12)
    return found


def _declare_series(series: SeriesDeclaration, measure: SeriesMeasure) -> Label:
    whose, low, high, unit = KEY_WORDS[series.key], series.minimum, series.maximum, series.unit
    polarity: Polarity = "neutral"
    if measure.is_change:
        low, high = series.minimum - series.maximum, series.maximum - series.minimum
    elif measure.is_count:
        low, high, unit = (0, BPS_WHOLE, "bps") if measure.code.startswith("rank") else (0, 1_000, "count")
    else:
        polarity = series.polarity
    scope, _, rest = series.name.partition("_")
    parts = (f"economy_{scope}", rest, measure.code.replace("__", "_"))
    en, zh = f"{series.en} {whose['en']}: {measure.en}", f"{whose['zh']}{series.zh}:{measure.zh}"
    return declare("series", parts, unit, en[0].upper() + en[1:], zh, polarity, low=low, high=high)


SERIES_LABELS = tuple(_declare_series(series, measure) for series in SERIES for measure in SERIES_MEASURES)


def read_series(known: Known) -> Mapping[str, Scalar | Missing]:
    """What was published before the day of looking of the country, the industry and the city (LAB-05)."""
    row = read_series_row(known)
    if row is None:
        return {}
    figures = row.figures.tolist()
    return {label.name: v for label, v in zip(SERIES_LABELS, figures, strict=True) if v != UNKNOWN}


def read_series_row(known: Known) -> Row | None:
    """The same in the order of the labels."""
    if not known.series:
        return None
    dossier = known.dossier
    on = (known.as_of + timedelta(minutes=dossier.utc_offset_minutes)).date()
    division = read_division(dossier.business.industry)
    section = section_of(division) if division else None
    return _tell_series(known.series, on, section, find_city(dossier.business.city, _cities(known)))


@lru_cache(maxsize=512)
def _tell_series(whole: tuple[Series, ...], on: date, section: str | None, city: str | None) -> Row:
    """What a day's reader sees; firms of one trade and city see the same."""
    by_name = {series.name: series for series in whole}
    keys = {"none": "", "industry": section, "city": city}
    found: list[int | None] = []
    for declared in SERIES:
        series, key = by_name.get(declared.name), keys[declared.key]
        nothing = (None,) * len(SERIES_MEASURES)
        found.extend(nothing if series is None or key is None else series.tell(key, on))
    return Row(np.array([UNKNOWN if figure is None else figure for figure in found], np.int64))


def _tell_unit(unit: str) -> tuple[str, int]:
    """A network indicator's unit as labels know it, and the highest figure that is possible."""
    return {"bps": ("bps", 1_000_000), "days": ("days", 40_000), "ppm": ("points", 1_000_000)}.get(
        unit, ("count", 10_000_000)
    )


def _declare_indicator(indicator: network.Indicator) -> Label:
    unit, high = _tell_unit(indicator.unit)
    parts = indicator.name.split("__")
    label = declare("network", ("network", parts[1], parts[2]), unit, indicator.en, indicator.zh, indicator.polarity,
                    high=high, window="__".join(parts[3:]))  # fmt: skip
    assert label.name == indicator.name, f"{indicator.name}: no name of a family's label"
    return label


NETWORK = tuple(_declare_indicator(indicator) for indicator in network.INDICATORS)


def read_network(known: Known) -> Mapping[str, Scalar | Missing]:
    """Every indicator of the network as it was known; one that the index did not count is unknown."""
    if known.network is None:
        return {label.name: Missing("no_network") for label in NETWORK}
    return known.network.values


_NO_NETWORK = Row(np.full(len(NETWORK), UNKNOWN, np.int64), "no_network")
_NETWORK_NAMES = tuple(label.name for label in NETWORK)


def read_network_row(known: Known) -> Row | None:
    """The same in the order of the labels."""
    if known.network is None:
        return _NO_NETWORK
    told = list(map(known.network.values.get, _NETWORK_NAMES))
    return Row(pack_column("q", np.int64, [UNKNOWN if figure is None else figure for figure in told], len(told)))


def _channel(measure: str, unit: str, en: str, zh: str, polarity: Polarity = "neutral") -> Label:
    high = BPS_WHOLE if measure.endswith("share_bps") else None
    return declare("channel", ("channel", "record", measure), unit, en, zh, polarity, high=high)


CHANNEL = (
    _channel("approved_share_bps", "bps", "Approved among the channel's applications of 90 days", "渠道近90天通过率",
             "premium"),
    _channel("first_payment_bad_share_bps", "bps", "Loans of the channel that missed the first payment",
             "渠道首期违约率", "adverse"),
    _channel("loans_known", "count", "Loans of the channel whose outcome is known", "渠道已知结果贷款数", "premium"),
    _channel("bads_known", "count", "Bad loans of the channel known", "渠道已知坏账数", "adverse"),
    _channel("quota_open_cents", "cents", "Quota that the channel has left", "渠道剩余额度", "premium"),
    _channel("deposit_cents", "cents", "Deposit that the channel has paid", "渠道保证金", "premium"),
    _channel("licence_days_left", "days", "Days until the channel's licence ends", "渠道资质剩余天数", "premium"),
    _channel("amount_to_quota_bps", "bps", "Amount asked for against the quota left", "申请金额占渠道剩余额度比"),
    _channel("is_watched", "yes or no", "The channel is being watched", "渠道观察中", "adverse"),
    _channel("has_agent", "yes or no", "An agent is named", "有业务员"),
)  # fmt: skip


def read_channel(known: Known) -> Mapping[str, Scalar | Missing]:
    """The channel's own record, beside what the named labels say of it."""
    facts, dossier = known.channel, known.dossier
    if facts is None:
        return {}
    start = "channel__record__"
    asked, loans = facts.applications_90d, facts.loans_known
    found: Found = {
        f"{start}approved_share_bps": min(BPS_WHOLE, facts.approvals_90d * BPS_WHOLE // asked) if asked else None,
        f"{start}first_payment_bad_share_bps": facts.first_payment_bads_known * BPS_WHOLE // loans if loans else None,
        f"{start}loans_known": loans,
        f"{start}bads_known": facts.bads_known,
        f"{start}quota_open_cents": facts.quota_open_cents,
        f"{start}deposit_cents": facts.deposit_cents,
        f"{start}is_watched": facts.status == "watched",
        f"{start}has_agent": bool(dossier.channel.agent),
    }
    if facts.licence_until is not None:
        found[f"{start}licence_days_left"] = max(0, (facts.licence_until - dossier.applied_on).days)
    if facts.quota_open_cents:
        found[f"{start}amount_to_quota_bps"] = dossier.request.amount_cents * BPS_WHOLE // facts.quota_open_cents
    return found


READINGS = (
    Readings(code="contacts", labels=CONTACTS, absent="no_contacts", read=read_contacts),
    Readings(code="telecom", labels=TELECOM, absent="no_telecom", read=read_telecom),
    Readings(code="places", labels=PLACES, absent="not_comparable", read=read_places),
    Readings(code="economy", labels=SERIES_LABELS, absent="no_series", read=read_series, read_row=read_series_row),
    Readings(code="network", labels=NETWORK, absent="no_tie", read=read_network, read_row=read_network_row),
    Readings(code="channel", labels=CHANNEL, absent="no_channel", read=read_channel),
)
