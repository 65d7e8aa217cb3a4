"""The building sample of the cn-micro cards: the simulated market's past, as known at application, with what came of it.

`python benchmarks/market_sample.py DIR` writes DIR/cn-micro/past-five.parquet (seed 6101, 6,000 applicants) and
DIR/cn-micro/past-master.parquet (seed 6102, 3,000), about 70 ms an applicant; then
`creditfactory cards make rulebook/cn-micro --data DIR`. These seeds are used nowhere else.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from creditfactory import decision, labels
from creditfactory.channel import ChannelFacts, rate_bads
from creditfactory.gateways.populations import read_line
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.world import draw_instant, load_market, make_person
from creditfactory.world.applications import make_past_applicant
from creditfactory.world.market import Market

SAMPLES = {"past-five": (6101, 6_000), "past-master": (6102, 3_000)}
FRAUDS = ("impostor", "robot", "packaged")
PAST_SEED, PAST_A_MONTH = 6100, 150
PRIOR_SHARE_BPS, PRIOR_LOANS = 300, 50
SILENT = 0.15
"""Share of applicants whose channel's record is left out, so that an unknown channel has points of its own."""


def gather(market: Market, seed: int, count: int, pack: str = "cn-micro") -> pl.DataFrame:
    """Each applicant's labels at application with the outcome and the truth beside."""
    book = load_rulebook(pack, locked=False)
    rows = []
    for index in range(count):
        line = json.dumps(make_past_applicant(market, seed, index), ensure_ascii=False).encode()
        truth = make_person(market, seed, index).truth
        row = read_line(line, book, None, place=f"applicant {index}")
        rows.append({**row, "default_month": truth.default_month, "kind": truth.kind})
    plain = [{k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()} for row in rows]
    return pl.DataFrame(plain, infer_schema_length=None)


def finish(market: Market, seed: int, raw: pl.DataFrame) -> pl.DataFrame:
    """The same with targets, the policy's verdict and the channel's record; those stopped at intake or gate left out."""
    book = load_rulebook("cn-micro", locked=False)
    channels = list_channel_facts(market, seed, raw.height)
    verdicts = []
    for row in raw.iter_rows(named=True):
        known = labels.Labels(pack="cn-micro", as_of=draw_instant(market, seed, 0), facts=row)
        verdicts.append(decision.check_policy(known, book.at(date.fromisoformat(row["applied_on"]))).verdict)
    first = pl.col("default_month").fill_null(99) <= 1
    whole = raw.with_columns(
        policy_verdict=pl.Series(verdicts),
        not_paid_back=pl.col("bad").cast(pl.Int8),
        fraud_or_first_instalment=(pl.col("kind").is_in(FRAUDS) | first).cast(pl.Int8),
        **{name: pl.Series([c.get(name) for c in channels]) for name in channels[0]},
    )
    return whole.filter((pl.col("intake_verdict") == "pass") & (pl.col("gate_verdict") != "reject"))


def list_channel_facts(market: Market, seed: int, count: int) -> list[dict[str, Any]]:
    """Each applicant's channel by its record of a past year (seed 6100), which grew from month to month.

    The market's applicants all come within two weeks, so that no outcome among them is known before another applies:
    applicant N looks at the record as it stood after N modulo twelve months of that year.
    """
    known = {c["code"]: c for c in market.list_channels()}
    told = []
    records = [count_record(market, (month + 1) * PAST_A_MONTH) for month in range(12)]
    for index in range(count):
        code = make_person(market, seed, index).channel.code
        if (index * 2_654_435_761) % 100 < SILENT * 100 or code not in known:
            told.append(dict.fromkeys(("channel_grade", "channel_bad_share_bps", "channel_deposit_cover_bps")))
            continue
        loans, bads = records[index % 12]
        facts = ChannelFacts(**{k: v for k, v in known[code].items() if k in ChannelFacts.__dataclass_fields__},
                             loans_known=loans[code], bads_known=bads[code])  # fmt: skip
        due = facts.deposit_required_cents
        told.append({
            "channel_grade": facts.grade,
            "channel_bad_share_bps": rate_bads(facts, prior_share_bps=PRIOR_SHARE_BPS, prior_loans=PRIOR_LOANS),
            "channel_deposit_cover_bps": facts.deposit_cents * 10_000 // due if due else 10_000,
        })  # fmt: skip
    return told


def count_record(market: Market, people: int) -> tuple[Counter[str], Counter[str]]:
    """Loans with a known outcome and bad ones among them, by channel, of the first so many of the past year."""
    lives = [make_person(market, PAST_SEED, index) for index in range(people)]
    loans = Counter(person.channel.code for person in lives)
    return loans, Counter(p.channel.code for p in lives if p.truth.default_month is not None)


def main(folder: Path) -> None:
    market = load_market("cn-micro")
    (folder / "cn-micro").mkdir(parents=True, exist_ok=True)
    for name, (seed, count) in SAMPLES.items():
        sample = finish(market, seed, gather(market, seed, count))
        sample.with_columns(pl.col("applied_on").str.to_date()).write_parquet(folder / "cn-micro" / f"{name}.parquet")
        print(name, sample.height, sample["not_paid_back"].mean(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
