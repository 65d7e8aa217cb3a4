"""A boosted challenger as ONNX: words and open answers go in, log-odds, whole points and chance of bad come out.

The file is run beside the model before it is written; where one row differs, nothing is written. LightGBM's trees are
laid down as they stand, in double precision: the usual converter writes thresholds as short floats, which sends some
applicants down the other branch (docs/challengers.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.challengers import LIGHTGBM_SCHOOLS, Boosted
from creditfactory.lab.comparing import ComparePlan, Comparison
from creditfactory.lab.extra import load_onnx
from creditfactory.lab.features import describe_column
from creditfactory.lab.sample import Sample

OPEN_WORD = ""
"""What an open answer to a question of words is in the file, for ONNX knows no open word; an open number is NaN."""
STRANGE_WORD = "a word never seen"
OUTPUTS = {
    "log_odds": "natural log-odds of bad, levelled so that the bad of the training rows sum",
    "points": "whole points on the card's scale, more are better",
    "chance_of_bad": "the chance of bad that the whole points stand for, 0 to 1",
}
TOLERANCE = 1e-6
"""How far chances of file and model may lie apart; whole points may not differ at all."""
DECIDES_NOTHING = {
    "en": "A challenger that a card is measured against. It decides nothing about anybody and is signed by nobody.",
    "zh": "仅供评分卡对比的挑战者模型:不对任何人作出决定,未经任何人签署。",
}
LEQ, MEMBER = 0, 6
"""Kinds of question in ONNX's TreeEnsemble: a number up to a threshold; a word among some."""
OPSETS = {"": 21, "ai.onnx.ml": 5}
IR_VERSION = 10


@dataclass(slots=True)
class _Forest:
    """The trees in ONNX's columns, a question each; ``sets`` holds the words' places of each question about words."""

    kinds: list[int] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    yes: list[int] = field(default_factory=list)
    yes_ends: list[int] = field(default_factory=list)
    no: list[int] = field(default_factory=list)
    no_ends: list[int] = field(default_factory=list)
    open_is_yes: list[int] = field(default_factory=list)
    sets: dict[int, list[float]] = field(default_factory=dict)
    ends: list[float] = field(default_factory=list)

    def add(self, tree: Mapping[str, Any]) -> int:
        """Lay a tree down and say where its first question stands."""
        here = len(self.kinds)
        words = [float(place) for place in tree["threshold"].split("||")] if _asks_words(tree) else None
        self.kinds.append(LEQ if words is None else MEMBER)
        self.limits.append(float(tree.get("threshold", 0)) if words is None else 0.0)
        self.columns.append(int(tree.get("split_feature", 0)))
        self.open_is_yes.append(int(_goes_left_if_open(tree)))
        if words is not None:
            self.sets[here] = words
        for places, are_ends in ((self.yes, self.yes_ends), (self.no, self.no_ends)):
            places.append(0)
            are_ends.append(0)
        sides = (("left_child", self.yes, self.yes_ends), ("right_child", self.no, self.no_ends))
        for side, places, are_ends in sides:
            below = tree.get(side, tree)  # a tree that asks nothing is a question with the same end on both sides
            are_ends[here] = int("leaf_value" in below)
            places[here] = self._end(below) if "leaf_value" in below else self.add(below)
        return here

    def _end(self, leaf: Mapping[str, Any]) -> int:
        self.ends.append(float(leaf["leaf_value"]))
        return len(self.ends) - 1


def build_onnx(model: Boosted) -> bytes:
    """The challenger as the bytes of an ONNX file: an input for each column, by its name and in its order."""
    onnx, _ = load_onnx()
    _check_model(model)
    helper, kind = onnx.helper, onnx.TensorProto
    names = model.table.names
    inputs = [
        helper.make_tensor_value_info(name, kind.STRING if name in model.table.words else kind.DOUBLE, [None, 1])
        for name in names
    ]
    outputs = [
        helper.make_tensor_value_info(name, kind.INT64 if name == "points" else kind.DOUBLE, [None, 1])
        for name in OUTPUTS
    ]
    graph = helper.make_graph(
        list(_list_nodes(onnx, model)), f"challenger_{model.school}", inputs, outputs,
        initializer=[
            helper.make_tensor(f"__{name}", kind.DOUBLE, [], [value])
            for name, value in (("level", model.level), ("factor", model.scale.factor), ("offset", model.scale.offset))
        ],
        doc_string=DECIDES_NOTHING["en"],
    )  # fmt: skip
    opsets = [helper.make_opsetid(domain, number) for domain, number in OPSETS.items()]
    built = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="creditfactory")
    onnx.checker.check_model(built, full_check=True)
    return bytes(built.SerializeToString())


