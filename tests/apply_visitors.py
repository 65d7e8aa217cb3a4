"""Visitors at the borrower's page in a real browser: somebody with hands, and programs of several makes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.apply_door import FACTS, FIRM, JPEG

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
CONSENTS = ("privacy", "bureau", "automated_decision", "third_party")


class Hands:
    """Somebody at a browser; ``hurry`` 1.0 is a person's pace, and each has a rhythm of their own.

    What a person does is played by the browser's own input, so that the page sees true events: keys with uneven gaps,
    a pointer on curves with pauses before a click, a slip now and then.
    """

    def __init__(self, page: Any, address: str, *, seed: int, is_even: bool = False, scale: float = 1.0) -> None:
        self.page, self.address, self.chance = page, address, random.Random(seed)
        self.pace = 110.0 if is_even else self.chance.uniform(60, 160) * scale
        self.is_even, self.scale = is_even, scale
        self.x, self.y = 200.0, 200.0
        self.link = ""

    def rest(self, low: float, high: float) -> None:
        self.page.wait_for_timeout(self.chance.uniform(low, high) * self.scale)

    def reach(self, selector: str) -> None:
        """Move to the middle of a thing on a curve, rest a moment, press."""
        found = self.page.locator(selector).first
        found.scroll_into_view_if_needed()
        box = found.bounding_box()
        assert box is not None, f"{selector} is not to be seen"
        to_x = box["x"] + min(box["width"] * self.chance.uniform(0.3, 0.7), 200)
        to_y = box["y"] + box["height"] * self.chance.uniform(0.3, 0.7)
        bend_x, bend_y = self.chance.uniform(-60, 60), self.chance.uniform(-60, 60)
        steps = self.chance.randint(12, 24)
        from_x, from_y = self.x, self.y
        for step in range(1, steps + 1):
            t = step / steps
            t = t * t * (3 - 2 * t)
            bow = 4 * t * (1 - t)
            x = from_x + (to_x - from_x) * t + bend_x * bow + self.chance.uniform(-1.5, 1.5)
            y = from_y + (to_y - from_y) * t + bend_y * bow + self.chance.uniform(-1.5, 1.5)
            self.page.mouse.move(x, y)
        self.x, self.y = to_x, to_y
        self.rest(90, 320)
        self.page.mouse.down()
        self.page.mouse.up()

    def type(self, selector: str, text: str) -> None:
        self.reach(selector)
        for sign in text:
            if not self.is_even and self.chance.random() < 0.02 and sign.isdigit():
                self.page.keyboard.type(self.chance.choice("0123456789"))
                self.rest(180, 400)
                self.page.keyboard.press("Backspace")
            self.page.keyboard.type(sign)
            gap = self.pace if self.is_even else self.chance.lognormvariate(0, 0.45) * self.pace
            self.page.wait_for_timeout(min(gap, 900))
        self.rest(150, 700)

    def choose(self, selector: str, value: str) -> None:
        self.reach(selector)
        self.page.keyboard.press("Escape")
        self.page.select_option(selector, value)
        self.rest(200, 800)

    def begin(self) -> None:
        self.page.goto(f"{self.address}/apply/")
        self.rest(300, 900)
        self.reach("button.wide")
        self.page.wait_for_url("**/facts/")
        self.link = self.page.url.split("/")[4]

    def onward(self, step: str) -> None:
        self.reach(".onward button.main")
        self.page.wait_for_url(f"**/{step}/")

    def facts(self, **changed: str) -> None:
        for name, text in {**FACTS, **changed}.items():
            if name == "firm_city":
                self.choose("#f_firm_city", text)
            else:
                self.type(f"#f_{name}", text)
        self.onward("consents")

    def consents(self, face: str = "camera") -> None:
        for kind in CONSENTS:
            self.reach(f"[name=consent_{kind}]")
        self.reach(f"[name=face][value={face}]")
        self.onward("papers")

    def papers(self, folder: Path) -> None:
        for kind in ("id_card_front", "id_card_back", "licence"):
            file = folder / f"{kind}-{self.chance.random()}.jpg"
            file.write_bytes(JPEG + str(file).encode())
            self.page.set_input_files(f"#p_{kind}", str(file))
            self.page.wait_for_selector(f"[data-paper={kind}].has")
        self.onward("camera")

    def camera(self) -> None:
        self.reach("[data-open]")
        self.page.wait_for_selector("[data-camera][data-done]", timeout=60_000)
        self.onward("firm")

    def firm(self, **changed: str) -> None:
        for name, text in {**FIRM, **changed}.items():
            if name in ("role", "industry", "home_city", "education", "term", "purpose"):
                self.choose(f"#f_{name}", text)
            elif name == "owns_home":
                self.reach(f"[name=owns_home][value={text}]")
            elif name == "opened_on":
                self.page.fill("#f_opened_on", text)
            else:
                self.type(f"#f_{name}", text)
        self.onward("offer")

    def hand_in(self) -> None:
        self.onward("status")

    def apply(self, folder: Path, *, face: str = "camera", **facts: str) -> None:
        """The whole way."""
        self.begin()
        self.facts(**facts)
        self.consents(face)
        self.papers(folder)
        if face == "camera":
            self.camera()
        else:
            self.onward("firm")
        self.firm()
        self.hand_in()
