// The factory's own clock and the countdowns, by the factory's time: it may run faster than ours.
const started = performance.now();

function spanText(ms, words) {
  const fill = (name, n) => words[name].replace("{n}", n);
  const minutes = Math.round(ms / 60000);
  if (ms < 90000) return fill("s", Math.round(ms / 1000));
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (d >= 3) return fill("d", d);
  return [["d", d], ["h", h], ["min", m]].filter(([, n]) => n).slice(0, 2).map(([name, n]) => fill(name, n)).join(" ");
}

export function runClocks(words) {
  const { now, speed, offset } = document.body.dataset;
  if (!now) return;
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
  const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const tick = () => {
    const at = Number(now) + (performance.now() - started) * Number(speed);
    for (const element of document.querySelectorAll("[data-clock]")) put(element, time.format(at + Number(offset) * 60000));
    for (const element of document.querySelectorAll("[data-due]")) {
      const left = Number(element.dataset.due) - at;
      const state = left < 0 ? "bad" : left < 900000 ? "warn" : "good";
      put(element, left < 0 ? words.late.replace("{span}", spanText(-left, words)) : spanText(left, words));
      if (!element.classList.contains(state)) {
        element.classList.remove("bad", "warn", "good");
        element.classList.add(state);
      }
    }
  };
  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSwap", tick);
}
