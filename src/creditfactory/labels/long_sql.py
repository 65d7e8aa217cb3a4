"""The same labels as one SQL statement in long form, for warehouses: a row for each applicant and label.

Windows are joined as rows and figures are grouped once, whatever the number of labels: a column for each label takes
thousands of times as long. The statement reads two relations: ``events`` (applicant, happened, amount, party, and the
shape's columns as words, named ``word_…``) and ``reach`` (applicant, reaches_from, reaches_to, as_of), both in minutes
since 1970 on the applicant's own clock. :func:`write_settling` makes both from what was handed in over time.
"""

# ruff: noqa: S608  (written from our own declarations; no word of a user's is in it)
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from creditfactory.labels import kernels
from creditfactory.labels.planning import Edge, Part, Plan
from creditfactory.labels.tables import DAY, SUM_MAX


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one engine writes the few things that SQL leaves open; ``{…}`` take an expression."""

    name: str
    whole_division: str
    long_number: str
    to_date: str
    to_day: str
    months_on: str


DIALECTS: Mapping[str, Dialect] = {
    "duckdb": Dialect(
        name="duckdb", whole_division="//", long_number="HUGEINT",
        to_date="(DATE '1970-01-01' + CAST({} AS INTEGER))", to_day="({} - DATE '1970-01-01')",
        months_on="CAST({} + INTERVAL ({}) MONTH AS DATE)",
    ),
    "spark": Dialect(
        name="spark", whole_division="div", long_number="DECIMAL(38, 0)",
        to_date="date_add(DATE '1970-01-01', CAST({} AS INT))", to_day="datediff({}, DATE '1970-01-01')",
        months_on="add_months({}, {})",
    ),
}  # fmt: skip


def write_sql(plan: Plan, *, dialect: str = "duckdb") -> str:
    """One statement that gives ``(applicant, label, value, why)`` for every applicant of ``reach`` and every label.

    >>> from creditfactory.labels.computing import plan_pack
    >>> write_sql(plan_pack("cn-micro").plans[0]).splitlines()[0]
    'WITH bounds AS ('
    """
    said = DIALECTS[dialect]
    stretches = _list_stretches(plan)
    parts = [
        _write_bounds(plan, said), _write_stretches(plan, stretches, said), _write_cut_events(plan, stretches, said),
        _write_figures(said), _write_tops(), _write_gaps(), _write_steps(said), _write_wanted(plan, stretches),
        _write_joined(said),
    ]  # fmt: skip
    return "WITH " + ",\n".join(parts) + _write_answer(plan, said)


Stretch = tuple[Edge, Edge | None]
"""From one edge up to another, or up to the end."""


def _list_stretches(plan: Plan) -> dict[Stretch, int]:
    found: dict[Stretch, int] = {}
    for part in plan.parts:
        for stretch in _stretches_of(part):
            if stretch is not None:
                found.setdefault(stretch, len(found))
    return found


def _stretches_of(part: Part) -> tuple[Stretch, Stretch | None]:
    """A label's own stretch, and the earlier one it is held against."""
    window = part.window
    here: Stretch = (Edge(window), None)
    if part.measure.needs_before == "window":
        return here, (Edge(window, times=2), Edge(window))
    if part.measure.needs_before == "year":
        return here, (Edge(window, years=1), Edge(None, years=1))
    return here, None


def _write_bounds(plan: Plan, said: Dialect) -> str:
    end = "as_of + 1" if plan.shape.ends == "as_of" else "LEAST(as_of + 1, reaches_to)"
    return f"""bounds AS (
  SELECT applicant, reaches_from, reaches_to, ends, (ends - 1) {said.whole_division} {DAY} AS end_day
  FROM (SELECT applicant, reaches_from, reaches_to, {end} AS ends FROM reach) AS r
)"""


def _write_edge(edge: Edge, said: Dialect) -> str:
    """The first minute of a stretch, as an expression over ``ends`` and ``end_day``."""
    until = "ends"
    if edge.years:
        day = said.to_date.format(f"ends {said.whole_division} {DAY}")
        shifted = said.to_day.format(said.months_on.format(day, -12 * edge.years))
        until = f"({shifted} * {DAY} + ends % {DAY})"
    if edge.window is None:
        return until
    if edge.window.days is not None:
        return f"{until} - {edge.times * edge.window.days * DAY}"
    if edge.window.months is None:
        return str(kernels.EVER)
    last = said.to_date.format("end_day")
    back = 1 - edge.times * edge.window.months - 12 * edge.years
    first = said.months_on.format(f"CAST(date_trunc('month', {last}) AS DATE)", back)
    return f"{said.to_day.format(first)} * {DAY}"


