// Has a worker do the page's piece of work while the form is being filled in.
export function workAhead(form) {
  let tookMs = null; let isOpen = false;
  const idle = { done: Promise.resolve(), isOpen: () => false, tookMs: () => tookMs };
  if (!form.dataset.worker || !globalThis.crypto?.subtle || !globalThis.Worker) return idle;
  isOpen = true;
  const done = new Promise((resolve) => {
    const end = () => { isOpen = false; resolve(); };
    try {
      const worker = new Worker(form.dataset.worker, { type: 'module' });
      worker.onmessage = ({ data }) => {
        form.elements.answer.value = data.answer; tookMs = data.ms; worker.terminate(); end();
      };
      worker.onerror = end;
      worker.postMessage({ task: form.elements.task.value, bits: Number(form.elements.task.value.split('.')[2]) });
    } catch { end(); }
  });
  return { done, isOpen: () => isOpen, tookMs: () => tookMs };
}
