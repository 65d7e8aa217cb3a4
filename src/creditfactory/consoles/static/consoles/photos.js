// Photos of a site visit: each is noted with its fingerprint, the instant it was taken, and how far from the address.
// The pictures themselves stay on the device that took them; what is handed in is what can be checked later.
const METRES = 111_320;

const distance = (place, at) => {
  const slant = Math.cos((place[0] * Math.PI) / 180);
  return Math.round(METRES * Math.hypot(at.latitude - place[0], (at.longitude - place[1]) * slant));
};

const locate = () => new Promise((tell) => {
  if (!navigator.geolocation) return tell(null);
  navigator.geolocation.getCurrentPosition((found) => tell(found.coords), () => tell(null), { timeout: 10_000 });
});

const fingerprint = async (file) => {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

export function notePhotos(words) {
  for (const held of document.querySelectorAll("input[data-photos]")) {
    const form = held.form;
    const place = (form.dataset.place || "").split(",").map(Number);
    const known = place.length === 2 && place.every(Number.isFinite);
    const picker = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", multiple: true, id: held.id + "_files" });
    picker.setAttribute("capture", "environment");
    const list = document.createElement("ol");
    list.className = "small";
    const label = held.parentElement.querySelector("label");
    if (label) label.htmlFor = picker.id;
    held.after(picker, list);
    const marks = held.value ? JSON.parse(held.value) : [];
    const show = () => {
      list.replaceChildren(...marks.map((mark) => {
        const line = document.createElement("li");
        const far = mark.distance_m === null ? words.place : `${mark.distance_m} m`;
        line.textContent = `${new Date(mark.taken_at).toLocaleString()} · ${far} · ${mark.digest.slice(0, 8)}`;
        return line;
      }));
      held.value = JSON.stringify(marks);
      const count = form.elements.photos;
      if (count && Number(count.value || 0) < marks.length) count.value = marks.length;
      held.dispatchEvent(new Event("input", { bubbles: true }));
    };
    picker.addEventListener("change", async () => {
      const at = await locate();
      for (const file of picker.files) {
        marks.push({
          what: file.name.slice(0, 40),
          digest: await fingerprint(file),
          taken_at: new Date(file.lastModified).toISOString(),
          distance_m: known && at ? distance(place, at) : null,
        });
      }
      picker.value = "";
      show();
    });
    if (marks.length) show();
  }
}
