"""What only the extra ``[lab]`` brings; without it, one sentence says how to get it."""

from __future__ import annotations

from typing import Any

from creditfactory.kernel import Misconfigured


def load_ebm() -> Any:
    """The class of interpret's explainable boosting machine; :class:`Misconfigured` where it is not installed."""
    try:
        from interpret.glassbox import ExplainableBoostingClassifier
    except ImportError as failure:
        raise _say_missing("The school ebm", "interpret-core") from failure
    return ExplainableBoostingClassifier


def load_onnx() -> tuple[Any, Any]:
    """The modules that write and run ONNX; :class:`Misconfigured` where either is not installed."""
    try:
        import onnx
        import onnxruntime
    except ImportError as failure:
        raise _say_missing("ONNX", "onnx and onnxruntime") from failure
    return onnx, onnxruntime


def _say_missing(what: str, packages: str) -> Misconfigured:
    return Misconfigured(f"{what} needs {packages}, not installed here; install the extra [lab] (make lab).")
