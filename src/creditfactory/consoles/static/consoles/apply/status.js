// The standing refreshes by itself while the page is looked at.
const PAUSE_MS = 5000;

setInterval(async () => {
  const here = document.querySelector('[data-refresh]');
  if (document.hidden || !here || document.activeElement?.matches('textarea, input')) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const standing = fresh.querySelector('[data-refresh]');
    if (standing && standing.innerHTML !== here.innerHTML) document.querySelector('main').innerHTML = fresh.querySelector('main').innerHTML;
  } catch { /* the next look may find the way again */ }
}, PAUSE_MS);
