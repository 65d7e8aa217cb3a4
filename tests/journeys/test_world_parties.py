"""The outside parties as real processes on this machine, asked through the factory's own door (FUN-02, INS-03)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from creditfactory import gateways, labels
from creditfactory.application import (
    BankFlow,
    BureauReport,
    CourtSearch,
    IdentityCheck,
    InvoiceList,
    RegistryExtract,
    TaxRecord,
    TelecomRecord,
    UtilityBills,
)
from creditfactory.kernel import Misconfigured, TimedOut, Unavailable

SOURCE = Path(__file__).resolve().parents[2] / "src"
KEYS = {"factory": "f-secret", "bank": "b-secret", "insurer": "i-secret", "custodian": "c-secret"}
ASKED_AT = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
PERSON = {"token": "t-1", "name": "测试", "id_number": "110109198001011234", "phone": "13800000000"}
FIRM = {"trade_name": "测试店", "city": "shenzhen"}


@contextmanager
def open_parties(tmp_path: Path, *words: str) -> Iterator[tuple[gateways.AddressBook, subprocess.Popen[str]]]:
    """A party process, and the address book that reaches it."""
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(KEYS))
    command = [sys.executable, "-W", "error", "-m", "creditfactory.world.parties", "--keys", str(keys), *words]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)}, cwd=tmp_path
    )
    try:
        assert process.stdout is not None
        opened = json.loads(process.stdout.readline())
        addresses = {
            party: gateways.Address(f"{opened['url']}/{party}", "factory", KEYS["factory"])
            for party in opened["parties"]
        }
        yield gateways.AddressBook(addresses), process
    finally:
        process.terminate()
        assert process.wait(10) is not None
        assert process.stdout is not None
        process.stdout.close()


class Factory:
    """A factory's door for call-backs, and its clock; ``statuses`` are answered first, then 200."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, gateways.CallBack]] = []
        self.statuses: list[int] = []
        self.now = "2026-11-03T02:00:00+00:00"
        self.faults: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._build_handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Factory:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _build_handler(self) -> type[BaseHTTPRequestHandler]:
        factory = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply(200, {"now": factory.now, "speed": 60})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fault = gateways.check_signature(
                    dict(self.headers.items()), KEYS, method="POST", path=self.path, body=body, now_seconds=time.time()
                )
                party = self.path.rsplit("/", 1)[-1]
                if fault or self.headers["X-CF-Key"] != party:
                    factory.faults.append(f"{fault} {self.path}")
                status = factory.statuses.pop(0) if factory.statuses else 200
                factory.heard.append((str(status), gateways.read_call_back(party, json.loads(body))))
                self._reply(status, {})

            def _reply(self, status: int, body: dict[str, Any]) -> None:
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                return

        return Door