def try_onnx(content: bytes, model: Boosted, sample: Sample) -> dict[str, Any]:
    """Run file and model on the same rows, and again with answers opened and words made strange: how far apart?

    Raises :class:`Refused` where a chance differs by more than a millionth or the whole points of a row differ.
    """
    _, runtime = load_onnx()
    settings = runtime.SessionOptions()
    settings.intra_op_num_threads, settings.log_severity_level = 1, 3
    session = runtime.InferenceSession(content, settings, providers=["CPUExecutionProvider"])
    rows, furthest, unlike = 0, 0.0, 0
    for part in (sample, _disturb(sample)):
        _, points, chance = session.run(list(OUTPUTS), lay_inputs(model, part))
        rows += part.rows
        furthest = max(furthest, float(np.abs(chance[:, 0] - model.foretell(part)).max(initial=0)))
        unlike += int((points[:, 0] != model.score(part)).sum())
    if unlike or furthest > TOLERANCE:
        raise Refused(
            f"the ONNX file would not say what the challenger says (points differ in {unlike} of {rows} rows, chances "
            f"by up to {furthest:.2g}), so it was not written; an answer that is an empty word is one cause"
        )
    return {"rows": rows, "with_open_answers_and_strange_words": rows - sample.rows, "points_that_differ": unlike,
            "largest_difference_of_chance": furthest}  # fmt: skip


def lay_inputs(model: Boosted, sample: Sample) -> dict[str, Any]:
    """What the file is fed with for a sample: a column each, an open number as NaN and an open word as empty."""
    laid: dict[str, Any] = {}
    for name in model.table.names:
        column = sample.frame.get_column(name)
        if name in model.table.words:
            laid[name] = np.array(column.fill_null(OPEN_WORD).to_list(), dtype=object).reshape(-1, 1)
        else:
            laid[name] = column.fill_null(float("nan")).to_numpy().astype(np.float64).reshape(-1, 1)
    return laid


def check_onnx(out: Path | None, plan: ComparePlan) -> None:
    """Before the long work: is there anything to write as ONNX, where to, and what with?"""
    if out is None:
        return
    for place in (out, name_sheet(out)):
        if place.exists() or out.suffix != ".onnx":
            raise BadInput(place="--onnx", found=str(place), expected="a new file that ends in .onnx")
    if not set(plan.schools) & set(LIGHTGBM_SCHOOLS):
        found = f"only {', '.join(plan.schools)} among the schools"
        raise BadInput(place="--onnx", found=found, expected=f"one of {', '.join(LIGHTGBM_SCHOOLS)}")
    load_onnx()


