"""What one frame shows of a face: turned how far, eyes and mouth open how wide, where in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from creditfactory.gateways.identity_local.face_points import FaceFinder, Picture, Points

NOSE, RIGHT_CHEEK, LEFT_CHEEK = 1, 234, 454
RIGHT_EYE, LEFT_EYE = (33, 133), (362, 263)
MOUTH = (78, 308, ((13, 14), (82, 87), (312, 317)))
"""Points of the mesh, right and left the person's own: corners of the eyes; corners of the mouth with pairs of lips."""


@dataclass(frozen=True, slots=True)
class FrameFace:
    """The largest face of a frame: its signs, its place (middle and width as shares), and how many faces there are."""

    faces: int
    yaw: float | None = None
    eyes: float | None = None
    mouth: float | None = None
    place: tuple[float, float, float] | None = None


def measure_face(finder: FaceFinder, picture: Picture) -> FrameFace:
    """The signs of the largest face; without a face, or where its points cannot be laid, none."""
    faces = finder.find_faces(picture)
    points = finder.find_points(picture, faces[0]) if faces else None
    if points is None:
        return FrameFace(len(faces))
    right = finder.measure_eye(picture, points[list(RIGHT_EYE)], is_left=False)
    left = finder.measure_eye(picture, points[list(LEFT_EYE)], is_left=True)
    height, width = picture.shape[:2]
    x, y, wide, high = faces[0].box
    return FrameFace(
        len(faces),
        round(measure_yaw(points), 4),
        round((right + left) / 2, 4),
        round(measure_opening(points, MOUTH), 4),
        (round((x + wide / 2) / width, 4), round((y + high / 2) / height, 4), round(wide / width, 4)),
    )


def measure_yaw(points: Points) -> float:
    """Where the nose stands between the cheeks, along the line that joins them: -1 to 1, 0 when looked at straight.

    No angle is solved for: the axes of such a solution differ by library, and a ratio needs no camera.
    """
    right, left, nose = (points[index, :2] for index in (RIGHT_CHEEK, LEFT_CHEEK, NOSE))
    along = left - right
    length = float(np.dot(along, along))
    return 0.0 if length < 1e-6 else float(2 * np.dot(nose - right, along) / length - 1)


def measure_opening(points: Points, part: tuple[int, int, tuple[tuple[int, int], ...]]) -> float:
    """How far a mouth stands open, by its own width (in space, so that a turned head changes it little)."""
    first, last, pairs = part
    width = float(np.linalg.norm(points[first] - points[last]))
    gaps = [float(np.linalg.norm(points[up] - points[down])) for up, down in pairs]
    return 0.0 if width < 1e-6 else sum(gaps) / len(gaps) / width
