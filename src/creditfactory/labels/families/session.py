"""How the application was typed in and on what, and what camera and papers say of the person."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from statistics import median

from creditfactory.application import DeviceSession, IdentityCheck, PaperCheck
from creditfactory.kernel import BPS_WHOLE, Scalar
from creditfactory.labels.families.declaring import declare
from creditfactory.labels.family import Missing, Readings
from creditfactory.labels.known import Known
from creditfactory.labels.label import Label, Polarity

Found = dict[str, Scalar | Missing]


def _behaviour(
    measure: str, unit: str, en: str, zh: str, polarity: Polarity = "neutral", high: int | None = None
) -> Label:
    return declare("device", ("device", "behaviour", measure), unit, en, zh, polarity, high=high)


def _mark(measure: str, unit: str, en: str, zh: str, polarity: Polarity = "neutral") -> Label:
    return declare("device", ("device", "marks", measure), unit, en, zh, polarity)


_COPIED = (
    "pastes", "corrections", "focus_losses", "keys", "typing_spread_bps", "pointer_straight_bps", "pointer_pause_ms",
    "touches", "scrolls", "tilt_changes", "proof_ms", "proof_bits", "fields_autofilled",
)  # fmt: skip
BEHAVIOUR = (
    _behaviour("pastes", "count", "Fields pasted into", "粘贴次数", "adverse"),
    _behaviour("corrections", "count", "Keys taken back", "删改次数"),
    _behaviour("focus_losses", "count", "Times the page was left", "离开页面次数", "adverse"),
    _behaviour("keys", "count", "Keys pressed", "按键次数"),
    _behaviour("typing_spread_bps", "bps", "Spread of the time between keys", "击键间隔离散度"),
    _behaviour("pointer_straight_bps", "bps", "How straight the pointer moved", "指针轨迹直线度", "adverse"),
    _behaviour("pointer_pause_ms", "milliseconds", "Longest pause of the pointer", "指针最长停顿"),
    _behaviour("touches", "count", "Touches of the screen", "触屏次数"),
    _behaviour("scrolls", "count", "Scrolls of the page", "滚动次数"),
    _behaviour("tilt_changes", "count", "Changes of the phone's tilt", "设备姿态变化次数", "premium"),
    _behaviour("proof_ms", "milliseconds", "Longest time taken for a page's proof of work", "页面工作量证明最长耗时"),
    _behaviour("proof_bits", "count", "Size of the proof of work", "工作量证明难度"),
    _behaviour("fields_autofilled", "count", "Fields filled in by the browser", "自动填充字段数"),
    _behaviour("pointer_moves", "count", "Moves of the pointer", "指针移动次数"),
    _behaviour("corrections_bps", "bps", "Keys taken back among all keys", "删改占按键比"),
    _behaviour("keys_a_minute", "count", "Keys a minute", "每分钟按键数"),
    _behaviour("moves_a_minute", "count", "Moves of the pointer a minute", "每分钟指针移动数"),
    _behaviour("fields", "count", "Fields timed", "计时字段数"),
    _behaviour("field_seconds_max", "seconds", "Longest time spent on one field", "单字段最长用时"),
    _behaviour("field_seconds_min", "seconds", "Shortest time spent on one field", "单字段最短用时"),
    _behaviour("field_seconds_median", "seconds", "Median time spent on a field", "单字段用时中位数"),
    _behaviour("fields_in_no_time", "count", "Fields filled in within a second", "一秒内完成字段数", "adverse"),
    _behaviour("idle_seconds", "seconds", "Time on the form not spent in any field", "字段外停留时间"),
)  # fmt: skip


def read_behaviour(known: Known) -> Mapping[str, Scalar | Missing]:
    """Counts as the page measured them, and what follows from two of them."""
    session = known.find(DeviceSession)
    if session is None:
        return {}
    start = "device__behaviour__"
    found: Found = {f"{start}pointer_moves": session.pointer_moves}
    spent = session.form_seconds
    if session.pointer_moves is not None and spent:
        found[f"{start}moves_a_minute"] = session.pointer_moves * 60 // spent
    seen = session.behaviour
    if seen is None:
        return found
    found |= {start + name: getattr(seen, name) for name in _COPIED}
    if seen.keys is not None and spent:
        found[f"{start}keys_a_minute"] = seen.keys * 60 // spent
    if seen.keys and seen.corrections is not None:
        found[f"{start}corrections_bps"] = seen.corrections * BPS_WHOLE // seen.keys
    times = seen.field_seconds
    if times:
        found |= {
            f"{start}fields": len(times),
            f"{start}field_seconds_max": max(times),
            f"{start}field_seconds_min": min(times),
            f"{start}field_seconds_median": int(median(times)),
            f"{start}fields_in_no_time": sum(one <= 1 for one in times),
        }
        if spent is not None:
            found[f"{start}idle_seconds"] = max(0, spent - sum(times))
    return found


MARKS = (
    _mark("is_phone", "yes or no", "Applied on a phone", "手机端申请"),
    _mark("is_desktop", "yes or no", "Applied on a desk computer", "电脑端申请"),
    _mark("is_apple", "yes or no", "Applied on an Apple device", "苹果设备"),
    _mark("screen_pixels", "count", "Pixels of the screen", "屏幕像素"),
    _mark("cores", "count", "Processor cores", "处理器核数"),
    _mark("memory_gb", "count", "Memory in gigabytes", "内存(GB)"),
    _mark("zone_differs", "yes or no", "The device's clock stands in another time zone", "设备时区与当地不符",
          "adverse"),
    _mark("is_chinese", "yes or no", "The device is set to Chinese", "设备语言为中文", "premium"),
    _mark("is_proxy", "yes or no", "Came through a proxy", "使用代理", "adverse"),
    _mark("is_rooted", "yes or no", "The phone was opened up (rooted)", "越狱或ROOT", "adverse"),
    _mark("is_automated", "yes or no", "The browser was steered by a program", "自动化控制标记", "adverse"),
    _mark("has_camera", "yes or no", "The device has a camera", "有摄像头", "premium"),
    _mark("has_touch", "yes or no", "The device can be touched", "支持触屏"),
    _mark("touch_unlikely", "yes or no", "A phone that cannot be touched, or a touched one without a touch",
          "触屏特征矛盾", "adverse"),
    _mark("gps_accuracy_m", "metres", "Accuracy of the place given", "定位精度"),
    _mark("is_gps_mocked", "yes or no", "The place was made up by a program", "虚拟定位", "adverse"),
    _mark("battery_bps", "bps", "Battery left", "剩余电量"),
    _mark("is_charging", "yes or no", "The device was charging", "充电中"),
    _mark("is_plugged_and_full", "yes or no", "Charging with a full battery, as in a rack of phones", "满电充电中",
          "adverse"),
)  # fmt: skip
_MARKS_COPIED = (
    "screen_pixels", "cores", "memory_gb", "is_proxy", "is_rooted", "is_automated", "has_camera", "has_touch",
    "gps_accuracy_m", "is_gps_mocked", "battery_bps", "is_charging",
)  # fmt: skip
_PHONES, _DESKS = ("android", "ios", "harmony"), ("windows", "macos", "linux")


def read_marks(known: Known) -> Mapping[str, Scalar | Missing]:
    """What the device says of itself, and where two of its marks do not go together."""
    session = known.find(DeviceSession)
    if session is None or session.marks is None:
        return {}
    marks, start = session.marks, "device__marks__"
    found: Found = {start + name: getattr(marks, name) for name in _MARKS_COPIED}
    if marks.platform is not None:
        found[f"{start}is_phone"] = is_phone = marks.platform in _PHONES
        found[f"{start}is_desktop"] = marks.platform in _DESKS
        found[f"{start}is_apple"] = marks.platform in ("ios", "macos")
        touches = None if session.behaviour is None else session.behaviour.touches
        if is_phone and (marks.has_touch is not None or touches is not None):
            found[f"{start}touch_unlikely"] = marks.has_touch is False or touches == 0
    if marks.zone_minutes is not None:
        found[f"{start}zone_differs"] = marks.zone_minutes != known.dossier.utc_offset_minutes
    if marks.language is not None:
        found[f"{start}is_chinese"] = marks.language.lower().startswith("zh")
    if marks.is_charging is not None and marks.battery_bps is not None:
        found[f"{start}is_plugged_and_full"] = marks.is_charging and marks.battery_bps >= BPS_WHOLE
    return found


def _seen(measure: str, unit: str, en: str, zh: str, polarity: Polarity = "neutral", high: int | None = None) -> Label:
    return declare("identity", ("identity", "check", measure), unit, en, zh, polarity, high=high)


_IDENTITY_COPIED = (
    "is_document_valid", "is_name_matched", "is_injected", "is_replayed", "challenges_asked", "challenges_passed",
    "faces_seen_before", "document_confidence", "is_document_copied", "is_number_consistent",
)  # fmt: skip
IDENTITY = (
    _seen("is_document_valid", "yes or no", "The identity paper is valid", "证件有效", "premium"),
    _seen("is_name_matched", "yes or no", "Name and number belong together", "姓名证号一致", "premium"),
    _seen("is_injected", "yes or no", "Pictures came from elsewhere than the camera", "视频流注入", "adverse"),
    _seen("is_replayed", "yes or no", "The camera saw a screen or a recording", "翻拍或录像", "adverse"),
    _seen("challenges_asked", "count", "Challenges asked before the camera", "活体动作要求数"),
    _seen("challenges_passed", "count", "Challenges done before the camera", "活体动作完成数", "premium"),
    _seen("challenges_failed", "count", "Challenges not done before the camera", "活体动作未完成数", "adverse"),
    _seen("faces_seen_before", "count", "Other applications with this face", "同脸其他申请数", "adverse"),
    _seen("document_confidence", "points", "How surely the paper was read, in per cent", "证件识别置信度", "premium",
          100),
    _seen("is_document_copied", "yes or no", "The paper was photographed off a screen or a copy", "证件翻拍或复印",
          "adverse"),
    _seen("is_number_consistent", "yes or no", "The number agrees with what else is known", "证号与资料一致",
          "premium"),
    _seen("by_camera", "yes or no", "Seen by camera", "现场摄像核验", "premium"),
)  # fmt: skip


def read_identity(known: Known) -> Mapping[str, Scalar | Missing]:
    """What camera and document reading say."""
    check = known.find(IdentityCheck)
    if check is None:
        return {}
    start = "identity__check__"
    found: Found = {start + name: getattr(check, name) for name in _IDENTITY_COPIED}
    if check.challenges_asked is not None and check.challenges_passed is not None:
        found[f"{start}challenges_failed"] = max(0, check.challenges_asked - check.challenges_passed)
    if check.method is not None:
        found[f"{start}by_camera"] = check.method == "camera"
    return found


def _paper(measure: str, unit: str, en: str, zh: str, polarity: Polarity = "neutral", high: int | None = None) -> Label:
    return declare("paper", ("papers", "all", measure), unit, en, zh, polarity, high=high)


PAPERS = (
    _paper("count", "count", "Papers handed in", "提交材料份数", "premium"),
    _paper("kinds", "count", "Kinds of paper handed in", "提交材料种类数", "premium"),
    _paper("findings", "count", "Findings against papers", "材料疑点数", "adverse"),
    _paper("findings_max", "count", "Most findings against one paper", "单份材料最多疑点数", "adverse"),
    _paper("doubtful", "count", "Papers with a finding", "有疑点材料份数", "adverse"),
    _paper("doubtful_bps", "bps", "Papers with a finding among all", "有疑点材料占比", "adverse", BPS_WHOLE),
    _paper("seen_before", "count", "Papers seen in other applications", "他人申请中出现过的材料数", "adverse"),
    _paper("confidence_min", "points", "Lowest confidence of reading, in per cent", "最低识别置信度", "premium", 100),
    _paper("confidence_mean", "points", "Mean confidence of reading, in per cent", "平均识别置信度", "premium", 100),
    _paper("changed_later", "count", "Papers changed after they were made", "生成后被修改的材料数", "adverse"),
    _paper("changed_days_max", "days", "Longest time from making to changing a paper", "生成到修改最长间隔天数",
           "adverse"),
    _paper("made_days_ago_min", "days", "Days since the newest paper was made", "最新材料生成距今天数"),
    _paper("producers", "count", "Programs that made the papers", "材料制作软件数"),
    _paper("edited", "count", "Papers made by an image or PDF editor", "由编辑软件生成的材料数", "adverse"),
    _paper("lines", "count", "Lines read off papers", "读取行数"),
)  # fmt: skip
_EDITORS = ("photoshop", "gimp", "pixelmator", "acrobat pro", "foxit", "wps pdf", "inkscape", "illustrator", "canva")


@lru_cache(maxsize=256)
def _is_editor(producer: str) -> bool:
    return any(name in producer.lower() for name in _EDITORS)


def read_papers(known: Known) -> Mapping[str, Scalar | Missing]:
    """What all papers together say: one reading of each, the latest."""
    latest: dict[str, PaperCheck] = {}
    for one in known.dossier.evidence:
        if isinstance(one, PaperCheck) and one.obtained_at <= known.as_of:
            latest[one.digest] = one
    papers = list(latest.values())
    if not papers:
        return {}
    start, findings = "papers__all__", [len(one.findings) for one in papers]
    sure = [one.confidence for one in papers if one.confidence is not None]
    made = [one.made_at for one in papers if one.made_at is not None]
    changed = [
        (one.changed_at - one.made_at).days
        for one in papers
        if one.changed_at is not None and one.made_at is not None and one.changed_at > one.made_at
    ]
    producers = {one.producer for one in papers if one.producer}
    doubtful = sum(map(bool, findings))
    found: Found = {
        f"{start}count": len(papers),
        f"{start}kinds": len({one.paper for one in papers}),
        f"{start}findings": sum(findings),
        f"{start}findings_max": max(findings),
        f"{start}doubtful": doubtful,
        f"{start}doubtful_bps": doubtful * BPS_WHOLE // len(papers),
        f"{start}seen_before": sum(bool(one.seen_before) for one in papers),
        f"{start}changed_later": len(changed),
        f"{start}changed_days_max": max(changed, default=0),
        f"{start}producers": len(producers),
        f"{start}edited": sum(_is_editor(one.producer) for one in papers if one.producer),
        f"{start}lines": sum(one.lines or 0 for one in papers),
    }
    if sure:
        found[f"{start}confidence_min"], found[f"{start}confidence_mean"] = min(sure), sum(sure) // len(sure)
    if made:
        found[f"{start}made_days_ago_min"] = max(0, (known.as_of - max(made)).days)
    return found


READINGS = (
    Readings(code="device_behaviour", labels=BEHAVIOUR, absent="not_reported", read=read_behaviour),
    Readings(code="device_marks", labels=MARKS, absent="not_reported", read=read_marks),
    Readings(code="identity", labels=IDENTITY, absent="no_identity", read=read_identity),
    Readings(code="papers", labels=PAPERS, absent="no_papers", read=read_papers),
)
