// Parts that refresh themselves: only while somebody looks, and only what has changed comes back.
export function refreshQuietly(words) {
  const offline = document.querySelector(".offline");
  for (const part of document.querySelectorAll("[data-refresh]")) {
    setInterval(() => {
      if (document.hidden || part.matches(":has(dialog[open])")) return;
      window.htmx.trigger(part, "refresh");
    }, Number(part.dataset.refresh) * 1000);
  }
  document.addEventListener("htmx:configRequest", (event) => {
    const seen = event.detail.elt.dataset?.seen;
    if (seen) event.detail.parameters.seen = seen;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const mark = event.detail.xhr?.getResponseHeader("X-Seen");
    if (mark && event.detail.elt.dataset) event.detail.elt.dataset.seen = mark;
    if (event.detail.successful) offline.hidden = true;
  });
  const say = () => { offline.textContent = words.offline; offline.hidden = false; };
  document.addEventListener("htmx:sendError", say);
  document.addEventListener("htmx:timeout", say);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 409) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
}
