// Cuts on a histogram: dragged, moved by arrows, made by a click; the server works out the effect from counts.
const told = () => document.querySelector("#cut-told");
const part = () => document.querySelector("#tuned");
const starts = () => part().dataset.starts.split(",").map(Number);
const count = () => Number(part().dataset.count);
const nameOf = (at) => part().querySelector("[data-picture]").dataset.cuts.split("|")[at - 1] ?? "";
const address = (list) => `${part().dataset.address}?starts=${list.join(",")}&shape=${part().dataset.shape}`;
let dragged = null, asking = 0;

async function show(list, focus) {
  const url = address(list);
  await window.htmx.ajax("GET", url, { source: part(), target: "#tuned", swap: "outerHTML" });
  history.replaceState(history.state, "", url);
  if (focus) document.getElementById(focus)?.focus();
}

function place(handle, at) {
  const x = `${(at * 100) / count()}%`;
  for (const line of handle.querySelectorAll("line")) { line.setAttribute("x1", x); line.setAttribute("x2", x); }
  handle.querySelector("circle").setAttribute("cx", x);
  handle.querySelector("text").setAttribute("x", x);
  handle.querySelector("text").textContent = nameOf(at);
  handle.setAttribute("aria-valuenow", at);
  handle.setAttribute("aria-valuetext", nameOf(at));
  told().textContent = nameOf(at);
}

const moved = (handle, at) => starts().map((start, i) => (i === Number(handle.dataset.place) ? at : start));
const bound = (handle, at) => Math.min(Number(handle.getAttribute("aria-valuemax")), Math.max(Number(handle.getAttribute("aria-valuemin")), at));

function nearest(event) {
  const box = part().querySelector("[data-picture]").getBoundingClientRect();
  return Math.round(((event.clientX - box.left) / box.width) * count());
}

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest?.("#tuned .cut");
  if (!handle || event.button) return;
  event.preventDefault();
  handle.focus();
  handle.setPointerCapture(event.pointerId);
  handle.classList.add("moving");
  dragged = { handle, at: Number(handle.getAttribute("aria-valuenow")), from: Number(handle.getAttribute("aria-valuenow")) };
});

document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const at = bound(dragged.handle, nearest(event));
  if (at === dragged.at) return;
  dragged.at = at;
  place(dragged.handle, at);
  clearTimeout(asking);
  asking = setTimeout(() => dragged && window.htmx.ajax("GET", address(moved(dragged.handle, dragged.at)), {
    source: "#tuned-figures", target: "#tuned-figures", select: "#tuned-figures", swap: "outerHTML",
  }), 60);
});

for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, () => {
    if (!dragged) return;
    const { handle, at, from } = dragged;
    dragged = null;
    clearTimeout(asking);
    handle.classList.remove("moving");
    if (at !== from) show(moved(handle, at), handle.id);
  });
}

document.addEventListener("click", (event) => {
  const picture = event.target.closest?.("#tuned [data-picture]");
  if (!picture || event.target.closest(".cut")) return;
  const at = nearest(event), now = starts();
  if (at < 1 || at >= count() || now.includes(at)) return;
  const list = [...now, at].sort((a, b) => a - b);
  show(list, `cut-${list.indexOf(at)}`);
});

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("#tuned .cut");
  if (!handle || event.ctrlKey || event.altKey || event.metaKey) return;
  const now = Number(handle.getAttribute("aria-valuenow"));
  const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -count(), End: count() }[event.key];
  if (step) {
    event.preventDefault();
    const at = bound(handle, now + step);
    if (at === now) return;
    place(handle, at);
    show(moved(handle, at), handle.id);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    show(starts().filter((start) => start !== now), "cut-1");
  }
});
