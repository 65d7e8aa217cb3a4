// Nothing typed is lost: each change goes to the server a moment after it was made; while that is away, it waits here.
const WAIT_MS = 700;

export function keepTyping(form, words) {
  const shown = document.querySelector('[data-kept]');
  let timer = 0; let isStopped = false; let again = 0;

  const gather = () => {
    const all = new FormData(form);
    for (const [name, value] of [...all]) if (value instanceof File) all.delete(name);
    for (const name of ['measured', 'task', 'answer', 'nonce', 'website']) all.delete(name);
    return all;
  };
  const send = async () => {
    timer = 0;
    if (isStopped) return;
    shown.textContent = words.keeping;
    try {
      const answer = await fetch(form.dataset.keep, { method: 'POST', body: gather(), keepalive: true, headers: { 'X-CSRFToken': form.elements.csrfmiddlewaretoken.value } });
      shown.textContent = answer.ok ? words.kept : '';
      again = 0;
    } catch {
      shown.textContent = words.away;
      again = Math.min(again + 1, 6);
      timer = setTimeout(send, 1000 * 2 ** again);
    }
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(send, WAIT_MS); };
  form.addEventListener('input', (event) => { if (event.target.type !== 'file') soon(); });
  addEventListener('online', () => { if (timer) soon(); });
  addEventListener('pagehide', () => { if (timer) send(); });
  for (const other of document.querySelectorAll('form[data-leave]')) {
    other.addEventListener('submit', async (event) => {
      if (!timer || other.dataset.ready) return;
      event.preventDefault();
      clearTimeout(timer); await send();
      other.dataset.ready = '1';
      other.requestSubmit(event.submitter ?? undefined);
    });
  }
  return { stop() { isStopped = true; clearTimeout(timer); }, soon };
}
