"""Finding a face, its 468 points and its eyes: MediaPipe's BlazeFace, face mesh and iris models, run by OpenCV."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from creditfactory.gateways.identity_local.model_files import find_model

Picture = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float32]

SURE_FACE = 0.5
SURE_MESH = 0.5
OVERLAP_MAX = 0.3
_MESH_PIXELS = 192
_MARGIN = 1.5
_EYE_PIXELS = 64
_EYE_MARGIN = 2.3


@dataclass(frozen=True, slots=True)
class Face:
    """One face: its box (left, top, width, height in pixels), six rough points, and how sure the finder is."""

    box: tuple[float, float, float, float]
    marks: Points
    certainty: float


def _build_anchors(pixels: int) -> npt.NDArray[np.float32]:
    """The middles of the finder's 896 places: two a cell of 16 × 16, six a cell of 8 × 8 (for 128 pixels)."""
    rows = []
    for stride, each in ((pixels // 16, 2), (pixels // 8, 6)):
        cells = pixels // stride
        for y in range(cells):
            for x in range(cells):
                rows += [((x + 0.5) / cells, (y + 0.5) / cells)] * each
    return np.asarray(rows, dtype=np.float32)


def _open_model(use: str) -> Any:
    """OpenCV's older engine: the newer one gives only the first of several outputs of such a file (5.0.0)."""
    return cv2.dnn.readNetFromTFLite(str(find_model(use)), engine=cv2.dnn.ENGINE_CLASSIC)


class FaceFinder:
    """Faces in a picture and their points; one instance may be asked by several threads."""

    def __init__(self, *, small_faces: bool = False) -> None:
        self._pixels = 256 if small_faces else 128
        self._finder = _open_model("find_small_faces" if small_faces else "find_faces")
        self._mesh = _open_model("face_points")
        self._eyes = _open_model("eye_points")
        self._anchors = _build_anchors(self._pixels)
        self._lock = threading.Lock()

    def find_faces(self, picture: Picture) -> tuple[Face, ...]:
        """Every face, the largest first."""
        height, width = picture.shape[:2]
        side, pixels = max(height, width), self._pixels
        square = np.zeros((side, side, 3), dtype=np.uint8)
        top, left = (side - height) // 2, (side - width) // 2
        square[top : top + height, left : left + width] = picture
        blob = cv2.dnn.blobFromImage(square, 1 / 127.5, (pixels, pixels), (127.5, 127.5, 127.5), swapRB=True)
        with self._lock:
            self._finder.setInput(blob)
            boxes, scores = (np.array(out) for out in self._finder.forward(["regressors", "classificators"]))
        certainty = 1 / (1 + np.exp(-np.clip(scores.reshape(-1), -80, 80)))
        keep = certainty >= SURE_FACE
        if not keep.any():
            return ()
        raw, anchors, certainty = boxes.reshape(-1, 16)[keep] / pixels, self._anchors[keep], certainty[keep]
        middle, size = raw[:, :2] + anchors, raw[:, 2:4]
        found = []
        for index in _drop_overlapping(np.concatenate([middle - size / 2, size], axis=1), certainty):
            x, y = middle[index] - size[index] / 2
            marks = (raw[index, 4:].reshape(6, 2) + anchors[index]) * side - (left, top)
            box = (x * side - left, y * side - top, size[index, 0] * side, size[index, 1] * side)
            found.append(Face(tuple(float(v) for v in box), marks.astype(np.float32), float(certainty[index])))  # type: ignore[arg-type]
        return tuple(sorted(found, key=lambda face: -face.box[2] * face.box[3]))

    def find_points(self, picture: Picture, face: Face) -> Points | None:
        """The face's 468 points (x, y in pixels, z in the same unit), or None where the mesh sees no face."""
        x, y, width, height = face.box
        right_eye, left_eye = face.marks[0], face.marks[1]
        angle = math.degrees(math.atan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0]))
        scale = _MESH_PIXELS / (max(width, height) * _MARGIN)
        turn = cv2.getRotationMatrix2D((x + width / 2, y + height / 2), angle, scale)
        turn[:, 2] += _MESH_PIXELS / 2 - np.array([x + width / 2, y + height / 2])
        crop = cv2.warpAffine(picture, turn, (_MESH_PIXELS, _MESH_PIXELS), flags=cv2.INTER_LINEAR)
        blob = cv2.dnn.blobFromImage(crop, 1 / 255, (_MESH_PIXELS, _MESH_PIXELS), swapRB=True)
        with self._lock:
            self._mesh.setInput(blob)
            mesh, presence = (np.array(out) for out in self._mesh.forward(["conv2d_20", "conv2d_30"]))
        if 1 / (1 + math.exp(-max(-80.0, min(80.0, float(presence.reshape(-1)[0]))))) < SURE_MESH:
            return None
        points = mesh.reshape(-1, 3).astype(np.float32)
        back: Any = cv2.invertAffineTransform(turn)
        points[:, :2] = points[:, :2] @ back[:, :2].T + back[:, 2]
        points[:, 2] /= scale
        return points

    def measure_eye(self, picture: Picture, corners: Points, *, is_left: bool) -> float:
        """How far one eye stands open by its width, from a model of its own: the mesh hardly sees a blink.

        ``corners`` are the outer and inner corner as the mesh has them; the left eye is looked at in a mirror.
        """
        middle, along = corners[:, :2].mean(axis=0), corners[1, :2] - corners[0, :2]
        length = max(1.0, float(np.hypot(*along))) * _EYE_MARGIN
        angle = math.degrees(math.atan2(along[1], along[0]))
        turn = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), angle, _EYE_PIXELS / length)
        turn[:, 2] += _EYE_PIXELS / 2 - middle
        crop = cv2.warpAffine(picture, turn, (_EYE_PIXELS, _EYE_PIXELS), flags=cv2.INTER_LINEAR)
        if is_left:
            crop = np.ascontiguousarray(crop[:, ::-1])
        blob = cv2.dnn.blobFromImage(crop, 1 / 255, (_EYE_PIXELS, _EYE_PIXELS), swapRB=True)
        with self._lock:
            self._eyes.setInput(blob)
            rim = np.array(self._eyes.forward("output_eyes_contours_and_brows")).reshape(-1, 3)[:16, :2]
        width = float(np.hypot(*(rim[8] - rim[0])))
        gaps = [float(np.hypot(*(rim[low] - rim[high]))) for low, high in ((3, 11), (4, 12), (5, 13))]
        return 0.0 if width < 1 else sum(gaps) / len(gaps) / width


def _drop_overlapping(boxes: npt.NDArray[np.float32], certainty: npt.NDArray[np.float32]) -> list[int]:
    """Of boxes over one face only the surest."""
    kept: list[int] = []
    for index in np.argsort(-certainty):
        if all(_measure_overlap(boxes[index], boxes[other]) < OVERLAP_MAX for other in kept):
            kept.append(int(index))
    return kept


def _measure_overlap(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    left, top = np.maximum(one[:2], other[:2])
    right, bottom = np.minimum(one[:2] + one[2:], other[:2] + other[2:])
    shared = max(0.0, float(right - left)) * max(0.0, float(bottom - top))
    return shared / (float(one[2] * one[3] + other[2] * other[3]) - shared + 1e-9)
