"""Faces set in motion at run time: a still face is turned, made to blink and to open its mouth, as a camera sees it.

A face of nobody is drawn; a picture of a face can be handed in instead. What moves here is also what an attacker could
move: a film made by this file is an animated photograph.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

HEIGHT, WIDTH = 480, 360
OUTER_EYES = (33, 133, 160, 144, 159, 145, 158, 153, 362, 263, 385, 380, 386, 374, 387, 373)


def draw_face(seed: int = 0) -> Any:
    """A face of nobody, shaded enough for a finder of faces."""
    rng = np.random.default_rng(seed)
    height, width = 640, 480
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = (150 + 20 * rng.random(), 160, 165)
    picture += (x / width * 25 - 12)[..., None]
    skin = np.array([150 + 12 * rng.random(), 175 + 10 * rng.random(), 218 + 12 * rng.random()])
    cx, cy = 240.0, 300.0
    wide, high = 92 + 34 * rng.random(), 138 + 26 * rng.random()
    apart, eye, brow = 38 + 14 * rng.random(), 0.8 + 0.45 * rng.random(), 4 + 5 * rng.random()
    nose, lips, tint = 0.75 + 0.6 * rng.random(), 0.75 + 0.5 * rng.random(), 0.5 + rng.random()
    hair = rng.uniform(20, 110) * np.array([0.8, 0.95, 1.1])

    def blend(mask: Any, colour: Any) -> None:
        soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 2.2)[..., None]
        picture[:] = picture * (1 - soft) + np.asarray(colour, np.float32) * soft

    def ellipse(ex: float, ey: float, a: float, b: float) -> Any:
        return (((x - ex) / a) ** 2 + ((y - ey) / b) ** 2) < 1

    blend(((abs(x - cx) < 45) & (y > cy + 100) & (y < 560)), skin * 0.86)  # neck
    blend(((abs(x - cx) < 200) & (y > 520 + 0.0009 * (x - cx) ** 2)), (90, 70, 60))  # shoulders
    blend(ellipse(cx, cy - 60, wide + 18, high + 2), hair)
    blend(ellipse(cx, cy, wide, high), skin)
    blend(ellipse(cx - wide, cy, 10, 26) | ellipse(cx + wide, cy, 10, 26), skin * 0.93)  # ears
    shade = np.clip(1.06 - 0.34 * (((x - cx) / wide) ** 2 + 0.5 * ((y - cy) / high) ** 2), 0.6, 1.1)
    inside = cv2.GaussianBlur(ellipse(cx, cy, wide, high).astype(np.float32), (0, 0), 3)
    picture *= (1 - inside + inside * shade)[..., None]
    blend(ellipse(cx, cy - high + 26, wide * 0.92, 30 + 26 * rng.random()), hair * 0.9)  # fringe
    for side in (-1, 1):
        ex, ey = cx + side * apart, cy - 28
        blend(ellipse(ex, ey + 2, 28 * eye, 17 * eye), skin * 0.84)  # socket
        blend((abs(x - ex) < 30) & (abs(y - (ey - 30) - 0.006 * (x - ex) ** 2) < brow), hair * 0.8 + 15)  # brow
        blend(ellipse(ex, ey, 21 * eye, 10 * eye), (236, 238, 240))
        blend(ellipse(ex, ey, 9.5 * eye, 9.5 * eye), np.array([50, 62, 84]) * tint)
        blend(ellipse(ex, ey, 4.5, 4.5), (12, 12, 14))
        blend(ellipse(ex + 3, ey - 3, 2, 2), (250, 250, 250))
        blend((abs(x - ex) < 23 * eye) & (abs(y - (ey - 10 * eye) - 0.010 * (x - ex) ** 2) < 2.5), (40, 42, 50))  # lid
    blend((abs(x - cx - 9) < 5) & (y > cy - 26) & (y < cy + 34), skin * 0.88)  # nose, its shaded side
    blend((abs(x - cx) < 5) & (y > cy - 20) & (y < cy + 34), np.minimum(skin * 1.10, 255))
    blend(ellipse(cx, cy + 40, 21 * nose, 13 * nose), skin * 0.95)
    for side in (-1, 1):
        blend(ellipse(cx + side * 11 * nose, cy + 46, 6, 4), skin * 0.48)
    blend(ellipse(cx, cy + 84, 37 * lips, 9 + 6 * tint), (112, 108, 190))  # lips
    blend((abs(x - cx) < 36 * lips) & (abs(y - (cy + 83) - 0.002 * (x - cx) ** 2) < 2), (55, 50, 95))
    blend(ellipse(cx, cy + 104, 26, 6), skin * 0.86)
    picture += cv2.GaussianBlur(rng.normal(0, 5, picture.shape).astype(np.float32), (0, 0), 1)
    return np.clip(picture, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Pose:
    """How a face is held: turned (radians, above 0 to the person's own left), eyes shut 0–1, mouth open 0–1."""

    yaw: float = 0.0
    shut: float = 0.0
    open: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    roll: float = 0.0


class Puppet:
    """A picture of a face that can be turned, blinks and opens its mouth: its points are moved, the picture follows."""

    def __init__(self, picture: Any, points: Any) -> None:
        """``points``: the mesh's 468 of the face in ``picture``."""
        self.picture = picture
        self.points = np.asarray(points, dtype=np.float64).copy()
        self.points[:, 2] -= np.median(self.points[:, 2])
        height, width = picture.shape[:2]
        span = np.ptp(self.points[:, 0])
        middle = self.points[:, :2].mean(axis=0)
        ring = []
        for angle in np.linspace(0, 2 * math.pi, 24, endpoint=False):
            ring.append((*(middle + span * 0.95 * np.array([math.cos(angle), 1.35 * math.sin(angle)])), span * 0.45))
        self.ring = np.clip(np.asarray(ring), [0, 0, -1e9], [width - 1, height - 1, 1e9])
        upright = [[x, y, 0.0] for y in np.linspace(0, height - 1, 7)[1:-1] for x in (0.0, width - 1)]
        across = [[x, y, 0.0] for x in np.linspace(0, width - 1, 7) for y in (0.0, height - 1)]
        self.edge = np.array(across + upright)
        self.rest = np.concatenate([self.points, self.ring, self.edge])
        grid_y, grid_x = np.mgrid[0:height, 0:width]
        self.grid = np.stack([grid_x, grid_y], axis=-1).astype(np.float32)

    def move(self, pose: Pose) -> Any:
        """The picture with the face held so."""
        moved = self.points.copy()
        self._open_mouth(moved, pose.open)
        count = len(self.points)
        whole = np.concatenate([moved, self.ring])
        middle = np.array([self.points[:, 0].mean(), 0.0, self.points[:, 2].max() * 0.6])
        turned = whole - middle
        c, s = math.cos(pose.yaw), math.sin(pose.yaw)
        x = turned[:, 0] * c - turned[:, 2] * s
        turned[:, 0] = x
        goal = np.concatenate([turned[:, :2] + middle[:2], self.edge[:, :2]])
        ring_x = self.ring[:, 0] + 0.35 * (goal[count : count + len(self.ring), 0] - self.ring[:, 0])
        goal[count : count + len(self.ring), 0] = ring_x
        picture = self._warp(goal)
        if pose.open > 0.05:
            self._darken_mouth(picture, goal)
        if pose.shut > 0.05:
            self._shut_eyes(picture, goal, pose.shut)
        return picture

    def _shut_eyes(self, picture: Any, goal: Any, shut: float) -> None:
        """The upper lid drawn over the eye, as far down as it is shut, with its lashes."""
        for upper, lower, above in (
            ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133), (27, 28, 29)),
            ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263),
             (257, 258, 259)),
        ):  # fmt: skip
            top, bottom = goal[list(upper)], goal[list(lower)]
            lid = top + shut * (bottom - top)
            height, width = picture.shape[:2]
            spots = np.clip(np.round(goal[list(above)]).astype(int), 0, [width - 1, height - 1])
            skin = np.median([picture[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3].reshape(-1, 3).mean(axis=0)
                              for x, y in spots], axis=0)  # fmt: skip
            raised = top - np.array([0, 1.5])
            polygon = np.round(np.concatenate([raised, lid[::-1]]) * 16).astype(np.int32)
            mask = np.zeros(picture.shape[:2], np.uint8)
            cv2.fillPoly(mask, [polygon], 255, lineType=cv2.LINE_AA, shift=4)
            soft = cv2.GaussianBlur(mask, (0, 0), 0.8).astype(np.float32)[..., None] / 255
            grain = np.random.default_rng(1).normal(0, 2, picture.shape)
            picture[:] = np.clip(picture * (1 - soft) + (skin + grain) * soft, 0, 255).astype(np.uint8)
            lashes = tuple(float(v) for v in skin * 0.35)
            cv2.polylines(picture, [np.round(lid * 16).astype(np.int32)], False, lashes, 2, cv2.LINE_AA, 4)

    def _open_mouth(self, points: Any, opening: float) -> None:
        width = np.linalg.norm(points[78] - points[308])
        lip = points[14, 1] - 1
        chin = points[152, 1]
        for index in range(len(points)):
            x, y = points[index, :2]
            below = (y - lip) / max(1.0, chin - lip)
            beside = abs(x - points[14, 0]) / (1.6 * width)
            if below >= -0.02 and index not in (78, 308, 191, 415, 80, 310, 81, 311, 82, 312, 13):
                points[index, 1] += opening * 0.55 * width * max(0.0, 1 - beside**2) * (1.0 if below < 1.2 else 0.6)

    def _warp(self, goal: Any) -> Any:
        """The picture drawn so that each point comes to lie on its goal, by triangles."""
        height, width = self.picture.shape[:2]
        out = self.picture.copy()
        box = (-2000, -2000, width + 4000, height + 4000)
        if not hasattr(self, "triangles"):
            plan = cv2.Subdiv2D(box)
            kept: dict[tuple[float, float], int] = {}
            for index, (x, y) in enumerate(self.rest[:, :2]):
                point = (round(float(x), 2), round(float(y), 2))
                if point not in kept:
                    kept[point] = index
                    plan.insert(point)
            ids = []
            for row in plan.getTriangleList():
                corners = [kept.get((round(float(row[i]), 2), round(float(row[i + 1]), 2))) for i in (0, 2, 4)]
                if None not in corners:
                    ids.append(corners)
            self.triangles = np.asarray(ids)
        depth = np.concatenate([self.points[:, 2], self.ring[:, 2], self.edge[:, 2]])
        order = np.argsort(-depth[self.triangles].mean(axis=1))
        for corners in self.triangles[order]:
            source, target = self.rest[corners, :2], goal[corners]
            area, before = measure_area(target), measure_area(source)
            if abs(area) < 0.5 or area * before < 0:
                continue
            left, top = np.floor(target.min(axis=0)).astype(int)
            right, bottom = np.ceil(target.max(axis=0)).astype(int) + 1
            left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
            if right <= left or bottom <= top:
                continue
            matrix = cv2.getAffineTransform(np.float32(source), np.float32(target - (left, top)))
            size = (int(right - left), int(bottom - top))
            patch = cv2.warpAffine(
                self.picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
            )
            mask = np.zeros((size[1], size[0]), np.uint8)
            cv2.fillConvexPoly(mask, np.round((target - (left, top)) * 16).astype(np.int32), 255, shift=4)
            cv2.copyTo(patch, mask, out[top:bottom, left:right])
        return out

    def _darken_mouth(self, picture: Any, goal: Any) -> None:
        inner = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
        cv2.fillPoly(picture, [np.round(goal[list(inner)]).astype(np.int32)], (38, 28, 52), lineType=cv2.LINE_AA)


