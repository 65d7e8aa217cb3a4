// Looks for the number whose hash with the task begins with so many zero bits.
const BATCH = 128;
const encoder = new TextEncoder();

const hasZeros = (digest, bits) => {
  const bytes = new Uint8Array(digest);
  let left = bits;
  for (const byte of bytes) {
    if (left <= 0) return true;
    if (left < 8) return byte >> (8 - left) === 0;
    if (byte !== 0) return false;
    left -= 8;
  }
  return true;
};

addEventListener('message', async ({ data: { task, bits } }) => {
  const begun = performance.now();
  for (let from = 0; ; from += BATCH) {
    const tries = Array.from({ length: BATCH }, (_, i) => crypto.subtle.digest('SHA-256', encoder.encode(`${task}:${from + i}`)));
    const found = (await Promise.all(tries)).findIndex((digest) => hasZeros(digest, bits));
    if (found >= 0) {
      postMessage({ answer: String(from + found), ms: Math.round(performance.now() - begun) });
      return;
    }
  }
});
