"""Papers drawn at run time: ID cards and licences of people and firms that do not exist, badly photographed."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FONT_PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
)
INK, BLUE, RED = (25, 25, 30), (40, 90, 150), (200, 40, 40)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
AREAS = {
    "110105": "北京市朝阳区",
    "440305": "广东省深圳市南山区",
    "330106": "浙江省杭州市西湖区",
    "510104": "四川省成都市锦江区",
}
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文博宇轩梓涵浩然思远嘉怡子墨"
STREETS = ["建国路", "科技南路", "文三西路", "春熙路", "人民大道", "中山东街", "解放北路", "滨江一路"]
TRADES = ["餐饮", "商贸", "建材", "服饰", "物流", "食品", "电子", "家具"]


def find_font() -> str:
    """A font with Chinese letters, or the test is skipped."""
    for place in FONT_PLACES:
        if Path(place).is_file():
            return place
    pytest.skip("no font with Chinese letters here (Debian: fonts-noto-cjk)")


def make_id_number(area: str, born_on: str, order: int) -> str:
    """A whole ID number with its check digit."""
    body = f"{area}{born_on.replace('-', '')}{order:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def make_credit_code(rng: random.Random) -> str:
    """A whole unified credit code with its check letter."""
    body = "92" + rng.choice(tuple(AREAS)) + "".join(rng.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(9))
    total = sum(CODE_LETTERS.index(c) * (3**i % 31) for i, c in enumerate(body))
    return body + CODE_LETTERS[(31 - total % 31) % 31]


@dataclass(frozen=True)
class Holder:
    """Somebody who does not exist, with a firm that does not either."""

    name: str
    sex: str
    born_on: str
    address: str
    id_number: str
    authority: str
    valid_from: str
    valid_until: str
    firm_name: str
    credit_code: str
    premises: str
    registered_on: str
    extra: dict[str, str] = field(default_factory=dict)


def make_holder(seed: int) -> Holder:
    """One of endlessly many."""
    rng = random.Random(seed)
    area = rng.choice(tuple(AREAS))
    born = f"{rng.randint(1965, 2000)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    order = rng.randint(0, 998)
    given = "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))
    start = f"{rng.randint(2015, 2024)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    end = "长期" if rng.random() < 0.15 else f"{int(start[:4]) + rng.choice((20, 20, 20))}{start[4:]}"
    street = f"{rng.choice(STREETS)}{rng.randint(1, 399)}号"
    city = AREAS[area]
    return Holder(
        name=rng.choice(FAMILY) + given, sex="男" if order % 2 else "女", born_on=born,
        address=f"{city}{street}{rng.randint(1, 30)}栋{rng.randint(101, 2803)}室",
        id_number=make_id_number(area, born, order), authority=f"{city[-3:]}公安分局" if city[-1] == "区" else city,
        valid_from=start, valid_until=end,
        firm_name=f"{city[:2]}市{rng.choice(GIVEN)}{rng.choice(GIVEN)}{rng.choice(TRADES)}店",
        credit_code=make_credit_code(rng), premises=f"{city}{rng.choice(STREETS)}{rng.randint(1, 399)}号",
        registered_on=f"{rng.randint(2010, 2022)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
    )  # fmt: skip


def _dated(day: str) -> str:
    year, month, date = (int(part) for part in day.split("-"))
    return f"{year}年{month:02d}月{date:02d}日"


def draw_id_front(holder: Holder, portrait: Any | None = None, **changed: str) -> Any:
    """The front of an ID card, 1011 × 638; a printed field can be changed against the number."""
    from PIL import Image, ImageDraw, ImageFont

    told = {**{k: getattr(holder, k) for k in ("name", "sex", "born_on", "address", "id_number")}, **changed}
    image = Image.new("RGB", (1011, 638), (226, 236, 240))
    pen = ImageDraw.Draw(image)
    for row in range(0, 638, 9):  # the wavy ground of a real card, roughly
        points = [(x, row + 6 * math.sin(x / 37 + row / 23)) for x in range(0, 1011, 12)]
        pen.line(points, fill=(206, 222, 230), width=1)
    small, large, digits = (ImageFont.truetype(find_font(), size) for size in (30, 38, 44))
    pen.text((60, 70), "姓名", BLUE, small)
    pen.text((160, 62), told["name"], INK, large)
    pen.text((60, 150), "性别", BLUE, small)
    pen.text((160, 144), told["sex"], INK, large)
    pen.text((290, 150), "民族", BLUE, small)
    pen.text((380, 144), "汉", INK, large)
    year, month, day = told["born_on"].split("-")
    pen.text((60, 230), "出生", BLUE, small)
    for x, text, font, ink in (
        (160, year, large, INK), (262, "年", small, BLUE), (318, str(int(month)), large, INK), (378, "月", small, BLUE),
        (430, str(int(day)), large, INK), (490, "日", small, BLUE),
    ):  # fmt: skip
        pen.text((x, 224 if font is large else 230), text, ink, font)
    pen.text((60, 312), "住址", BLUE, small)
    for line in range(0, len(told["address"]), 12):
        pen.text((160, 306 + 50 * (line // 12)), told["address"][line : line + 12], INK, large)
    pen.text((60, 545), "公民身份号码", BLUE, small)
    pen.text((330, 535), told["id_number"], INK, digits)
    if portrait is not None:
        image.paste(portrait.resize((270, 340)), (680, 110))
    else:
        pen.rectangle((680, 110, 950, 450), fill=(205, 210, 214))
    return image


def draw_id_back(holder: Holder) -> Any:
    """The back of an ID card with the emblem as a red disc."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (1011, 638), (228, 236, 238))
    pen = ImageDraw.Draw(image)
    for row in range(0, 638, 9):
        points = [(x, row + 6 * math.sin(x / 41 + row / 19)) for x in range(0, 1011, 12)]
        pen.line(points, fill=(212, 226, 226), width=1)
    pen.ellipse((60, 50, 220, 210), fill=RED)
    title, head, small, text = (ImageFont.truetype(find_font(), size) for size in (56, 66, 30, 36))
    pen.text((300, 60), "中华人民共和国", INK, title)
    pen.text((330, 150), "居 民 身 份 证", INK, head)
    pen.text((170, 430), "签发机关", BLUE, small)
    pen.text((330, 425), holder.authority, INK, text)
    until = holder.valid_until if holder.valid_until == "长期" else holder.valid_until.replace("-", ".")
    pen.text((170, 520), "有效期限", BLUE, small)
    pen.text((330, 515), f"{holder.valid_from.replace('-', '.')}-{until}", INK, text)
    return image