def wait_for(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def build_question(party: str, application: str) -> tuple[str, dict[str, object]]:
    """A whole question for a data source."""
    body: dict[str, object] = {"application": application, "asked_at": ASKED_AT, "person": PERSON}
    if party in ("registry", "court", "tax", "bank_flow", "utilities"):
        body["firm"] = FIRM
    if party in ("bureau", "tax", "bank_flow", "utilities", "telecom"):
        body["consent"] = "1"
    kinds = {"bureau": "report", "registry": "extract", "court": "search", "tax": "record", "utilities": "bills"}
    return {**kinds, "bank_flow": "statements", "identity": "check", "telecom": "record"}[party], body


def build_recommendation(application: str, **changed: object) -> dict[str, object]:
    """A whole recommendation to a bank."""
    return {
        "application": application, "funder": "nat1", "asked_at": ASKED_AT, "product": "cash_flow",
        "amount_cents": 25_000_000, "currency": "CNY", "term_months": 36, "method": "equal_instalment",
        "annual_rate": "0.192", "city": "shenzhen", "industry": "5212", "points": 640, "probability": 0.03,
        "facts": {"age_years": 40, "business_months": 60}, **changed,
    }  # fmt: skip


def build_order(application: str, **changed: object) -> dict[str, object]:
    """A whole payment order to the custodian."""
    return {
        "application": application, "loan": f"L-{application}", "funder": "nat1", "payee": "t-1",
        "amount_cents": 25_000_000, "currency": "CNY", "on": ASKED_AT.date(), "asked_at": ASKED_AT, **changed,
    }  # fmt: skip


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[gateways.AddressBook]:
    with open_parties(tmp_path_factory.mktemp("sources"), "--party", "sources", "--faults", "0") as (book, _):
        yield book


SHAPES: dict[str, Any] = {
    "bureau": BureauReport, "registry": RegistryExtract, "court": CourtSearch, "tax": TaxRecord,
    "bank_flow": BankFlow, "identity": IdentityCheck, "utilities": UtilityBills, "telecom": TelecomRecord,
}  # fmt: skip


@pytest.mark.parametrize("party", SHAPES)
def test_a_source_answers_with_the_dossiers_own_evidence(sources: gateways.AddressBook, party: str) -> None:
    kind, body = build_question(party, "W7-000012")
    answer = gateways.ask(party, kind, "k-1", body, address_book=sources)
    assert answer.status == "answered"
    assert isinstance(answer.value, SHAPES[party])
    assert answer.value.obtained_at == ASKED_AT
    assert answer == gateways.ask(party, kind, "k-2", body, address_book=sources), "another key, the same answer"
    others = [
        gateways.ask(party, kind, f"o-{number}", {**body, "application": f"W7-{number:06d}"}, address_book=sources)
        for number in range(100, 140)
    ]
    assert any(other.body != answer.body for other in others), "another applicant, another answer"


def test_statements_and_invoices_come_line_by_line_and_add_up(sources: gateways.AddressBook) -> None:
    """LAB-02: the lines of every account and every invoice, as the collector and the tax bureau keep them."""
    _, body = build_question("bank_flow", "W7-000012")
    lines = gateways.ask("bank_flow", "lines", "l-1", body, address_book=sources)
    total = gateways.ask("bank_flow", "statements", "l-2", body, address_book=sources)
    assert lines.status == "answered" and sum(len(account.on) for account in lines.value.accounts) > 200
    summed = labels.sum_up_statements(lines.value.accounts)
    assert summed.monthly_inflow_cents == total.value.monthly_inflow_cents
    found = gateways.ask("tax", "invoices", "l-3", body, address_book=sources)
    assert isinstance(found.value, InvoiceList)
    unknown = {**body, "consent": ""}
    assert gateways.ask("tax", "invoices", "l-4", unknown, address_book=sources).body["code"] == "NO-CONSENT"


def test_a_stranger_gets_the_same_answer_in_every_process_of_one_seed(tmp_path: Path) -> None:
    kind, body = build_question("bureau", "by-hand-1")
    found = []
    for seed in ("7", "7", "8"):
        with open_parties(tmp_path, "--party", "bureau", "--seed", seed, "--faults", "0") as (book, _):
            found.append(gateways.ask("bureau", kind, "k", body, address_book=book).body)
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_no_consent_is_refused_with_a_reason_and_not_retried(sources: gateways.AddressBook) -> None:
    kind, body = build_question("bureau", "W7-000012")
    answer = gateways.ask("bureau", kind, "k-3", {**body, "consent": ""}, address_book=sources)
    assert (answer.status, answer.body["code"]) == ("refused", "NO-CONSENT")


def test_a_wrong_secret_is_the_operators_matter_and_never_shown(sources: gateways.AddressBook) -> None:
    kind, body = build_question("court", "W7-000012")
    wrong = gateways.AddressBook({"court": replace(sources.find("court"), secret="not-this")})
    with pytest.raises(Misconfigured) as caught:
        gateways.ask("court", kind, "k-4", body, address_book=wrong)
    assert "not-this" not in str(caught.value)
    assert "not-this" not in repr(wrong)


def test_a_party_that_is_not_there_is_unavailable_and_one_without_address_is_misconfigured(tmp_path: Path) -> None:
    kind, body = build_question("court", "W7-000012")
    with open_parties(tmp_path, "--party", "court", "--faults", "0") as (book, _):
        pass
    with pytest.raises(Unavailable, match="court could not be reached"):
        gateways.ask("court", kind, "k", body, address_book=book)
    with pytest.raises(Misconfigured, match="No address is known"):
        gateways.ask("court", kind, "k", body, address_book=gateways.AddressBook())


def test_a_busy_party_is_asked_again_with_the_same_key_and_then_answers(tmp_path: Path) -> None:
    kind, body = build_question("registry", "W7-000012")
    with ExitStack() as stack:
        faulty, _ = stack.enter_context(open_parties(tmp_path, "--party", "registry", "--faults", "100"))
        good, _ = stack.enter_context(open_parties(tmp_path, "--party", "registry", "--faults", "0"))
        failures = 0
        while True:
            try:
                answer = gateways.ask("registry", kind, "same-key", body, address_book=faulty)
                break
            except Unavailable:
                failures += 1
        assert 1 <= failures <= 2
        assert answer == gateways.ask("registry", kind, "same-key", body, address_book=good)


def test_a_slow_party_times_out_and_has_the_answer_at_the_second_asking(tmp_path: Path) -> None:
    market = (SOURCE / "creditfactory/world/markets/cn-micro.yaml").read_text("utf-8")
    slow = market.replace(
        "sources: {unavailable: 0.02, slow: 0.01, slow_seconds: 1.5}",
        "sources: {unavailable: 0.0, slow: 1.0, slow_seconds: 2}",
    )
    assert slow != market
    (tmp_path / "slow.yaml").write_text(slow, "utf-8")
    kind, body = build_question("tax", "W7-000012")
    with open_parties(tmp_path, "--party", "tax", "--market", str(tmp_path / "slow.yaml")) as (book, _):
        hasty = gateways.AddressBook({"tax": replace(book.find("tax"), timeout_seconds=0.4)})
        with pytest.raises(TimedOut):
            gateways.ask("tax", kind, "k", body, address_book=hasty)
        assert gateways.ask("tax", kind, "k", body, address_book=hasty).status == "answered"


def test_a_bank_calls_back_with_its_own_decision_signed_with_its_own_key(tmp_path: Path) -> None:
    with (
        Factory() as factory,
        open_parties(tmp_path, "--party", "bank", "--faults", "0", "--speed", "600", "--callback", factory.url) as (
            b,
            _,
        ),
    ):
        for number in range(40):
            answer = gateways.ask(
                "bank", "recommend", f"k-{number}", build_recommendation(f"W7-{number:06d}"), address_book=b
            )
            assert answer.status == "accepted"
            assert answer.body["ticket"]
        wait_for(lambda: len(factory.heard) == 40)
        assert factory.faults == []
        told = {back.key: back.value for _, back in factory.heard}
        assert {value.verdict for value in told.values()} == {"approve", "alter", "decline"}, "FUN-02: its own view"
        assert all(value.reasons for value in told.values() if value.verdict != "approve")
        assert all(value.decided_at > ASKED_AT for value in told.values())
        again = gateways.ask("bank", "status", "s-1", {"key": "k-3", "asked_at": ASKED_AT}, address_book=b)
        assert (again.status, again.value) == ("answered", told["k-3"])


def test_a_banks_own_policy_refuses_what_it_does_not_want_with_its_reasons(tmp_path: Path) -> None:
    with open_parties(tmp_path, "--party", "bank", "--faults", "0", "--speed", "1000000") as (book, _):

        def hear(key: str, **changed: object) -> Any:
            request = build_recommendation("W7-000012", **changed)
            gateways.ask("bank", "recommend", key, request, address_book=book)
            wait_for(lambda: gateways.ask("bank", "recommend", key, request, address_book=book).status == "answered")
            return gateways.ask("bank", "recommend", key, request, address_book=book).value

        poor = hear("poor", points=400, probability=0.5, facts={"age_years": 80})
        assert poor.verdict == "decline"
        assert [reason.code for reason in poor.reasons] == ["BANK-POINTS", "BANK-PROBABILITY", "BANK-AGE"]
        assert hear("big", amount_cents=90_000_000).reasons[0].code == "BANK-AMOUNT"
        assert hear("far", funder="xmcb", city="beijing").reasons[0].code == "BANK-CITY"


def test_the_same_key_with_another_question_is_refused(tmp_path: Path) -> None:
    with open_parties(tmp_path, "--party", "bank", "--faults", "0") as (book, _):
        first = gateways.ask("bank", "recommend", "k", build_recommendation("W7-000001"), address_book=book)
        assert first.status == "accepted"
        other = gateways.ask("bank", "recommend", "k", build_recommendation("W7-000002"), address_book=book)
        assert (other.status, other.body["code"]) == ("refused", "KEY-REUSED")


def test_a_call_back_is_told_until_it_is_taken(tmp_path: Path) -> None:
    with (
        Factory() as factory,
        open_parties(tmp_path, "--party", "insurer", "--faults", "0", "--speed", "6000", "--callback", factory.url) as (
            b,
            _,
        ),
    ):
        factory.statuses = [503, 500]
        request = {
            "application": "W7-000012", "funder": "nat1", "asked_at": ASKED_AT, "amount_cents": 25_000_000,
            "currency": "CNY", "term_months": 36, "annual_rate": "0.192", "probability": 0.03,
        }  # fmt: skip
        assert gateways.ask("insurer", "review", "k", request, address_book=b).status == "accepted"
        wait_for(lambda: len(factory.heard) == 3)
        assert [status for status, _ in factory.heard] == ["503", "500", "200"]
        assert len({json.dumps(back.body) for _, back in factory.heard}) == 1, "each time the same words"


def test_a_bank_killed_before_it_called_back_does_so_after_its_restart(tmp_path: Path) -> None:
    request = build_recommendation("W7-000012")
    with Factory() as factory:
        words = ("--party", "bank", "--faults", "0", "--callback", factory.url, "--state", str(tmp_path / "state"))
        with open_parties(tmp_path, *words, "--speed", "200") as (book, process):
            assert gateways.ask("bank", "recommend", "k", request, address_book=book).status == "accepted"
            os.kill(process.pid, signal.SIGKILL)
            process.wait(5)
            assert factory.heard == []
        with open_parties(tmp_path, *words, "--speed", "200") as (book, _):
            wait_for(lambda: factory.heard)
            told = factory.heard[0][1]
            assert told.key == "k"
            again = gateways.ask("bank", "status", "s", {"key": "k", "asked_at": ASKED_AT}, address_book=book)
            assert again.value == told.value


def test_duplicates_come_and_are_word_for_word_the_same(tmp_path: Path) -> None:
    with (
        Factory() as factory,
        open_parties(
            tmp_path, "--party", "custodian", "--speed", "60000", "--faults", "100", "--callback", factory.url
        ) as (b, _),
    ):
        while True:
            try:
                gateways.ask("custodian", "disburse", "k", build_order("W7-000012"), address_book=b)
                break
            except Unavailable:
                continue
        wait_for(lambda: len(factory.heard) == 2)
        assert factory.heard[0][1] == factory.heard[1][1]


def test_the_custodian_pays_once_and_tells_of_each_repayment_as_the_days_go_by(tmp_path: Path) -> None:
    plan = [{"number": number, "due_on": f"2027-{number:02d}-05", "total_cents": 903_810} for number in range(1, 13)]
    with (
        Factory() as factory,
        open_parties(
            tmp_path, "--party", "custodian", "--faults", "0", "--speed", "60000", "--callback", factory.url,
            "--clock-seconds", "0.05",
        ) as (book, _),
    ):  # fmt: skip
        order = build_order("W7-000000", instalments=plan)
        gateways.ask("custodian", "disburse", "pay-1", order, address_book=book)
        wait_for(lambda: len(factory.heard) == 1)
        receipt = factory.heard[0][1]
        assert (receipt.kind, receipt.value.verdict, receipt.value.amount_cents) == ("receipt", "paid", 25_000_000)
        factory.now = "2027-03-31T02:00:00+00:00"
        wait_for(lambda: len(factory.heard) == 4)
        factory.now = "2028-03-31T02:00:00+00:00"
        wait_for(lambda: len(factory.heard) == 13)
        notices = [back for _, back in factory.heard[1:]]
        assert {notice.kind for notice in notices} == {"repayment"}
        assert sum(notice.value.amount_cents for notice in notices) == 12 * 903_810
        assert len({notice.value.receipt for notice in notices}) == 12
        assert sorted(notice.value.number for notice in notices) == list(range(1, 13))
        assert factory.faults == []
