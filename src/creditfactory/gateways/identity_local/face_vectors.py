"""A face as 128 numbers, near to those of the same person's other pictures: dlib's network after five points."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import cv2
import dlib
import numpy as np
import numpy.typing as npt

from creditfactory.gateways.identity_local.model_files import find_model
from creditfactory.gateways.identity_local.pictures import Picture

SMALL_FACE = 100
SIDE_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Likeness:
    """The largest face's vector, and how many faces the picture shows."""

    faces: int
    vector: npt.NDArray[np.float64] | None = None


class FaceReader:
    """Vectors of faces; the network is loaded at the first face and stays."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: tuple[Any, Any, Any] | None = None

    def _open(self) -> tuple[Any, Any, Any]:
        if self._parts is None:
            self._parts = (
                dlib.get_frontal_face_detector(),
                dlib.shape_predictor(str(find_model("five_points"))),
                dlib.face_recognition_model_v1(str(find_model("face_vector"))),
            )
        return self._parts

    def read_face(self, picture: Picture) -> Likeness:
        """The largest face, found by its upright outline; a small picture is looked at enlarged."""
        side = max(picture.shape[:2])
        scale = min(1.0, SIDE_MAX / side)
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
        shown = np.ascontiguousarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB))
        with self._lock:
            finder, five_points, network = self._open()
            boxes = list(finder(shown, 0)) or list(finder(shown, 1))
            if not boxes:
                return Likeness(0)
            largest = max(boxes, key=lambda box: box.width() * box.height())
            vector = network.compute_face_descriptor(shown, five_points(shown, largest))
        return Likeness(len(boxes), np.asarray(vector, dtype=np.float64))


def measure_distance(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """How far apart two faces lie: 0 for one picture, above 0.6 most often two people."""
    return float(np.linalg.norm(one - other))