def _write_stretches(plan: Plan, stretches: Mapping[Stretch, int], said: Dialect) -> str:
    rows = "\n  UNION ALL ".join(
        f"SELECT applicant, {number} AS stretch, CAST({_write_edge(first, said)} AS BIGINT) AS starts, "
        f"CAST({'ends' if last is None else _write_edge(last, said)} AS BIGINT) AS stops, "
        f"ends, end_day, reaches_from FROM bounds"
        for (first, last), number in stretches.items()
    )
    return f"stretches AS (\n  {rows}\n)"


def _write_cut_events(plan: Plan, stretches: Mapping[Stretch, int], said: Dialect) -> str:
    """Each event once for each stretch and each cut that it belongs to."""
    cases = " ".join(f"WHEN {n} THEN {_write_where(cut.where)}" for n, cut in enumerate(plan.cuts))
    numbers = ", ".join(f"({n})" for n in range(len(plan.cuts)))
    day = f"e.happened {said.whole_division} {DAY}"
    if plan.is_monthly:
        date, last = said.to_date.format(day), said.to_date.format("s.end_day")
        step = f"(YEAR({last}) - YEAR({date})) * 12 + MONTH({last}) - MONTH({date})"
    else:
        step = f"(s.ends - 1 - e.happened) {said.whole_division} {30 * DAY}"
    return f"""cut_events AS (
  SELECT e.applicant, s.stretch, c.cut, e.happened, e.amount, ABS(e.amount) AS size, e.party,
    {day} AS day, {step} AS step, s.starts, s.end_day
  FROM events AS e
  CROSS JOIN (VALUES {numbers}) AS c(cut)
  JOIN stretches AS s ON s.applicant = e.applicant AND e.happened >= s.starts AND e.happened < s.stops
  WHERE CASE c.cut {cases} END
)"""


def _write_where(where: Mapping[str, tuple[str, ...]]) -> str:
    if not where:
        return "TRUE"
    return " AND ".join(
        f"e.word_{column} IN ({', '.join(_quote(word) for word in words)})" for column, words in where.items()
    )


