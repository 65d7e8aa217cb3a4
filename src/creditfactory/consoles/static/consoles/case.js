// The pages of one case: p prints, 1 to 4 go between them, a box of the flow opens its step.
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");
const help = document.getElementById("help");

function openStep(id) {
  const step = document.getElementById(id);
  if (!step) return;
  if (step.tagName === "DETAILS") step.open = true;
  step.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  step.querySelector("summary")?.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const box = event.target.closest("a[href^='#step-']");
  if (box) {
    event.preventDefault();
    const id = box.getAttribute("href").slice(1);
    history.replaceState(null, "", `#${id}`);
    openStep(id);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help?.open || isTyping(event.target)) return;
  const tab = [...document.querySelectorAll("[data-case-tabs] a")][Number(event.key) - 1];
  if (tab && /^[1-9]$/.test(event.key)) {
    event.preventDefault();
    location.assign(tab.href);
  }
  if (event.key === "p" && document.querySelector("[data-print]")) {
    event.preventDefault();
    window.print();
  }
});

addEventListener("beforeprint", () => { for (const part of document.querySelectorAll("details[data-print-open]")) part.open = true; });
const openNamed = () => { if (location.hash.startsWith("#step-")) openStep(location.hash.slice(1)); };
addEventListener("hashchange", openNamed);
openNamed();
