"""How well the offline identity engines read and judge what is drawn here: fields, attacks, honest films, time.

    python benchmarks/identity.py [--papers 6] [--takes 3] [--faces DIR] [--seed 1]

Everything is drawn or set in motion at run time; ``--faces`` adds pictures of faces of your own to the drawn ones.
The figures and how little they prove are told in docs/identity.md.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import cv2  # noqa: E402
import numpy as np  # noqa: E402

from creditfactory import identity as room  # noqa: E402
from creditfactory.gateways.identity_local.face_measures import measure_face  # noqa: E402
from creditfactory.gateways.identity_local.face_points import FaceFinder  # noqa: E402
from creditfactory.gateways.identity_local.face_vectors import FaceReader, measure_distance  # noqa: E402
from creditfactory.gateways.identity_local.paper_reading import PaperReader, read_codes  # noqa: E402
from creditfactory.gateways.identity_local.pictures import (  # noqa: E402
    measure_chroma,
    measure_likeness,
    measure_sharpness,
    measure_stillness,
    read_picture,
)
from tests import face_moving as moving  # noqa: E402
from tests import paper_drawing as drawing  # noqa: E402

ON = date(2026, 11, 22)
CONDITIONS: dict[str, dict[str, float]] = {
    "straight": {}, "turned 4°": {"turn": 4.0}, "turned 12°": {"turn": 12.0}, "upside down": {"turn": 180.0},
    "on its side": {"turn": 90.0}, "leaning": {"lean": 0.12}, "blur 1.5": {"blur": 1.5}, "blur 3": {"blur": 3.0},
    "noise 12": {"noise": 12.0}, "glare": {"glare": 0.8}, "dark": {"dark": 0.35, "noise": 6.0},
    "small 700 px": {"width": 700}, "poor JPEG": {"quality": 25}, "all, a little": {
        "turn": -5.0, "lean": 0.06, "blur": 1.0, "noise": 6.0, "glare": 0.4, "dark": 0.8},
}  # fmt: skip


def read(reader: PaperReader, paper: Any, jpeg: bytes) -> tuple[Any, Any, float, float]:
    photo = read_picture(base64.b64encode(jpeg).decode())
    start = time.perf_counter()
    lines = reader.read_lines(photo.pixels)
    middle = time.perf_counter()
    codes = read_codes(photo.pixels)
    end = time.perf_counter()
    fields = room.read_paper_fields(paper, lines)
    marks = room.PaperMarks(sharpness=measure_sharpness(photo.pixels), chroma=measure_chroma(photo.pixels), codes=codes)
    findings = room.judge_paper(paper, fields, marks, on=ON, found=room.find_paper(lines))
    return fields, findings, middle - start, end - middle


def truth_of(holder: drawing.Holder, paper: str) -> dict[str, str]:
    if paper == "id_card_front":
        return {
            "name": holder.name,
            "born_on": holder.born_on,
            "address": holder.address,
            "id_number": holder.id_number,
        }
    if paper == "id_card_back":
        until = "long_term" if holder.valid_until == "长期" else holder.valid_until
        return {"authority": holder.authority, "valid_from": holder.valid_from, "valid_until": until}
    return {
        "credit_code": holder.credit_code, "firm_name": holder.firm_name, "operator": holder.name,
        "premises": holder.premises, "registered_on": holder.registered_on,
    }  # fmt: skip


def measure_papers(count: int, seed: int) -> None:
    reader = PaperReader()
    draw = {
        "id_card_front": drawing.draw_id_front,
        "id_card_back": drawing.draw_id_back,
        "licence": drawing.draw_licence,
    }
    read(reader, "licence", drawing.photograph(drawing.draw_licence(drawing.make_holder(seed)), 0))
    right: dict[str, Counter[str]] = defaultdict(Counter)
    asked: dict[str, Counter[str]] = defaultdict(Counter)
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    spent: dict[str, list[float]] = defaultdict(list)
    silent = 0
    for condition, how in CONDITIONS.items():
        for number in range(count):
            holder = drawing.make_holder(1000 * seed + number)
            for paper, drawn in draw.items():
                fields, findings, seconds, code_seconds = read(
                    reader,
                    paper,
                    drawing.photograph(drawn(holder), number, **how),  # type: ignore[operator, arg-type]
                )
                spent[paper].append(seconds)
                spent["QR"].append(code_seconds)
                verdicts[condition][findings.verdict] += 1
                told = {name: one.text for name, one in fields.items()}
                wrong = False
                for name, value in truth_of(holder, paper).items():
                    asked[condition][paper] += 1
                    is_right = told.get(name) == value
                    right[condition][paper] += is_right
                    wrong |= not is_right
                silent += wrong and findings.verdict == "read"
    print(f"\npapers: {count} of each kind a condition; share of fields read exactly, and verdicts")
    for condition in CONDITIONS:
        shares = "  ".join(f"{paper} {right[condition][paper] / asked[condition][paper]:6.1%}" for paper in draw)
        print(f"  {condition:14} {shares}   {dict(verdicts[condition])}")
    total = sum(sum(one.values()) for one in verdicts.values())
    print(f"  read as in good order although a field was wrong: {silent} of {total}")
    for what, seconds in spent.items():
        print(f"  {what:14} {1000 * float(np.median(seconds)):7.0f} ms median, {1000 * max(seconds):7.0f} ms longest")
    measure_forgeries(reader, count, seed)


def measure_forgeries(reader: PaperReader, count: int, seed: int) -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for number in range(count):
        holder = drawing.make_holder(2000 * seed + number)
        digit = str((int(holder.id_number[14]) + 1) % 10)
        forged = {
            "one digit of the number changed": ("id_card_front", drawing.draw_id_front(
                holder, id_number=holder.id_number[:14] + digit + holder.id_number[15:])),
            "another birthday printed": ("id_card_front", drawing.draw_id_front(holder, born_on="1988-08-08")),
            "another sex printed": ("id_card_front", drawing.draw_id_front(
                holder, sex="女" if holder.sex == "男" else "男")),
            "another name printed, nothing typed": ("id_card_front", drawing.draw_id_front(holder, name="赵子墨")),
            "QR of another firm": ("licence", drawing.draw_licence(
                holder, code_in_qr=drawing.make_holder(number + 7).credit_code)),
            "a grey copy": ("id_card_front", drawing.draw_id_front(holder).convert("L").convert("RGB")),
            "front where the back was asked for": ("id_card_back", drawing.draw_id_front(holder)),
        }  # fmt: skip
        for what, (paper, image) in forged.items():
            _, findings, _, _ = read(reader, paper, drawing.photograph(image, number, turn=3.0, noise=4.0))
            found[what][findings.verdict] += 1
            for reason in findings.reasons:
                found[what][reason.code] += 1
    print("\nforged papers:")
    for what, counts in found.items():
        print(f"  {what:38} {dict(counts)}")


def measure_likenesses(count: int, seed: int) -> None:
    same, other = [], []
    marks = []
    for number in range(count):
        image = drawing.draw_id_front(drawing.make_holder(3000 * seed + number), portrait(number))
        first = drawing.photograph(image, number, turn=number % 5 - 2.0, noise=3.0)
        pixels = cv2.imdecode(np.frombuffer(first, np.uint8), 1)
        mark = measure_likeness(pixels)
        for quality, scale in ((60, 1.0), (40, 0.5), (85, 0.7)):
            small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            again = cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)
            same.append(room.count_bits_apart(mark, measure_likeness(again)))
        retake = drawing.photograph(image, number + 500, turn=number % 5 - 1.0, noise=3.0)
        other.append(room.count_bits_apart(mark, measure_likeness(cv2.imdecode(np.frombuffer(retake, np.uint8), 1))))
        marks.append(mark)
    apart = [room.count_bits_apart(a, b) for i, a in enumerate(marks) for b in marks[:i]]
    print("\nlikeness of card photographs, bits apart of 256:")
    for what, found in (("the same file, saved again or smaller", same), ("the same card, photographed again", other),
                        ("other people's cards", apart)):  # fmt: skip
        print(f"  {what:40} least {min(found)}, median {int(np.median(found))}, most {max(found)}")


def portrait(number: int) -> Any:
    from PIL import Image

    face = cv2.cvtColor(moving.draw_face(number), cv2.COLOR_BGR2RGB)
    return Image.fromarray(face)


class Studio:
    """Measures films and judges them as the process does."""

    def __init__(self) -> None:
        self.finder = FaceFinder()
        self.reader = FaceReader()
        self.spent: list[float] = []

    def judge(self, asked: Any, shots: list[moving.Shot], **known: Any) -> Any:
        signs, before, pictures = [], None, []
        start = time.perf_counter()
        for shot in shots:
            picture = cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), 1)
            face = measure_face(self.finder, picture)
            signs.append(room.FrameSigns(
                at_ms=shot.at_ms, digest=str(hash(shot.jpeg)), faces=face.faces, yaw=face.yaw, eyes=face.eyes,
                mouth=face.mouth, place=face.place,
                still_share=None if before is None else measure_stillness(before, picture)))  # fmt: skip
            before = picture
            pictures.append(picture)
        self.spent.append((time.perf_counter() - start) / max(1, len(shots)))
        apart = self.measure_apart(asked, signs, pictures)
        sitting = {
            "is_nonce_ours": True, "waited_ms": asked[-1].until_ms + 1200, "valid_ms": 90_000,
            "frames_seen_before": 0, "source": "camera", "faces_apart": apart, **known,
        }  # fmt: skip
        return room.judge_liveness(asked, signs, room.Sitting(**sitting))

    def measure_apart(self, asked: Any, signs: Any, pictures: Any) -> float | None:
        chosen = []
        for one in asked:
            within = [p for p, f in enumerate(signs) if one.from_ms <= f.at_ms <= one.until_ms and f.yaw is not None]
            if within:
                best = min(within, key=lambda p: abs(signs[p].yaw) - signs[p].eyes)
                chosen.append(self.reader.read_face(pictures[best]).vector)
        if not chosen or chosen[0] is None:
            return None
        return max((measure_distance(chosen[0], v) for v in chosen[1:] if v is not None), default=None)


def load_people(folder: Path | None, drawn: int, studio: Studio) -> dict[str, Any]:
    people: dict[str, Any] = {f"drawn {n}": moving.draw_face(n) for n in range(drawn)}
    for file in sorted(folder.glob("*.*")) if folder else ():
        picture = cv2.imread(str(file))
        if picture is not None:
            people[file.stem] = picture
    kept = {}
    for name, picture in people.items():
        face = measure_face(studio.finder, picture)
        if face.yaw is None or abs(face.yaw) > 0.3 or (face.eyes or 0) < 0.15:
            print(f"  {name}: left out, it does not look at the camera with open eyes", file=sys.stderr)
            continue
        kept[name] = moving.Puppet(picture, studio.finder.find_points(picture, studio.finder.find_faces(picture)[0]))
    return kept


def each_film(name: str, puppet: Any, other: Any, take: int, chance: np.random.Generator) -> Any:
    """Kind of film, what was asked, shots, and what is known beside them: one honest film and each attack once."""
    stage = moving.Stage(puppet, take)
    asked, _ = room.draw_challenge(int(chance.integers(1 << 62)))
    earlier, _ = room.draw_challenge(int(chance.integers(1 << 62)))
    times = stage.list_times(asked[-1].until_ms)
    rest = stage.render(moving.Pose())
    honest = stage.film(asked)
    yield "honest, hand-held", asked, honest, {}
    yield "honest, on a stand", asked, stage.film(asked, shake=0.0, noise=2.0), {}
    yield "honest, poor light", asked, stage.film(asked, noise=10.0, quality=60), {}
    yield "still photograph", asked, [moving.Shot(t, stage.shoot(rest, t)) for t in times], {}
    for kind, bend in (("print moved about", False), ("print bent", True)):
        prints = moving.each_moved_print(rest, times, take, bend=bend)
        yield (
            kind,
            asked,
            [moving.Shot(t, stage.shoot(p, t, shake=0.5)) for t, p in zip(times, prints, strict=True)],
            {},
        )
    old = stage.film(earlier)
    screen = [cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), 1) for shot in old]
    shown = [moving.Shot(t, stage.shoot(screen[min(i, len(screen) - 1)], t)) for i, t in enumerate(times)]
    yield "another sitting's film on a screen", asked, shown, {}
    yield "another sitting's frames, byte for byte", asked, old, {"frames_seen_before": len(old)}
    mixed = list(honest)
    chance.shuffle(mixed)  # type: ignore[arg-type]
    yield (
        "right frames in a wrong order",
        asked,
        [moving.Shot(t, s.jpeg) for t, s in zip(times, mixed, strict=False)],
        {},
    )
    one = stage.shoot(rest, 0)
    yield "one frame injected", asked, [moving.Shot(t, one) for t in times], {}
    yield "right film, answered at once", asked, honest, {"waited_ms": 1500}
    yield "right film, another nonce", asked, honest, {"is_nonce_ours": False}
    yield "everything all the time", asked, stage.film(asked, everything=True), {}
    swap = moving.Stage(other, take).film(asked)
    cut = asked[0].until_ms
    yield "victim's photograph, then an accomplice", asked, [
        moving.Shot(s.at_ms, stage.shoot(rest, s.at_ms) if s.at_ms < cut else s.jpeg) for s in swap], {}  # fmt: skip
    yield "animated photograph, clean", asked, stage.film(asked, shake=0.0, noise=0.0), {}
    yield "animated photograph, with noise and shake", asked, stage.film(asked), {}


def measure_films(takes: int, seed: int, folder: Path | None, drawn: int) -> None:
    studio = Studio()
    people = load_people(folder, drawn, studio)
    names = list(people)
    chance = np.random.default_rng(seed)
    told: dict[str, Counter[str]] = defaultdict(Counter)
    why: dict[str, Counter[str]] = defaultdict(Counter)
    for place, name in enumerate(names):
        other = people[names[(place + 1) % len(names)]]
        for take in range(takes):
            for kind, asked, shots, known in each_film(name, people[name], other, 100 * place + take, chance):
                judged = studio.judge(asked, shots, **known)
                told[kind][judged.verdict] += 1
                why[kind].update(sorted({reason.code for reason in judged.reasons}))
                row = {"face": name, "film": kind, "verdict": judged.verdict, "why": [r.code for r in judged.reasons]}
                print(json.dumps(row, ensure_ascii=False), file=sys.stderr)
    print(f"\nfilms: {len(names)} faces ({', '.join(names)}), {takes} takes of each kind")
    print("  share passed is the error of an attack (APCER); share not passed that of an honest film (BPCER)")
    for kind, counts in told.items():
        total = sum(counts.values())
        shares = "  ".join(f"{verdict} {counts[verdict] / total:6.1%}" for verdict in ("passed", "unsure", "failed"))
        print(f"  {kind:42} n={total:<4} {shares}   {dict(why[kind].most_common(4))}")
    print(f"  one frame measured: {1000 * float(np.median(studio.spent)):.1f} ms median of films")
    measure_faces(people, studio)


def measure_faces(people: dict[str, Any], studio: Studio) -> None:
    vectors, own = {}, []
    spent = []
    for name, puppet in people.items():
        stage = moving.Stage(puppet, 5)
        straight = stage.render(moving.Pose())
        found = []
        card = cv2.GaussianBlur(cv2.resize(puppet.picture, (270, 340)), (0, 0), 1.0)
        for picture in (straight, card, stage.render(moving.Pose(yaw=0.2)),
                        cv2.imdecode(np.frombuffer(stage.shoot(straight, 0, noise=8), np.uint8), 1)):  # fmt: skip
            start = time.perf_counter()
            vector = studio.reader.read_face(picture).vector
            spent.append(time.perf_counter() - start)
            if vector is not None:
                found.append(vector)
        vectors[name] = found[0]
        own += [measure_distance(found[0], v) for v in found[1:]]
    pairs = [(a, b) for i, a in enumerate(vectors) for b in list(vectors)[:i]]
    drawn = [
        measure_distance(vectors[a], vectors[b]) for a, b in pairs if a.startswith("drawn") and b.startswith("drawn")
    ]
    real = [
        measure_distance(vectors[a], vectors[b])
        for a, b in pairs
        if not a.startswith("drawn") and not b.startswith("drawn")
    ]
    print("\nface vectors, distances:")
    for what, found in (
        ("one face in other pictures", own),
        ("two drawn faces", drawn),
        ("two photographed faces", real),
    ):
        if found:
            verdicts = Counter(room.judge_faces(d, faces_on_paper=1, faces_in_portrait=1).verdict for d in found)
            print(f"  {what:28} n={len(found):<4} {min(found):.2f} to {max(found):.2f}   {dict(verdicts)}")
    print(
        f"  one face: {1000 * float(np.median(spent)):.0f} ms median, {1000 * max(spent):.0f} ms longest (the first loads)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=6)
    parser.add_argument("--takes", type=int, default=3)
    parser.add_argument("--drawn", type=int, default=10)
    parser.add_argument("--faces", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("papers", "likeness", "films"))
    arguments = parser.parse_args()
    print(json.dumps({name: str(value) for name, value in vars(arguments).items()}))
    if arguments.only in (None, "likeness"):
        measure_likenesses(24, arguments.seed)
    if arguments.only in (None, "films"):
        measure_films(arguments.takes, arguments.seed, arguments.faces, arguments.drawn)
    if arguments.only in (None, "papers"):
        measure_papers(arguments.papers, arguments.seed)


if __name__ == "__main__":
    main()
