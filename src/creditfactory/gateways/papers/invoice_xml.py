"""One electronic invoice as XML: the fields that the tax bureau's and the OFD package's files have in common."""

from __future__ import annotations

from typing import Literal

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from creditfactory.application import InvoiceList, PaperCheck
from creditfactory.gateways.papers.cells import read_amount, read_moment, tidy
from creditfactory.gateways.papers.reading import Asked, Doubt, Reading, ReadLine
from creditfactory.kernel import BadInput

NAMES = {
    "number": ("InvoiceNo", "InvoiceNumber", "EIid", "Fphm", "发票号码", "InvoiceNum"),
    "code": ("InvoiceCode", "Fpdm", "发票代码"),
    "day": ("IssueDate", "IssueTime", "RequestTime", "Kprq", "开票日期"),
    "net": ("TaxExclusiveTotalAmount", "TotalAmWithoutTax", "Hjje", "合计金额", "AmountWithoutTax"),
    "vat": ("TaxTotalAmount", "TotalTaxAm", "Hjse", "合计税额", "TaxAmount"),
    "total": ("TaxInclusiveTotalAmount", "TotalTax-includedAmount", "Jshj", "价税合计"),
    "seller": ("SellerName", "Xfmc", "销售方名称"),
    "buyer": ("BuyerName", "Gfmc", "购买方名称"),
}  # fmt: skip
DEPTH_MAX, PARTS_MAX = 40, 20_000


def read_invoice_xml(content: bytes, asked: Asked) -> Reading:
    """The invoice; which way it goes is told by which of the two is the firm. Entities and links are refused."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise BadInput(
            place=asked.name, found="declarations that no invoice needs", expected="a plain XML invoice"
        ) from None
    except (ParseError, ValueError, RecursionError, LookupError):
        raise BadInput(place=asked.name, found="text that is not XML", expected="an XML invoice") from None
    texts: dict[str, str] = {}
    for count, part in enumerate(root.iter()):
        if count > PARTS_MAX:
            raise BadInput(place=asked.name, found=f"more than {PARTS_MAX:,} parts", expected="one invoice")
        texts.setdefault(part.tag.rpartition("}")[2], tidy(part.text or part.get("value", "")))
    found = {name: next((texts[tag] for tag in tags if texts.get(tag)), "") for name, tags in NAMES.items()}
    for name in ("number", "day"):
        if not found[name]:
            raise BadInput(place=asked.name, found=f"no {name}", expected=f"one of {', '.join(NAMES[name])}")
    try:
        on, _ = read_moment(found["day"])
        net, vat, total = (read_amount(found[name]) for name in ("net", "vat", "total"))
    except ValueError as fault:
        raise BadInput(
            place=asked.name, found=f"a field that cannot be read ({fault})", expected="a day and amounts"
        ) from None
    if net is None and total is None:
        raise BadInput(place=asked.name, found="no amount", expected="the amount without tax, or the whole")
    net = net if net is not None else (total or 0) - (vat or 0)
    vat = vat if vat is not None else (total or net) - net
    is_own_sale = bool(asked.holder_name) and found["seller"] == asked.holder_name
    is_own_purchase = bool(asked.holder_name) and found["buyer"] == asked.holder_name
    way: Literal["output", "input"] = "input" if is_own_purchase else "output"
    party = found["seller"] if way == "input" else found["buyer"]
    doubts = () if is_own_sale or is_own_purchase else (
        Doubt("direction", 1, 1, way, "neither side is the firm by name"),
    )  # fmt: skip
    number = (found["code"] + found["number"])[:40]
    return Reading(
        evidence=InvoiceList(
            obtained_at=asked.at, origin="upload", from_on=on, to_on=on, number=(number,), on=(on,), direction=(way,),
            net_cents=(net,), vat_cents=(vat,), party=(asked.token("party", party) if party else "",),
            is_void=(False,),
        ),
        check=PaperCheck(obtained_at=asked.at, paper="invoices", digest="", pages=1, lines=1),
        doubts=doubts,
        lines=(ReadLine(1, 1, on, -1, net, None, party, number, way),),
    )  # fmt: skip
