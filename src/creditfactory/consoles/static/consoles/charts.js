// Charts in the page's own theme, drawn again when it changes; evaluated without eval, as the content policy asks.
const isDark = () => {
  const theme = document.documentElement.dataset.theme;
  return theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
};

async function draw(place) {
  const url = new URL(place.dataset.chart, location.href);
  url.searchParams.set("theme", isDark() ? "dark" : "light");
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const spec = await answer.json();
    place.replaceChildren();
    await window.vegaEmbed(place, spec, { ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true } });
  } catch (error) {
    place.dataset.failed = String(error);
    for (const table of place.parentElement.querySelectorAll("details")) table.open = true;
    place.replaceChildren();
  }
}

const drawAll = () => { for (const place of document.querySelectorAll("[data-chart]")) draw(place); };
drawAll();
document.addEventListener("theme", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