def draw_licence(holder: Holder, *, code_in_qr: str | None = None) -> Any:
    """A business licence with border, seal and QR."""
    import numpy as np
    import zxingcpp
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (1500, 1060), (250, 247, 238))
    pen = ImageDraw.Draw(image)
    for inset in (20, 30):
        pen.rectangle((inset, inset, 1500 - inset, 1060 - inset), outline=(176, 140, 70), width=4)
    title, label, text = (ImageFont.truetype(find_font(), size) for size in (84, 30, 32))
    pen.text((560, 90), "营 业 执 照", INK, title)
    pen.text((110, 250), "统一社会信用代码", INK, label)
    pen.text((110, 296), holder.credit_code, INK, text)
    rows = (
        ("名　　称", holder.firm_name, "组成形式", "个人经营"),
        ("类　　型", "个体工商户", "注册日期", _dated(holder.registered_on)),
        ("经营者", holder.name, "经营场所", holder.premises),
        ("经营范围", "日用百货、食品销售；餐饮服务。", "", ""),
    )
    for number, (left, first, right, second) in enumerate(rows):
        y = 400 + 86 * number
        pen.text((110, y), left, BLUE, label)
        pen.text((260, y), first, INK, text)
        pen.text((790, y), right, BLUE, label)
        pen.text((950, y), second, INK, text)
    code = code_in_qr or holder.credit_code
    made = zxingcpp.create_barcode(f"http://www.gsxt.gov.cn/index.html?uniscid={code}", zxingcpp.BarcodeFormat.QRCode)
    square = Image.fromarray(np.asarray(made.to_image(scale=5))).convert("RGB").resize((210, 210))
    image.paste(square, (1180, 110))
    pen.ellipse((1090, 740, 1350, 1000), outline=RED, width=9)
    pen.text((1130, 850), "市场监督管理局", RED, ImageFont.truetype(find_font(), 26))
    pen.text((790, 900), "登记机关", INK, label)
    pen.text((1000, 960), _dated(holder.registered_on), INK, label)
    return image


def photograph(
    image: Any, seed: int, *, turn: float = 0.0, lean: float = 0.0, blur: float = 0.0, noise: float = 0.0,
    glare: float = 0.0, dark: float = 1.0, width: int = 1600, quality: int = 85,
) -> bytes:  # fmt: skip
    """A photograph of a paper on a table as a JPEG: turned (degrees), leaning, blurred, noisy, with a lamp's glare."""
    import cv2
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(seed)
    paper = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2BGR)
    height, wide = paper.shape[:2]
    scale = 0.8 * width / wide
    out_height = int(height * scale / 0.72)
    table = np.full((out_height, width, 3), (70, 90, 110), np.uint8)
    middle = np.array([width / 2, out_height / 2])
    corners = (np.array([[0, 0], [wide, 0], [wide, height], [0, height]]) - (wide / 2, height / 2)) * scale
    angle = math.radians(turn)
    spin = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    corners = corners @ spin.T
    corners *= 1 + lean * corners[:, 1:] / (height * scale)
    source = np.float32([[0, 0], [wide, 0], [wide, height], [0, height]])
    warp = cv2.getPerspectiveTransform(source, np.float32(corners + middle))
    photo = cv2.warpPerspective(paper, warp, (width, out_height), table, borderMode=cv2.BORDER_TRANSPARENT).astype(
        float
    )
    if glare:
        x, y = np.meshgrid(np.arange(width), np.arange(out_height))
        spot = np.exp(
            -(((x - width * rng.uniform(0.3, 0.7)) / 170) ** 2 + ((y - out_height * rng.uniform(0.3, 0.7)) / 110) ** 2)
        )
        photo += 255 * glare * spot[..., None]
    photo *= dark
    if blur:
        photo = cv2.GaussianBlur(photo, (0, 0), blur)
    if noise:
        photo += rng.normal(0, noise, photo.shape)
    kept = Image.fromarray(cv2.cvtColor(np.clip(photo, 0, 255).astype(np.uint8), cv2.COLOR_BGR2RGB))
    out = io.BytesIO()
    kept.save(out, "JPEG", quality=quality)
    return out.getvalue()
