// Nothing typed is lost: long forms are kept on this machine until they are sent, and cleared at sign-out.
const NAME = "draft:";

const fields = (form) => [...form.elements].filter((e) => e.name && !["hidden", "submit", "file", "password"].includes(e.type));

function read(form) {
  const kept = {};
  for (const field of fields(form)) {
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) (kept[field.name] ||= []).push(field.value);
    } else if (field.value) kept[field.name] = field.value;
  }
  return kept;
}

function write(form, kept) {
  for (const field of fields(form)) {
    const value = kept[field.name];
    if (field.type === "checkbox" || field.type === "radio") field.checked = Array.isArray(value) && value.includes(field.value);
    else if (value !== undefined) field.value = value;
  }
}

export function keepDrafts(words) {
  for (const done of document.querySelectorAll("[data-draft-done]")) localStorage.removeItem(NAME + done.dataset.draftDone);
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = NAME + form.dataset.draft;
    const kept = JSON.parse(localStorage.getItem(key) || "null");
    if (kept && !form.dataset.bound && JSON.stringify(kept) !== JSON.stringify(read(form))) {
      write(form, kept);
      const note = form.querySelector("[data-draft-note]");
      if (note) { note.textContent = words.draft; note.hidden = false; }
    }
    form.addEventListener("input", () => localStorage.setItem(key, JSON.stringify(read(form))));
  }
  for (const form of document.querySelectorAll("form[data-clear-drafts]")) {
    form.addEventListener("submit", () => {
      for (const key of Object.keys(localStorage)) if (key.startsWith(NAME)) localStorage.removeItem(key);
    });
  }
}
