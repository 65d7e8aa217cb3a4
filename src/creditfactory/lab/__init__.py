"""Building and judging cards; the lab's only output is a card's folder that a second person reads and signs."""

from creditfactory.lab import commands
from creditfactory.lab.artefact import (
    check_new_folder,
    draw_golden,
    read_card_json,
    tell_features,
    whole_folder,
    write_card,
    write_model_card,
)
from creditfactory.lab.binning import SHAPES, BinningRules, Classes, Shape, draw_classes
from creditfactory.lab.blocks import Block, Document, Figure, Section, Surroundings
from creditfactory.lab.boosted_onnx import check_onnx, write_onnx
from creditfactory.lab.card_changes import tell_changes
from creditfactory.lab.card_sheet import write_workbook
from creditfactory.lab.cards import METHODS, BuiltCard, CardPlan, build_card, validate_card
from creditfactory.lab.certainty import Interval, draw_folds, sum_up_folds
from creditfactory.lab.challengers import SCHOOLS, School, fit_model
from creditfactory.lab.comparing import ComparePlan, Comparison, compare
from creditfactory.lab.comparison_file import NAME as COMPARISON
from creditfactory.lab.comparison_file import read_comparison
from creditfactory.lab.comparison_report import report_comparison
from creditfactory.lab.counts import Counts, count_sample, read_counts, write_counts
from creditfactory.lab.curves import Band, ScoreCounts, count_scores, list_bands, tell_certainty
from creditfactory.lab.distilling import distil
from creditfactory.lab.document import build_document, tell_question
from creditfactory.lab.document_html import draw_bar, write_block, write_html
from creditfactory.lab.document_pdf import write_pdf
from creditfactory.lab.drafting import draw_draft
from creditfactory.lab.early import (
    SampleCost,
    Survival,
    cost_sample,
    draw_early_target,
    follow_survival,
    transfer,
    try_early_targets,
)
from creditfactory.lab.explaining import Explanation, explain
from creditfactory.lab.features import KNOWN_AT_APPLICATION, Feature, name_reason
from creditfactory.lab.fine import FINE, Fine, FineQuestion, read_fine
from creditfactory.lab.fitting import Fitted, Scale, calibrate, fit_counts, fit_points
from creditfactory.lab.folder import CardFolder, read_folder
from creditfactory.lab.gates import Gate, Limits, earn, has_passed, run_gates
from creditfactory.lab.judging import (
    Bands,
    Calibration,
    Judgement,
    draw_bands,
    judge,
    measure_auc,
    measure_calibration,
    measure_divergence,
    measure_ks,
    measure_psi,
)
from creditfactory.lab.loss import LossJudgement, build_loss_card, judge_losses, split_losses
from creditfactory.lab.manifest import check_manifest, write_manifest
from creditfactory.lab.pictures import Picture, write_svg
from creditfactory.lab.progress import show_progress
from creditfactory.lab.refreshing import (
    Forgetting,
    Parent,
    Refreshed,
    next_version,
    read_parent,
    refresh_card,
    split_newest,
)
from creditfactory.lab.rejects import infer, try_methods
from creditfactory.lab.sample import Sample, draw_sample, hash_file, read_frame, split_sample
from creditfactory.lab.steadiness import Steadiness
from creditfactory.lab.tuning import (
    HAND_SHAPES,
    Tuned,
    TunedClass,
    find_starts,
    join_anew,
    read_starts,
    redraw_card,
    tune,
)
from creditfactory.lab.voice import Voice
from creditfactory.lab.watch_report import report_watch, say_verdict
from creditfactory.lab.watching import (
    BADS_MIN,
    REFERENCE,
    Reference,
    Window,
    check_columns,
    draw_reference,
    find_reference,
    open_window,
    read_reference,
    tell_watch,
)
from creditfactory.lab.woe import Evidence, Tally, tally_classes, weigh_evidence

__all__ = [
    "BADS_MIN",
    "COMPARISON",
    "FINE",
    "HAND_SHAPES",
    "KNOWN_AT_APPLICATION",
    "METHODS",
    "REFERENCE",
    "SCHOOLS",
    "SHAPES",
    "Band",
    "Bands",
    "BinningRules",
    "Block",
    "BuiltCard",
    "Calibration",
    "CardFolder",
    "CardPlan",
    "Classes",
    "ComparePlan",
    "Comparison",
    "Counts",
    "Document",
    "Evidence",
    "Explanation",
    "Feature",
    "Figure",
    "Fine",
    "FineQuestion",
    "Fitted",
    "Forgetting",
    "Gate",
    "Interval",
    "Judgement",
    "Limits",
    "LossJudgement",
    "Parent",
    "Picture",
    "Reference",
    "Refreshed",
    "Sample",
    "SampleCost",
    "Scale",
    "School",
    "ScoreCounts",
    "Section",
    "Shape",
    "Steadiness",
    "Surroundings",
    "Survival",
    "Tally",
    "Tuned",
    "TunedClass",
    "Voice",
    "Window",
    "build_card",
    "build_document",
    "build_loss_card",
    "calibrate",
    "check_columns",
    "check_manifest",
    "check_new_folder",
    "check_onnx",
    "commands",
    "compare",
    "cost_sample",
    "count_sample",
    "count_scores",
    "distil",
    "draw_bands",
    "draw_bar",
    "draw_classes",
    "draw_draft",
    "draw_early_target",
    "draw_folds",
    "draw_golden",
    "draw_reference",
    "draw_sample",
    "earn",
    "explain",
    "find_reference",
    "find_starts",
    "fit_counts",
    "fit_model",
    "fit_points",
    "follow_survival",
    "has_passed",
    "hash_file",
    "infer",
    "join_anew",
    "judge",
    "judge_losses",
    "list_bands",
    "measure_auc",
    "measure_calibration",
    "measure_divergence",
    "measure_ks",
    "measure_psi",
    "name_reason",
    "next_version",
    "open_window",
    "read_card_json",
    "read_comparison",
    "read_counts",
    "read_fine",
    "read_folder",
    "read_frame",
    "read_parent",
    "read_reference",
    "read_starts",
    "redraw_card",
    "refresh_card",
    "report_comparison",
    "report_watch",
    "run_gates",
    "say_verdict",
    "show_progress",
    "split_losses",
    "split_newest",
    "split_sample",
    "sum_up_folds",
    "tally_classes",
    "tell_certainty",
    "tell_changes",
    "tell_features",
    "tell_question",
    "tell_watch",
    "transfer",
    "try_early_targets",
    "try_methods",
    "tune",
    "validate_card",
    "weigh_evidence",
    "whole_folder",
    "write_block",
    "write_card",
    "write_counts",
    "write_html",
    "write_manifest",
    "write_model_card",
    "write_onnx",
    "write_pdf",
    "write_svg",
    "write_workbook",
]