def _quote(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _write_figures(said: Dialect) -> str:
    return f"""figures AS (
  SELECT applicant, stretch, cut, COUNT(*) AS n, SUM(size) AS total, SUM(amount) AS net, MAX(size) AS largest,
    MIN(size) AS smallest, COUNT(DISTINCT party) AS parties, COUNT(party) AS with_party, COUNT(DISTINCT day) AS days,
    MAX(day) AS newest, MIN(day) AS oldest,
    SUM(CAST(size AS {said.long_number}) * CAST(size AS {said.long_number})) AS squares
  FROM cut_events GROUP BY applicant, stretch, cut
), totals AS (
  SELECT b.applicant, SUM(CAST(ABS(e.amount) AS {said.long_number})) AS everything
  FROM bounds AS b JOIN events AS e ON e.applicant = b.applicant AND e.happened < b.ends GROUP BY b.applicant
)"""


def _write_tops() -> str:
    return """tops AS (
  SELECT applicant, stretch, cut, MAX(held) AS top FROM (
    SELECT applicant, stretch, cut, party, SUM(size) AS held FROM cut_events WHERE party IS NOT NULL
    GROUP BY applicant, stretch, cut, party
  ) AS p GROUP BY applicant, stretch, cut
)"""


def _write_gaps() -> str:
    return """gaps AS (
  SELECT applicant, stretch, cut, MAX(day - before) AS gap FROM (
    SELECT applicant, stretch, cut, day, LAG(day) OVER (PARTITION BY applicant, stretch, cut ORDER BY day) AS before
    FROM (SELECT DISTINCT applicant, stretch, cut, day FROM cut_events) AS d
  ) AS g GROUP BY applicant, stretch, cut
)"""


def _write_steps(said: Dialect) -> str:
    return f"""by_step AS (
  SELECT applicant, stretch, cut, step, SUM(size) AS held FROM cut_events GROUP BY applicant, stretch, cut, step
), steps AS (
  SELECT applicant, stretch, cut, COUNT(*) AS active, MAX(held) AS best, MIN(held) AS least,
    SUM(CAST(held AS {said.long_number}) * CAST(held AS {said.long_number})) AS step_squares
  FROM by_step GROUP BY applicant, stretch, cut
), runs AS (
  SELECT applicant, stretch, cut, MAX(long) AS run FROM (
    SELECT applicant, stretch, cut, COUNT(*) AS long FROM (
      SELECT applicant, stretch, cut,
        step - ROW_NUMBER() OVER (PARTITION BY applicant, stretch, cut ORDER BY step) AS island FROM by_step
    ) AS i GROUP BY applicant, stretch, cut, island
  ) AS r GROUP BY applicant, stretch, cut
)"""


def _write_wanted(plan: Plan, stretches: Mapping[Stretch, int]) -> str:
    """The labels as rows: which cut, which stretch, which measure, held against what, within which range."""
    rows = []
    for part, spec in zip(plan.parts, plan.specs.tolist(), strict=True):
        here, before = _stretches_of(part)
        rows.append(
            f"({_quote(part.label.name)}, {spec[kernels.L_CUT]}, {spec[kernels.L_MEASURE]}, {stretches[here]}, "
            f"{-1 if before is None else stretches[before]}, {spec[kernels.L_WHOLE]}, {spec[kernels.L_STEPS]}, "
            f"{spec[kernels.L_WHAT_IS_THERE]}, {spec[kernels.L_AMOUNTS]}, {part.label.minimum}, "
            f"{part.label.maximum})"
        )
    columns = "label, cut, measure, stretch, before, whole, steps, what_is_there, amounts, low, high"
    return f"wanted AS (\n  SELECT * FROM (VALUES {', '.join(rows)}) AS w({columns})\n)"


def _write_joined(said: Dialect) -> str:
    same = "ON {0}.applicant = b.applicant AND {0}.stretch = w.stretch AND {0}.cut = w.cut"
    joins = "\n  ".join(f"LEFT JOIN {table} AS {alias} {same.format(alias)}" for table, alias in (
        ("figures", "f"), ("tops", "t"), ("gaps", "g"), ("steps", "p"), ("runs", "u")))  # fmt: skip
    return f"""joined AS (
  SELECT b.applicant, b.reaches_from, b.reaches_to, b.ends, b.end_day, w.label, w.measure, w.steps, w.what_is_there,
    w.amounts, w.low, w.high, s.starts, z.starts AS earlier_starts, COALESCE(x.everything, 0) AS everything,
    COALESCE(f.n, 0) AS n, COALESCE(f.total, 0) AS total, COALESCE(f.net, 0) AS net, f.largest, f.smallest,
    COALESCE(f.parties, 0) AS parties, COALESCE(f.with_party, 0) AS with_party, COALESCE(f.days, 0) AS days,
    f.newest, f.oldest, f.squares, t.top, COALESCE(g.gap, 0) AS gap, s.starts {said.whole_division} {DAY} AS start_day,
    COALESCE(p.active, 0) AS active, p.best, p.least, p.step_squares, COALESCE(u.run, 0) AS run,
    COALESCE(o.n, 0) AS whole_n, COALESCE(o.total, 0) AS whole_total,
    COALESCE(y.n, 0) AS before_n, COALESCE(y.total, 0) AS before_total
  FROM bounds AS b CROSS JOIN wanted AS w
  JOIN stretches AS s ON s.applicant = b.applicant AND s.stretch = w.stretch
  LEFT JOIN stretches AS z ON z.applicant = b.applicant AND z.stretch = w.before
  {joins}
  LEFT JOIN figures AS o ON o.applicant = b.applicant AND o.stretch = w.stretch AND o.cut = w.whole
  LEFT JOIN figures AS y ON y.applicant = b.applicant AND y.stretch = w.before AND y.cut = w.cut
  LEFT JOIN totals AS x ON x.applicant = b.applicant
)"""


def _write_answer(plan: Plan, said: Dialect) -> str:
    div, long = said.whole_division, said.long_number

    def spread(count: str, squares: str) -> str:
        """Halves up, from an exact variance; only an exact half is at the mercy of double precision."""
        variance = (
            f"CAST({count} * CAST({squares} AS {long}) - CAST(total AS {long}) * CAST(total AS {long}) AS DOUBLE)"
        )
        return f"CAST(FLOOR(10000 * SQRT({variance}) / CAST(total AS DOUBLE) + 0.5) AS BIGINT)"

    def share(part: str, whole: str) -> str:
        return f"CAST({part} AS BIGINT) * 10000 {div} CAST({whole} AS BIGINT)"

    gap = "GREATEST(gap, end_day - newest, oldest - start_day)"
    values = {
        0: "n", 1: "total", 2: "net", 3: f"total {div} n", 4: "largest", 5: "smallest", 6: "parties", 7: "days",
        8: "end_day - newest", 9: "newest - oldest", 10: f"CASE WHEN n = 0 THEN end_day - start_day ELSE {gap} END",
        11: spread("n", "squares"), 12: share("top", "total"), 13: share("total", "whole_total"),
        14: share("n", "whole_n"), 15: share("total", "before_total"), 16: share("n", "before_n"),
        17: share("total", "before_total"), 18: "steps - active",
        19: "CASE WHEN active < steps THEN 0 ELSE least END", 20: share("best", "total"),
        21: spread("steps", "step_squares"), 22: "active", 23: "run",
    }  # fmt: skip
    cases = " ".join(f"WHEN {number} THEN CAST({value} AS BIGINT)" for number, value in values.items())
    return f""", told AS (
  SELECT applicant, label, low, high, why, CASE WHEN why = '' THEN CASE measure {cases} END END AS value
  FROM (SELECT *, {_write_why(plan)} AS why FROM joined) AS j
)
SELECT applicant, label, CASE WHEN value >= low AND value <= high THEN value END AS value,
  CASE WHEN why = '' AND NOT (value >= low AND value <= high) THEN 'out_of_range' ELSE why END AS why
FROM told ORDER BY applicant, label
"""


def _write_why(plan: Plan) -> str:
    """Why a label is unknown, in the order in which it is asked."""
    return f"""CASE
    WHEN reaches_from = reaches_to THEN {_quote(plan.shape.absent)}
    WHEN what_is_there = 0 AND reaches_to < ends THEN 'record_ends_early'
    WHEN what_is_there = 0 AND starts > {kernels.EVER} AND starts < reaches_from THEN 'window_not_reached'
    WHEN earlier_starts IS NOT NULL AND earlier_starts < reaches_from THEN 'window_not_reached'
    WHEN amounts = 1 AND everything > {SUM_MAX} THEN 'out_of_range'
    WHEN measure IN (13, 14) THEN CASE WHEN CASE measure WHEN 13 THEN whole_total ELSE whole_n END = 0
      THEN 'whole_is_zero' ELSE '' END
    WHEN measure IN (15, 16, 17) THEN CASE WHEN CASE measure WHEN 16 THEN before_n ELSE before_total END = 0
      THEN 'nothing_before' ELSE '' END
    WHEN measure IN (20, 21) THEN CASE WHEN total = 0 THEN 'whole_is_zero' ELSE '' END
    WHEN measure IN (3, 4, 5, 8, 9, 11, 12) AND n = 0 THEN 'none_in_window'
    WHEN measure IN (6, 12) AND n > 0 AND with_party = 0 THEN 'parties_unknown'
    WHEN measure = 11 AND n < 2 THEN 'too_few'
    WHEN measure IN (11, 12) AND total = 0 THEN 'whole_is_zero'
    ELSE '' END"""


def write_settling(columns: tuple[str, ...], *, as_of: str = "as_of") -> str:
    """The two relations from what was handed in over time: of each record the latest report known by the instant.

    Reads ``reports`` (applicant, record, report, known_at, reaches_from, reaches_to), ``lines`` (report, happened,
    amount, party and the columns) and ``asked`` (applicant, known_by, as_of): what became known later is not seen.
    """
    told = "".join(f", l.word_{column}" for column in columns)
    return f"""CREATE OR REPLACE TEMPORARY VIEW settled AS
  SELECT * FROM (
    SELECT r.*, a.as_of, ROW_NUMBER() OVER (
      PARTITION BY r.applicant, r.record ORDER BY r.known_at DESC, r.report DESC) AS place
    FROM reports AS r JOIN asked AS a ON a.applicant = r.applicant AND r.known_at <= a.known_by
  ) AS ranked WHERE place = 1;
CREATE OR REPLACE TEMPORARY VIEW events AS
  SELECT s.applicant, l.happened, l.amount, l.party{told} FROM settled AS s JOIN lines AS l ON l.report = s.report;
CREATE OR REPLACE TEMPORARY VIEW reach AS
  SELECT a.applicant, COALESCE(MAX(s.reaches_from), 0) AS reaches_from, COALESCE(MAX(s.reaches_to), 0) AS reaches_to,
    MAX(a.{as_of}) AS as_of
  FROM asked AS a LEFT JOIN settled AS s ON s.applicant = a.applicant GROUP BY a.applicant;
"""
