"""A piece of work that a page must show for a session: cheap for one person, dear for a thousand robots.

It prices a robot, it does not tell who is one: whoever pays the work gets through it, person or not.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

MARK_LENGTH = 32
ANSWER_LENGTH_MAX = 20
Fault = Literal["not_ours", "other_session", "too_old", "not_solved", "not_given"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofCheck:
    """How many bits of work were shown; 0 with the fault where none counts."""

    bits: int
    fault: Fault | None = None


def issue_challenge(*, session: str, salt: str, bits: int, at: datetime, secret: bytes) -> str:
    """A task for one session, signed so that nobody else can set an easier one.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 11, 23, 1, tzinfo=UTC)
    >>> task = issue_challenge(session="s1", salt="a7", bits=4, at=at, secret=b"house")
    >>> task.rpartition(".")[0]
    's1.a7.4.1795395600'
    >>> check_proof(task, find_answer(task), session="s1", at=at, minutes_max=60, secret=b"house").bits >= 4
    True
    """
    body = f"{session}.{salt}.{bits}.{int(at.timestamp())}"
    return f"{body}.{_sign(body, secret)}"


def _sign(body: str, secret: bytes) -> str:
    return hmac.new(secret, body.encode(), hashlib.sha256).hexdigest()[:MARK_LENGTH]


def check_proof(
    challenge: str, answer: str, *, session: str, at: datetime, minutes_max: int, secret: bytes
) -> ProofCheck:
    """The bits of work an answer shows for this session's own task, still fresh; 0 and why, otherwise."""
    if not challenge or not answer:
        return ProofCheck(bits=0, fault="not_given")
    body, _, mark = challenge.rpartition(".")
    if not hmac.compare_digest(mark.encode(), _sign(body, secret).encode()):
        return ProofCheck(bits=0, fault="not_ours")
    whose, _, bits, issued = body.split(".")
    if whose != session:
        return ProofCheck(bits=0, fault="other_session")
    age = at - datetime.fromtimestamp(int(issued), tz=UTC)
    if not timedelta(0) <= age + timedelta(seconds=1) <= timedelta(minutes=minutes_max, seconds=1):
        return ProofCheck(bits=0, fault="too_old")
    if len(answer) > ANSWER_LENGTH_MAX or count_zero_bits(challenge, answer) < int(bits):
        return ProofCheck(bits=0, fault="not_solved")
    return ProofCheck(bits=int(bits))


def count_zero_bits(challenge: str, answer: str) -> int:
    """The zero bits in front of the hash of task and answer.

    >>> count_zero_bits("task", "0") < 256
    True
    """
    digest = int.from_bytes(hashlib.sha256(f"{challenge}:{answer}".encode()).digest(), "big")
    return 256 - digest.bit_length()


def find_answer(challenge: str) -> str:
    """The first whole number that solves a task: what the page does, told once more in plain words."""
    bits = int(challenge.split(".")[2])
    number = 0
    while count_zero_bits(challenge, str(number)) < bits:
        number += 1
    return str(number)


def choose_bits(bits: int, sessions_1h: int, *, sessions_free: int, bits_max: int) -> int:
    """A busier address works harder: one bit more for each doubling beyond what is free, up to the most.

    >>> choose_bits(14, 3, sessions_free=10, bits_max=20), choose_bits(14, 80, sessions_free=10, bits_max=20)
    (14, 17)
    """
    more = 0
    while sessions_free > 0 and sessions_1h >= sessions_free * 2 ** (more + 1):
        more += 1
    return max(bits, min(bits + more, bits_max))
