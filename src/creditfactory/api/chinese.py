"""The API's refusals in Chinese: whole sentences, and the phrases of what was found and what was expected."""

from __future__ import annotations

import re
from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    "nothing": "空缺",
    "null": "null",
    "an unknown field": "未知字段",
    "the field twice in one group": "同一组中字段重复",
    "each field once": "每个字段一次",
    "nesting without end": "无限嵌套",
    "text in UTF-16": "UTF-16 文本",
    "text in UTF-8": "UTF-8 文本",
    "text without broken characters": "不含损坏字符的文本",
    "an object: fields in braces": "对象(花括号内的字段)",
    "a group of fields in braces": "一组字段(花括号)",
    "one dossier: a group of fields in braces": "一份申请资料(花括号内的字段)",
    "an application: a group of fields in braces": "一份申请(花括号内的字段)",
    "a dossier in braces": "一份申请资料(花括号)",
    "a number": "数字",
    "a number from 0 up": "不小于 0 的数字",
    "a number up to 10^15": "不超过 10^15 的数字",
    "a whole number": "整数",
    "a whole number up to 10^15": "不超过 10^15 的整数",
    "a whole number of cents from 0 up": "以分计的非负整数",
    "an amount above nothing": "大于零的金额",
    "a text": "文本",
    "some text": "文本",
    "a list": "列表",
    "a list of evidence": "证据列表",
    "true or false": "true 或 false",
    "true, false, or null where it is unknown": "true、false,未知时为 null",
    "a date like 2026-01-31": "日期,如 2026-01-31",
    "an instant like 2026-01-31T09:30:00Z": "时刻,如 2026-01-31T09:30:00Z",
    "this field, which is needed": "该必填字段",
    "only the fields of this door": "仅限本接口的字段",
    "none: the vault gives it": "不填:由保险库生成",
    "a token": "令牌",
    "a number that fails its check": "校验不通过的号码",
    "a resident identity number of 18 characters": "18 位居民身份证号码",
    "another day than the identity number's": "与身份证号不一致的日期",
    "the same birth date": "相同的出生日期",
    "another form": "其他格式",
    "a mobile number of 11 digits": "11 位手机号码",
    "a text that does not fit": "不符合要求的文本",
    "text of 1 to 80 characters, none broken": "1 至 80 个字符且不含损坏字符的文本",
    "papers of the borrower's own; the factory asks this source itself": "借款人自有材料;该来源由本系统自行查询",
    "a loan of this factory": "本系统的贷款",
    "at most 1,000,000 bytes": "不超过 1,000,000 字节",
    "a record that fits no kind": "不属于任何类型的记录",
    "records as the schema has them": "符合结构定义的记录",
    "JSON": "JSON",
    "something else": "其他内容",
    "the reason as text": "文本形式的原因",
    "a purpose as text": "文本形式的用途",
    "a list of signed consents": "已签署授权的列表",
    "what the applicant asks to be looked at again, as text": "请求复核的内容(文本)",
}  # fmt: skip
SENTENCES: Mapping[str, str] = {
    "The request is not signed: X-CF-Key, X-CF-Time, X-CF-Nonce and X-CF-Signature are expected.":
        "请求未签名:需要 X-CF-Key、X-CF-Time、X-CF-Nonce 和 X-CF-Signature。",
    "The key is not known here, or it is closed.": "密钥不存在或已停用。",
    "The request's time lies more than 5 minutes from ours; set your clock and sign it anew.":
        "请求时间与本系统相差超过 5 分钟;请校准时钟后重新签名。",
    "The signature does not fit the request: method, path, time, nonce and the body's digest are signed.":
        "签名与请求不符:应对方法、路径、时间、随机数和正文摘要签名。",
    "This nonce was used before; each request needs its own.": "该随机数已使用过;每个请求须使用新的随机数。",
    "The database cannot be reached at the moment; send this again.": "数据库暂时不可用,请稍后重发。",
    "There is no decline here that could be looked at again.": "没有可以复核的拒绝决定。",
    "This application has ended already; there is nothing to withdraw.": "该申请已结束,无需撤回。",
    "The money has gone out; the loan can be repaid early, but not withdrawn.": "款项已发放;可提前还款,但不能撤回。",
    "There is no such piece of work.": "没有该项工作。",
    "This checks your own work; it needs another pair of eyes.": "不能复核自己的工作,需由他人处理。",
    "Not Found": "未找到。",
    "Method not allowed": "不支持该方法。",
}  # fmt: skip
PATTERNS: tuple[tuple[str, str], ...] = (
    (r"a group of (\d+) fields", r"一组 \1 个字段"),
    (r"a list of (\d+)", r"\1 项的列表"),
    (r"at most ([\d,]+) characters", r"不超过 \1 个字符"),
    (r"(\d+) to ([\d,]+) characters", r"\1 至 \2 个字符"),
    (r"([\d,]+) characters", r"\1 个字符"),
    (r"([\d,]+) bytes", r"\1 字节"),
    (r"at most ([\d,]+) bytes", r"不超过 \1 字节"),
    (r"at most (\d+) levels", r"不超过 \1 层"),
    (r"nesting of more than (\d+) levels", r"嵌套超过 \1 层"),
    (r"a number of (\d+) digits", r"\1 位数字"),
    (r"a text of ([\d,]+) characters", r"\1 个字符的文本"),
    (r"an object with (.+)", r"含 \1 的对象"),
    (r"a (str|int|float|list|dict|bool)", r"\1 类型的值"),
    (r"(?:'[^']*' \(did you mean that\?\) or )?one of (.+)", r"下列之一:\1"),
    (r"no JSON at line (\d+), column (\d+) \((.+)\)", r"第 \1 行第 \2 列处不是 JSON(\3)"),
    (r"byte (0x[0-9a-f]{2}) at position (\d+)", r"位置 \2 处的字节 \1"),
    (r"an instant of the last (\d+) days; it is (\S+) here", r"最近 \1 天内的时刻;本系统现在为 \2"),
    (r"a day from the disbursement on \((.+)\), not in the future", r"自放款日(\1)起且不晚于今天的日期"),
    (r"(.+), the rulebook's pack", r"规则包 \1"),
    (r"why the loan may be made although these are unknown: (.+)", r"在以下信息未知时仍可放款的理由:\1"),
    (r"String should have at least (\d+) characters?", r"至少 \1 个字符的文本"),
    (r"String should have at most (\d+) characters?", r"至多 \1 个字符的文本"),
    (r"Input should be greater than or equal to (\d+)", r"不小于 \1 的数"),
    (r"Input should be less than or equal to (\d+)", r"不大于 \1 的数"),
    (r"Input should be (.+)", r"应为 \1"),
    (r"There is no application (.+) here\.", r"没有申请 \1。"),
    (r"There is no piece of work (.+) here\.", r"没有工作 \1。"),
    (r"No question (.+) was put to (.+)\.", r"未向 \2 提出过问题 \1。"),
    (r"The key (\S+) may not use this door; it is for (\S+) keys\.", r"密钥 \1 无权使用此接口;仅供 \2 类密钥使用。"),
    (r"The key (\S+) may not use this door; it needs the right (.+)\.", r"密钥 \1 无权使用此接口;需要权限 \2。"),
    (r"The key (\S+) does not speak for (.+)\.", r"密钥 \1 不能代表 \2。"),
    (r"This key may send ([\d,]+) requests a minute; the next is taken in (\d+) seconds\.",
     r"该密钥每分钟最多 \1 次请求;请在 \2 秒后重试。"),
    (r"Found a body of type (.*), expected application/json\.", r"正文类型为 \1,应为 application/json。"),
    (r"The application (\S+) has not come to an offer; .+", r"申请 \1 尚未到达定价环节;请查询其状态。"),
    (r"The reference (.+) already stands for another application; .+", r"编号 \1 已对应另一申请;请使用新的编号提交。"),
    (r"You do not have this piece of work: it is (\w+)(?: by (.+))?\.", r"您未持有该项工作:其状态为 \1。"),
    (r"(.+) already has this piece of work\.", r"该项工作已由 \1 领取。"),
)  # fmt: skip
UNSAID = "该请求目前不能受理。"


def tell_chinese(text: str) -> str:
    """A sentence or phrase in Chinese; a value in quotes stays as it is, and a sentence unknown here is told in brief.

    >>> tell_chinese("at most 80 characters"), tell_chinese("'abc'")
    ('不超过 80 个字符', "'abc'")
    """
    known = SENTENCES.get(text) or PHRASES.get(text)
    if known is not None:
        return known
    for pattern, chinese in PATTERNS:
        if (match := re.fullmatch(pattern, text, re.DOTALL)) is not None:
            return match.expand(chinese)
    is_sentence = text.endswith(".") and " " in text and text[:1].isalpha()
    return UNSAID if is_sentence else text
