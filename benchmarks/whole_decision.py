"""The machine's whole part on one application: gate, cash flow, labels, policy, six cards, lane, limit, price, offer.

Prints one JSON line: microseconds of process time (p50, p99) for each example dossier.

    PYTHONPATH=src python benchmarks/whole_decision.py [ROUNDS]
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from creditfactory import decision
from creditfactory.channel import ChannelFacts
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.network import look_around

EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    channel = ChannelFacts(code="own", name="Own", kind="direct", grade="A", status="admitted")
    told: dict[str, object] = {"benchmark": "whole_decision", "rounds": rounds}
    for path in sorted(EXAMPLES.glob("*.json")):
        dossier = read_dossier(path.read_bytes())
        book = load_rulebook(dossier.pack, locked=False).at(dossier.applied_on)
        as_of = dossier.applied_at + timedelta(hours=1)
        view = look_around((), as_of=as_of)
        taken: list[int] = []
        for _ in range(rounds + 50):
            start = time.process_time_ns()
            decision.decide(dossier, book, network=view, channel=channel, as_of=as_of)
            taken.append(time.process_time_ns() - start)
        taken = sorted(taken[50:])
        told[path.stem] = {"p50_us": taken[len(taken) // 2] // 1_000, "p99_us": taken[len(taken) * 99 // 100] // 1_000}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
