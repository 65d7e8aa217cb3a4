"""Print and QR codes read off a photographed paper: RapidOCR and ZXing behind two plain functions."""

from __future__ import annotations

import logging
import math
import threading
from typing import Any

import numpy as np
import zxingcpp

from creditfactory.gateways.identity_local.pictures import Picture
from creditfactory.identity import TextLine

QUARTER_TURNS = (0, 1, 3, 2)


class PaperReader:
    """Reads print; the models are loaded at the first paper and stay."""

    def __init__(self) -> None:
        self._engine: Any = None
        self._lock = threading.Lock()

    def _open(self) -> Any:
        if self._engine is None:
            logging.getLogger("RapidOCR").setLevel(logging.WARNING)
            from rapidocr import RapidOCR

            self._engine = RapidOCR(params={"Global.log_level": "warning"})
        return self._engine

    def read_lines(self, picture: Picture) -> tuple[TextLine, ...]:
        """Every printed line, with the paper set straight by the lines' own lean."""
        with self._lock:
            told = self._open()(picture)
        if told.boxes is None or not len(told.boxes):
            return ()
        boxes = np.asarray(told.boxes, dtype=np.float64)
        straight = _straighten(boxes)
        return tuple(
            TextLine(
                text=str(text), confidence=max(0, min(100, math.floor(100 * float(score)))),
                left=float(box[:, 0].min()), right=float(box[:, 0].max()),
                top=float(box[[0, 1], 1].mean()), bottom=float(box[[2, 3], 1].mean()),
            )
            for box, text, score in zip(straight, told.txts, told.scores, strict=True)
        )  # fmt: skip


def _straighten(boxes: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The boxes turned back by the lean of the longer lines."""
    along = boxes[:, 1] - boxes[:, 0]
    lengths = np.hypot(along[:, 0], along[:, 1])
    long = lengths >= np.median(lengths)
    angle = float(np.median(np.arctan2(along[long, 1], along[long, 0])))
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.asarray(boxes @ turn.T, dtype=np.float64)


def read_codes(picture: Picture) -> tuple[str, ...]:
    """What the QR codes on a picture say, each once."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return tuple(dict.fromkeys(code.text for code in found if code.text))[:8]