def measure_area(corners: Any) -> float:
    """Twice a triangle's area, below 0 where it is seen from behind."""
    (ax, ay), (bx, by) = corners[1] - corners[0], corners[2] - corners[0]
    return float(ax * by - ay * bx)


@dataclass(frozen=True)
class Shot:
    """One frame of a film as the page would hand it in."""

    at_ms: int
    jpeg: bytes

    @property
    def image(self) -> str:
        """The frame in base64."""
        return base64.b64encode(self.jpeg).decode()


class Stage:
    """A puppet before a hand-held camera: poses are rendered once in steps, then shaken, lit and made noisy."""

    def __init__(self, puppet: Puppet, seed: int = 0) -> None:
        self.puppet = puppet
        self.rng = np.random.default_rng(seed)
        self.kept: dict[tuple[float, float, float], Any] = {}

    def render(self, pose: Pose) -> Any:
        """The picture of a pose, in steps fine enough for ten frames a second."""
        key = (round(pose.yaw / 0.04) * 0.04, round(pose.shut * 4) / 4, round(pose.open * 5) / 5)
        if key not in self.kept:
            moved = self.puppet.move(Pose(yaw=key[0], shut=key[1], open=key[2]))
            scale = HEIGHT / moved.shape[0]
            self.kept[key] = cv2.resize(moved, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return self.kept[key]

    def shoot(self, picture: Any, at_ms: float, *, shake: float = 1.0, noise: float = 3.0, quality: int = 80) -> bytes:
        """The picture as a camera in a hand gives it."""
        height, width = picture.shape[:2]
        t = at_ms / 1000
        dx = shake * (3 * math.sin(2.1 * t + 1) + 1.5 * math.sin(5.3 * t) + self.rng.normal(0, 0.4))
        dy = shake * (3 * math.sin(1.7 * t) + 1.5 * math.sin(4.4 * t + 2) + self.rng.normal(0, 0.4))
        grow = 1.06 + 0.008 * shake * math.sin(0.9 * t)
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), shake * 0.8 * math.sin(1.3 * t), grow)
        turn[:, 2] += (dx, dy)
        out = cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101) if shake else picture
        if noise:
            light = 1 + 0.01 * math.sin(3.1 * t)
            out = np.clip(out * light + self.rng.normal(0, noise, out.shape), 0, 255).astype(np.uint8)
        return bytes(cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])

    def list_times(self, last_ms: int) -> list[int]:
        """When frames are taken: about ten a second, never quite evenly."""
        times, at = [0], 0.0
        while times[-1] < last_ms:
            at += max(60.0, 100 + self.rng.normal(0, 9))
            times.append(round(at))
        return times

    def act_out(self, asked: Sequence[Any], *, everything: bool = False) -> Callable[[float], Pose]:
        """How somebody willing holds the face over time: late by a blink of an eye, never twice the same."""
        rng = self.rng
        plan: list[tuple[str, float, float, float]] = []
        for one in asked:
            if one.act == "straight":
                continue
            start = one.from_ms + float(np.clip(rng.normal(520, 160), 250, 1000))
            if one.act == "blink":
                for _ in range(int(rng.integers(1, 3))):
                    plan.append(("blink", start, start + rng.uniform(220, 420), 1.0))
                    start += 700
            else:
                size = rng.uniform(0.28, 0.5) if one.act.startswith("turn") else rng.uniform(0.7, 1.0)
                plan.append((one.act, start, start + rng.uniform(800, 1200), size))
        last = asked[-1].until_ms
        for at in np.arange(rng.uniform(800, 3000), last, rng.uniform(2500, 4500)):
            plan.append(("blink", float(at), float(at) + 170, 0.9))
        drift = rng.uniform(0.02, 0.05)

        def pose(at: float) -> Pose:
            yaw, shut, opening = drift * math.sin(at / 900), 0.0, 0.0
            if everything:
                return Pose(yaw=0.5 * math.sin(at / 450), shut=float(at % 900 < 200), open=float(at % 1100 < 500))
            for act, start, end, size in plan:
                if not start <= at <= end:
                    continue
                share = min(1.0, (at - start) / 180, (end - at) / 180) if act != "blink" else 1.0
                if act == "blink":
                    shut = max(shut, size)
                elif act == "open_mouth":
                    opening = size * share
                else:
                    yaw += size * share * (1 if act == "turn_left" else -1)
            return Pose(yaw=yaw, shut=shut, open=opening)

        return pose

    def film(self, asked: Sequence[Any], **marks: Any) -> list[Shot]:
        """A willing person's film of what was asked."""
        pose = self.act_out(asked, everything=marks.pop("everything", False))
        return [Shot(at, self.shoot(self.render(pose(at)), at, **marks)) for at in self.list_times(asked[-1].until_ms)]


