"""A small card of the lab in a draft of the rulebook, with the fine counts that its classes are drawn from."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from creditfactory import lab, publishing, records

LABEL = "queries_3m"
ADDRESS = f"/cards/cn-micro/application/v101/tune/{LABEL}/"


def draw_applicants(rows: int = 4_000) -> pl.DataFrame:
    """Made-up applicants: each query tells a little, age a little, the role by word."""
    chance = np.random.default_rng(7)
    queries, ages = chance.poisson(3, rows), chance.integers(20, 60, rows)
    role = chance.choice(["sole_trader", "partner", "shareholder"], rows)
    log_odds = -2 + 0.25 * queries - 0.03 * ages + 0.4 * (role == "partner")
    return pl.DataFrame({
        LABEL: [None if u < 0.1 else int(q) for q, u in zip(queries, chance.random(rows), strict=True)],
        "age_years": ages, "applicant_role": role,
        "bad": (chance.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int),
    })  # fmt: skip


def lay_card(tenant: records.TenantRecord, *, by: str = "hu") -> int:
    """Build the card and put it into a draft of the factory's rulebook; gives the draft's number."""
    plan = lab.CardPlan(target="bad", name="application", version="v101", method="divergence", holdout_share=0.0)
    with tempfile.TemporaryDirectory() as room:
        lab.write_card(lab.build_card(draw_applicants(), plan), Path(room))
        files: dict[str, bytes | None] = {
            f"cards/application/v101/{path.name}": path.read_bytes() for path in Path(room).iterdir()
        }
    return publishing.edit_files(tenant, 1, files, by=by, title="A card to tune")
