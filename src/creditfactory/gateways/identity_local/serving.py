"""The local identity engines as a process of its own, at a signed counter like every outside party's."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from creditfactory.gateways.exchange import check_amounts, write_answer
from creditfactory.gateways.identity.contract import EXCHANGES
from creditfactory.gateways.identity_local.answering import Office
from creditfactory.gateways.signing import NONCE_HEADER, WINDOW_SECONDS, check_signature
from creditfactory.gateways.values_json import load
from creditfactory.kernel import BadInput, CreditFactoryError, Refused

BODY_BYTES_MAX = 16_000_000
ANSWERS_KEPT = 4_000
Body = dict[str, Any]


class Counter:
    """Lets in what is signed, whole and fresh, each once; gives the same key the same answer."""

    def __init__(self, office: Office, secrets: Mapping[str, str]) -> None:
        self._office = office
        self._secrets = secrets
        self._nonces: OrderedDict[str, float] = OrderedDict()
        self._answers: OrderedDict[str, tuple[str, tuple[int, Body]]] = OrderedDict()
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}

    def check_caller(self, headers: Mapping[str, str], path: str, body: bytes) -> str | None:
        """What is wrong with a request's signature, or None."""
        now = time.time()
        fault = check_signature(headers, self._secrets, method="POST", path=path, body=body, now_seconds=now)
        if fault is not None:
            return fault
        nonce = next(value for name, value in headers.items() if name.lower() == NONCE_HEADER.lower())
        with self._lock:
            while self._nonces and next(iter(self._nonces.values())) < now - 2 * WINDOW_SECONDS:
                self._nonces.popitem(last=False)
            if nonce in self._nonces:
                return "seen"
            self._nonces[nonce] = now
        return None

    def answer(self, kind: str, key: str, body: bytes) -> tuple[int, Body]:
        """Status and body for one question; asked again with its key, the same."""
        name, digest = f"{kind}:{key}", hashlib.sha256(body).hexdigest()
        with self._lock:
            turn = self._busy.setdefault(name, threading.Lock())
        try:
            with turn:
                with self._lock:
                    known = self._answers.get(name)
                if known is not None:
                    return (
                        known[1] if known[0] == digest else _refuse(409, "KEY-REUSED", "another question came with it")
                    )
                told = self._answer(kind, body)
                with self._lock:
                    self._answers[name] = (digest, told)
                    while len(self._answers) > ANSWERS_KEPT:
                        self._answers.popitem(last=False)
                return told
        finally:
            with self._lock:
                self._busy.pop(name, None)

    def _answer(self, kind: str, body: bytes) -> tuple[int, Body]:
        exchange = next((one for one in EXCHANGES if one.kind == kind), None)
        answerer = self._office.find_answerer(kind)
        if exchange is None or answerer is None:
            kinds = ", ".join(one.kind for one in EXCHANGES)
            return _refuse(422, "UNKNOWN-QUESTION", f"found {kind[:40]!r}, expected one of {kinds}")
        try:
            request: Any = load(exchange.request, body)
            fault = check_amounts(request)
            if fault is not None:
                raise BadInput(place="body", found=fault, expected="what the contract allows")
            return 200, write_answer(exchange.answer, answerer(request))
        except BadInput as error:
            return _refuse(422, "BAD-INPUT", str(error))
        except Refused as error:
            return _refuse(422, "NO-SITTING", str(error))


def _refuse(status: int, code: str, message: str) -> tuple[int, Body]:
    return status, {"code": code, "message": message}


def build_server(port: int, office: Office, secrets: Mapping[str, str]) -> ThreadingHTTPServer:
    """The counter on this machine's own address; port 0 takes a free one."""
    counter = Counter(office, secrets)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = 120

        def do_GET(self) -> None:
            if self.path == "/healthz":
                self._reply(200, {"status": "ok", "party": "identity"})
            else:
                self._reply(404, {"code": "UNKNOWN-PATH", "message": "ask POST /identity/{question}"})

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdigit() and int(length) <= BODY_BYTES_MAX):
                self.close_connection = True
                self._reply(413, {"code": "TOO-LARGE", "message": f"a question has up to {BODY_BYTES_MAX:,} bytes"})
                return
            body = self.rfile.read(int(length))
            fault = counter.check_caller(dict(self.headers.items()), self.path, body)
            if fault is not None:
                self._reply(401, {"code": "BAD-SIGNATURE", "message": f"the signature is {fault}"})
                return
            key = self.headers.get("Idempotency-Key", "")
            if not 0 < len(key) <= 200:
                self._reply(422, {"code": "NO-KEY", "message": "the header Idempotency-Key names the question"})
                return
            try:
                self._reply(*counter.answer(self.path.partition("?")[0].rsplit("/", 1)[-1], key, body))
            except CreditFactoryError as error:
                self._reply(503, {"code": "UNAVAILABLE", "message": str(error)})

        def _reply(self, status: int, body: Body) -> None:
            text = json.dumps(body, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    return server
