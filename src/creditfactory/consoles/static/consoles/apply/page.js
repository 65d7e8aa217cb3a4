// One step of the borrower's page: what is typed is kept as it is typed, what hands do is counted, the work is shown.
import { watchHands } from './hands.js';
import { keepTyping } from './keeping.js';
import { sendPapers } from './papers.js';
import { workAhead } from './proof.js';

const form = document.querySelector('form.ask');
if (form) {
  form.classList.add('scripted');
  const words = JSON.parse(form.dataset.words);
  const hands = watchHands(form);
  const keeping = keepTyping(form, words);
  const work = workAhead(form);
  sendPapers(form, keeping);
  for (const button of form.querySelectorAll('[data-take]')) {
    button.addEventListener('click', () => {
      const field = form.elements[button.closest('[data-read]').dataset.read];
      field.value = button.dataset.take;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      button.closest('[data-read]').hidden = true;
    });
  }
  form.addEventListener('submit', async (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    if (work.isOpen()) {
      event.preventDefault();
      const button = event.submitter;
      const said = button?.textContent;
      if (button) button.textContent = words.moment;
      await work.done;
      if (button) button.textContent = said;
      delete form.dataset.sent;
      form.requestSubmit(button ?? undefined);
      return;
    }
    keeping.stop();
    form.elements.measured.value = JSON.stringify({ ...hands.tell(), proof_ms: work.tookMs() });
  });
  addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  (document.querySelector('[aria-invalid=true]') ?? document.querySelector('[data-first]'))?.focus();
}
document.querySelector('[data-link]')?.addEventListener('focus', (event) => event.target.select());