def each_moved_print(picture: Any, times: Sequence[int], seed: int, *, bend: bool = False) -> Iterator[Any]:
    """A printed picture moved about before the camera: tilted and turned as a plane, or bent around an upright axis."""
    rng = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    table = np.full_like(picture, (120, 125, 130))
    phase = rng.uniform(0, 6, 3)
    x = np.linspace(-1, 1, width, dtype=np.float32)
    for at in times:
        t = at / 1000
        yaw, pitch = 0.8 * math.sin(1.1 * t + phase[0]), 0.3 * math.sin(0.7 * t + phase[1])
        source = picture
        if bend:
            strength = 0.9 * math.sin(0.9 * t + phase[2])
            moved = (x + 0.28 * strength * (1 - x**2) + 1) / 2 * (width - 1)
            map_x = np.repeat(moved[None], height, axis=0).astype(np.float32)
            map_y = np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1)
            source = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        corners = np.array([[-1, -1.33, 0], [1, -1.33, 0], [1, 1.33, 0], [-1, 1.33, 0]])
        c, s, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
        spun = (
            corners
            @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]).T
            @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]]).T
        )
        depth = 4 / (4 + spun[:, 2])
        flat = spun[:, :2] * depth[:, None] * width * 0.44 + (width / 2, height / 2)
        plan = cv2.getPerspectiveTransform(
            np.float32([[0, 0], [width, 0], [width, height], [0, height]]), np.float32(flat)
        )
        yield cv2.warpPerspective(source, plan, (width, height), table.copy(), borderMode=cv2.BORDER_TRANSPARENT)
