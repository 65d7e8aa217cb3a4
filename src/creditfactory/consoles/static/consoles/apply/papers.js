// A chosen photograph goes to the server at once, made smaller, and what was read of it is offered at the fields.
const LONGEST = 1600;

export async function shrink(file, longest = LONGEST) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale); canvas.height = Math.round(picture.height * scale);
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => { canvas.toBlob((blob) => resolve(blob ?? file), 'image/jpeg', 0.85); });
  } catch { return file; }
}

export function sendPapers(form) {
  for (const box of form.querySelectorAll('[data-paper]')) {
    const field = box.querySelector('input[type=file]');
    const told = box.querySelector('[data-told]');
    field.addEventListener('change', async () => {
      const file = field.files[0];
      if (!file) return;
      const words = JSON.parse(form.dataset.words);
      told.textContent = words.moment;
      box.querySelector('[data-fault]')?.remove();
      const small = await shrink(file);
      const body = new FormData();
      body.append('picture', small, 'paper.jpg');
      try {
        const answer = await fetch(box.dataset.to, { method: 'POST', body, headers: { 'X-CSRFToken': form.elements.csrfmiddlewaretoken.value } });
        const said = await answer.json();
        told.textContent = said.words;
        box.classList.toggle('has', answer.ok); box.classList.toggle('wrong', !answer.ok);
        if (!answer.ok) return;
        field.value = '';
        const image = box.querySelector('img');
        image.src = URL.createObjectURL(small); image.hidden = false;
        box.querySelector('svg').style.display = 'none';
        for (const [name, found] of Object.entries(said.fields ?? {})) offer(form, name, found.text);
      } catch { told.textContent = words.away; }
    });
  }
}

function offer(form, name, text) {
  const field = form.elements[name];
  if (!field || !text) return;
  if (!field.value) { field.value = text; field.dispatchEvent(new Event('input', { bubbles: true })); return; }
  const hint = form.querySelector(`[data-read="${name}"]`);
  if (!hint || field.value === text) { if (hint) hint.hidden = true; return; }
  hint.querySelector('b').textContent = text; hint.querySelector('[data-take]').dataset.take = text; hint.hidden = false;
}
