// The theme changes at once; the cookie lets the server write the next page in it.
const after = { auto: "dark", dark: "light", light: "auto" };

export function chooseTheme() {
  for (const form of document.querySelectorAll("[data-theme-form]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      const theme = button.value;
      document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
      document.documentElement.dataset.theme = theme;
      button.value = after[theme];
      document.dispatchEvent(new CustomEvent("theme", { detail: theme }));
    });
  }
}
