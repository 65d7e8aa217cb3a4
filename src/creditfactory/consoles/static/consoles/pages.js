// What the pages do beyond HTML: keys, countdowns, quiet refreshes, drafts, theme. Each part minds its own business.
import { watchKeys } from "./keys.js";
import { runClocks } from "./clocks.js";
import { refreshQuietly } from "./refresh.js";
import { keepDrafts } from "./drafts.js";
import { notePhotos } from "./photos.js";
import { chooseTheme } from "./theme.js";

const words = JSON.parse(document.body.dataset.words || "{}");

watchKeys();
runClocks(words);
refreshQuietly(words);
keepDrafts(words);
notePhotos(words);
chooseTheme();

for (const field of document.querySelectorAll("[data-submit]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}
document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy && navigator.clipboard) navigator.clipboard.writeText(copy.dataset.copy);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
