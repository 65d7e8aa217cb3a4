"""Pictures from outside: read within bounds, set upright, and described by digest, likeness, sharpness and colour."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from creditfactory.gateways.identity.contract import IMAGE_LETTERS_MAX
from creditfactory.kernel import BadInput

Picture = npt.NDArray[np.uint8]
PIXELS_MAX = 40_000_000
SIDE_MAX = 2_000
_BLOCK = 8
_LIKENESS_SIDE, _LIKENESS_BAND = 128, slice(12, 28)
_FORMS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG"}


@dataclass(frozen=True, slots=True)
class Photograph:
    """One picture: its pixels (blue, green, red) and the digest of its file."""

    pixels: Picture
    digest: str


def read_picture(text: str, *, place: str = "image", side_max: int = SIDE_MAX) -> Photograph:
    """A JPEG or PNG in base64, turned as its camera says, made smaller where it is larger than needed."""
    if len(text) > IMAGE_LETTERS_MAX:
        raise BadInput(place=place, found=f"{len(text):,} letters", expected=f"at most {IMAGE_LETTERS_MAX:,}")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(place=place, found="something that is not base64", expected="a JPEG or PNG in base64") from None
    if not any(content.startswith(start) for start in _FORMS):
        raise BadInput(place=place, found="another kind of file", expected="a JPEG or PNG in base64")
    width, height = _read_size(content, place)
    if width * height > PIXELS_MAX:
        raise BadInput(place=place, found=f"{width} × {height} pixels", expected=f"at most {PIXELS_MAX:,} pixels")
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None or min(pixels.shape[:2]) < 2 * _BLOCK:
        raise BadInput(place=place, found="a picture that cannot be opened", expected="a whole JPEG or PNG")
    scale = side_max / max(pixels.shape[:2])
    if scale < 1:
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return Photograph(pixels.astype(np.uint8, copy=False), hashlib.sha256(content).hexdigest())


def _read_size(content: bytes, place: str) -> tuple[int, int]:
    """Width and height as the file's head tells them, before any memory is taken for its pixels."""
    if content.startswith(b"\x89PNG") and len(content) >= 24:
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        mark = content[at + 1]
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(content[at + 7 : at + 9], "big"), int.from_bytes(content[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    raise BadInput(place=place, found="a picture without a size", expected="a whole JPEG or PNG")


def write_picture(pixels: Picture) -> str:
    """A JPEG in base64."""
    return base64.b64encode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()).decode()


def measure_likeness(pixels: Picture) -> str:
    """A mark of 256 bits (hex) that copies of one photograph share: the signs of its middle frequencies.

    The low ones are left out, for all ID cards have the same layout, and the high ones, which saving changes.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (_LIKENESS_SIDE, _LIKENESS_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    band = cv2.dct(small)[_LIKENESS_BAND, _LIKENESS_BAND]
    return np.packbits(band > 0).tobytes().hex()


def measure_sharpness(pixels: Picture) -> int:
    """How sharp the picture is: the spread of its edges."""
    return round(float(cv2.Laplacian(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var()))


def measure_chroma(pixels: Picture) -> int:
    """How much colour there is, 0 for a black-and-white copy."""
    small = cv2.resize(pixels, (200, 200), interpolation=cv2.INTER_AREA)
    middle = cv2.cvtColor(small[50:150, 50:150], cv2.COLOR_BGR2LAB).astype(np.float32)
    return round(float(np.hypot(middle[..., 1] - 128, middle[..., 2] - 128).mean()))


def measure_stillness(before: Picture, after: Picture) -> float | None:
    """The share of 8 × 8 squares in which nothing has changed; burnt-out and black squares are left out."""
    if before.shape != after.shape:
        return None
    height, width = (side // _BLOCK * _BLOCK for side in before.shape[:2])
    shape = (height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    one, other = (
        cv2.cvtColor(picture[:height, :width], cv2.COLOR_BGR2GRAY).reshape(shape) for picture in (before, after)
    )
    changed = np.abs(one.astype(np.int16) - other).max(axis=(1, 3)) > 0
    light = one.mean(axis=(1, 3))
    counted = (light > 16) & (light < 240)
    return None if counted.sum() < 20 else float(1 - changed[counted].mean())
