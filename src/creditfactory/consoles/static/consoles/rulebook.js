// The rulebook's pages: 1 to 5 go between a version's pages, d compares, p prints; a link into the book opens its entry.
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

function openEntry() {
  const entry = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (entry && entry.tagName === "DETAILS") { entry.open = true; entry.scrollIntoView({ block: "start" }); }
}

document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });
document.addEventListener("keydown", (event) => {
  const help = document.getElementById("help");
  if (event.ctrlKey || event.metaKey || event.altKey || help?.open || isTyping(event.target)) return;
  const goal = /^[1-9]$/.test(event.key) ? document.querySelectorAll("[data-case-tabs] a")[Number(event.key) - 1]
    : document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (goal) { event.preventDefault(); goal.click(); }
  if (event.key === "p" && document.querySelector("[data-print]")) { event.preventDefault(); window.print(); }
});
addEventListener("hashchange", openEntry);
document.addEventListener("htmx:afterSettle", openEntry);
addEventListener("beforeprint", () => { for (const part of document.querySelectorAll("details[data-print-open]")) part.open = true; });
openEntry();