def write_onnx(found: Comparison, plan: ComparePlan, out: Path, *, data_sha256: str = "") -> dict[str, Any]:
    """Write the best LightGBM challenger of a comparison to ``out``, and beside it as JSON what it reads and tells.

    Both files are new, and written only after the file has told the same as the model; returned is what was tried.
    """
    model, holdout = found.trees, found.holdout
    assert model is not None and holdout is not None, "check_onnx was asked first"
    content = build_onnx(model)
    tried = try_onnx(content, model, holdout)
    told = describe_onnx(model, plan) | {
        "standing": next(s.as_json() for s in found.standings if s.name == model.school),
        "tried": tried, "data_sha256": data_sha256, "onnx_sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(content)
        name_sheet(out).write_text(text + "\n", encoding="utf-8")
    except OSError as failure:
        what = failure.strerror or type(failure).__name__
        raise BadInput(place=str(out), found=what, expected="a place to write the file") from failure
    return {"model": model.school, "file": out.name, "sheet": name_sheet(out).name, **tried}


def name_sheet(out: Path) -> Path:
    """Where the JSON about an ONNX file stands.

    >>> name_sheet(Path("told/trees.onnx")).as_posix()
    'told/trees.onnx.json'
    """
    return out.with_name(out.name + ".json")


def describe_onnx(model: Boosted, plan: ComparePlan) -> dict[str, Any]:
    """What a reader must know to feed the file and to read its answers."""
    inputs = []
    for place, name in enumerate(model.table.names):
        feature = plan.card.features.get(name) or describe_column(name)
        told = {"name": name, "place": place, "unit": feature.unit, "definition": dict(feature.definition)}
        words = model.table.words.get(name)
        if words is None:
            told |= {"type": "double, N x 1", "open_answer": "NaN", "bound": model.table.directions[place]}
        else:
            told |= {"type": "string, N x 1", "open_answer": OPEN_WORD, "words": dict(words), "other": len(words)}
        inputs.append(told)
    scale = model.scale
    return {
        "says": DECIDES_NOTHING,
        "decides": False,
        "model": model.school,
        "trees": model.rounds,
        "target": plan.card.target,
        "inputs": inputs,
        "encoding": "Words go in as they are; the file turns each into its place, and any it does not know into "
        "`other`. A yes-or-no column is the words yes and no. `bound`: 1 where more of a number may only mean more "
        "bad, -1 where it may only mean less, 0 where it is free.",
        "outputs": {name: {"means": means, "type": "int64" if name == "points" else "double"}
                    for name, means in OUTPUTS.items()},
        "scale": {"pdo": scale.pdo, "base_points": scale.base_points, "base_odds": scale.base_odds,
                  "factor": scale.factor, "offset": scale.offset, "level": model.level},
        "made_with": {name: version(name) for name in ("lightgbm", "onnx", "onnxruntime")} | {"opsets": OPSETS},
    }  # fmt: skip


def _check_model(model: Boosted) -> None:
    if not hasattr(model.trees, "dump_model"):
        raise BadInput(place="model", found=model.school, expected=f"one of {', '.join(LIGHTGBM_SCHOOLS)}")
    taken = [name for name in model.table.names if name in OUTPUTS or name.startswith("__")]
    if taken:
        raise BadInput(place=f"column {taken[0]}", found="a name the ONNX file needs itself", expected="another name")


def _list_nodes(onnx: Any, model: Boosted) -> Iterator[Any]:
    """Columns to numbers, numbers side by side, the trees, and their log-odds as points and chance."""
    node = onnx.helper.make_node
    columns = []
    for place, name in enumerate(model.table.names):
        words = model.table.words.get(name)
        columns.append(name if words is None else f"__word_{place}")
        if words is not None:
            yield _encode_words(onnx, words, name, columns[-1])
    yield node("Concat", columns, ["__table"], axis=1)
    yield _lay_forest(onnx, model)
    yield node("Add", ["__raw", "__level"], ["log_odds"])
    yield node("Mul", ["log_odds", "__factor"], ["__spread"])
    yield node("Sub", ["__offset", "__spread"], ["__exact"])
    yield node("Round", ["__exact"], ["__whole"])
    yield node("Cast", ["__whole"], ["points"], to=onnx.TensorProto.INT64)
    yield node("Sub", ["__offset", "__whole"], ["__below"])
    yield node("Div", ["__below", "__factor"], ["__told"])
    yield node("Sigmoid", ["__told"], ["chance_of_bad"])


def _encode_words(onnx: Any, words: Mapping[str, int], name: str, into: str) -> Any:
    make, kind = onnx.helper.make_tensor, onnx.TensorProto
    places = {OPEN_WORD: float("nan"), **{word: float(place) for word, place in words.items()}}
    keys = [word.encode() for word in places]
    return onnx.helper.make_node(
        "LabelEncoder", [name], [into], domain="ai.onnx.ml",
        keys_tensor=make("keys", kind.STRING, [len(keys)], keys),
        values_tensor=make("values", kind.DOUBLE, [len(keys)], list(places.values())),
        default_tensor=make("default", kind.DOUBLE, [1], [float(len(words))]),
    )  # fmt: skip


def _lay_forest(onnx: Any, model: Boosted) -> Any:
    forest = _Forest()
    roots = [forest.add(tree["tree_structure"]) for tree in model.trees.dump_model()["tree_info"]]
    kind = onnx.TensorProto

    def lay(name: str, values: list[Any], of: int) -> Any:
        return onnx.helper.make_tensor(name, of, [len(values)], values)

    sets = [place for here in sorted(forest.sets) for place in (*forest.sets[here], float("nan"))]
    more = {"membership_values": lay("sets", sets, kind.DOUBLE)} if sets else {}
    return onnx.helper.make_node(
        "TreeEnsemble", ["__table"], ["__raw"], domain="ai.onnx.ml", n_targets=1, aggregate_function=1,
        post_transform=0, tree_roots=roots, nodes_modes=lay("kinds", forest.kinds, kind.UINT8),
        nodes_splits=lay("limits", forest.limits, kind.DOUBLE), nodes_featureids=forest.columns,
        nodes_truenodeids=forest.yes, nodes_trueleafs=forest.yes_ends, nodes_falsenodeids=forest.no,
        nodes_falseleafs=forest.no_ends, nodes_missing_value_tracks_true=forest.open_is_yes,
        leaf_targetids=[0] * len(forest.ends), leaf_weights=lay("ends", forest.ends, kind.DOUBLE), **more,
    )  # fmt: skip


def _asks_words(tree: Mapping[str, Any]) -> bool:
    return tree.get("decision_type") == "=="


def _goes_left_if_open(tree: Mapping[str, Any]) -> bool:
    """LightGBM's way with an open answer: as learnt; as nought where none was open in training; never among words."""
    if "split_feature" not in tree or _asks_words(tree):
        return False
    return bool(tree["default_left"]) if tree["missing_type"] == "NaN" else float(tree["threshold"]) >= 0


def _disturb(sample: Sample) -> Sample:
    """The same rows, every third answer opened and every fifth word replaced by one never seen, in turn by column."""
    row = np.arange(sample.rows)
    columns = []
    for place, name in enumerate(sample.frame.columns):
        column = sample.frame.get_column(name)
        if sample.kinds.get(name) == "word":
            strange = pl.Series([STRANGE_WORD] * sample.rows)
            column = strange.zip_with(pl.Series((row + place) % 5 == 0), column)
        opened = pl.Series((row + place) % 3 == 0)
        columns.append(pl.Series(name, [None] * sample.rows, dtype=column.dtype).zip_with(opened, column).alias(name))
    return replace(sample, frame=pl.DataFrame(columns))
