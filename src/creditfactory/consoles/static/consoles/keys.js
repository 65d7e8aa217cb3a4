// Keys: rows by j and k, c claims, Enter opens, n takes the next, / finds, ? shows them all. The place is kept.
const PLACE = `place:${location.pathname}`;

const rows = () => [...document.querySelectorAll("[data-row]")];
const current = () => document.querySelector("[data-row].here");
const isTyping = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

function stand(row, { scroll = true } = {}) {
  current()?.classList.remove("here");
  current()?.removeAttribute("aria-current");
  if (!row) return;
  row.classList.add("here");
  row.setAttribute("aria-current", "true");
  sessionStorage.setItem(PLACE, JSON.stringify({ id: row.id, index: rows().indexOf(row) }));
  if (scroll) row.scrollIntoView({ block: "nearest" });
}

function standWhereLeft() {
  if (current()) return;
  const kept = JSON.parse(sessionStorage.getItem(PLACE) || "null");
  if (!kept) return;
  const all = rows();
  const row = document.getElementById(kept.id) || all[Math.min(kept.index, all.length - 1)];
  if (row) stand(row, { scroll: false });
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const index = all.indexOf(current());
  stand(all[index < 0 ? 0 : Math.min(all.length - 1, Math.max(0, index + step))]);
}

const goes = { l: "/", w: "/work/", c: "/cases/" };

export function watchKeys() {
  let wentTo = 0;
  const help = document.getElementById("help");
  const acts = {
    j: () => move(1),
    k: () => move(-1),
    c: () => (rows().length ? current() : document.querySelector("main"))?.querySelector("[data-claim]")?.click(),
    n: () => document.querySelector("[data-next]")?.click(),
    "/": () => {
      const field = document.querySelector("[data-find]");
      if (field) { field.focus(); field.select(); } else location.assign("/cases/");
    },
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "Enter") {
      const open = current()?.dataset.open;
      if (open && !event.target.closest("a, button, summary, input")) location.assign(open);
      return;
    }
    if (wentTo && performance.now() - wentTo < 1200 && goes[event.key]) {
      wentTo = 0;
      event.preventDefault();
      location.assign(goes[event.key]);
      return;
    }
    wentTo = event.key === "g" ? performance.now() : 0;
    const act = acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) help.showModal();
    const row = event.target.closest("[data-row]");
    if (row) stand(row, { scroll: false });
  });
  document.addEventListener("htmx:afterSettle", standWhereLeft);
  standWhereLeft();
}
