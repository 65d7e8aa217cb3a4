// Counts what hands do on the page: times between keys, the pointer's path, touches, pastes. Never what was typed.
import { readMarks } from './marks.js';

const MOST = 290;

export function watchHands(form) {
  const counts = { pastes: 0, corrections: 0, focus_losses: 0, keys: 0, touches: 0, scrolls: 0, tilt_changes: 0, autofilled: 0, moves: 0 };
  const gaps = []; const strokes = []; const pauses = []; const fieldMs = new Map();
  let lastKey = 0; let lastMove = 0; let stroke = []; let points = 0; let entered = 0; let current = null; let tilt = null;
  let keysSinceInput = 0;

  const onKey = (event) => {
    if (!event.isTrusted || event.repeat) return;
    counts.keys += 1; keysSinceInput += 1;
    if (event.key === 'Backspace' || event.key === 'Delete') counts.corrections += 1;
    if (lastKey && gaps.length < MOST) gaps.push(Math.round(event.timeStamp - lastKey));
    lastKey = event.timeStamp;
  };
  const onInput = (event) => {
    if (!event.isTrusted) return;
    const kind = event.inputType ?? '';
    if (kind === 'insertFromPaste') counts.pastes += 1;
    else if (!kind && event.target.matches('input:not([type=radio]):not([type=checkbox]):not([type=file]):not([type=date])')) counts.autofilled += 1;
    else if (kind === 'insertReplacementText') counts.autofilled += 1;
    else if (keysSinceInput === 0 && kind === 'insertText' && (event.data?.length ?? 0) > 3) counts.autofilled += 1;
    else if (keysSinceInput === 0 && kind.startsWith('insert')) {  // a screen keyboard that sends no keys
      counts.keys += 1;
      if (lastKey && gaps.length < MOST) gaps.push(Math.round(event.timeStamp - lastKey));
      lastKey = event.timeStamp;
    }
    if (kind.startsWith('delete') && keysSinceInput === 0) counts.corrections += 1;
    keysSinceInput = 0;
  };
  const endStroke = () => { if (stroke.length > 1) strokes.push(stroke); stroke = []; };
  const onMove = (event) => {
    if (!event.isTrusted || event.pointerType === 'touch') return;
    counts.moves += 1;
    if (event.timeStamp - lastMove > 120) endStroke();
    lastMove = event.timeStamp;
    if (points < MOST) { stroke.push([Math.round(event.clientX), Math.round(event.clientY)]); points += 1; }
  };
  const onDown = (event) => {
    if (!event.isTrusted) return;
    if (event.pointerType === 'touch') { counts.touches += 1; return; }
    if (lastMove && pauses.length < 60) pauses.push(Math.round(event.timeStamp - lastMove));
    endStroke();
  };
  const leave = () => {
    if (current) fieldMs.set(current, (fieldMs.get(current) ?? 0) + Math.round(performance.now() - entered));
    current = null;
  };
  form.addEventListener('keydown', onKey, true);
  form.addEventListener('input', onInput, true);
  form.addEventListener('focusin', (event) => { leave(); current = event.target.name || null; entered = performance.now(); });
  form.addEventListener('focusout', leave);
  addEventListener('pointermove', onMove, { passive: true });
  addEventListener('pointerdown', onDown, { passive: true });
  addEventListener('scroll', () => { counts.scrolls = Math.min(counts.scrolls + 1, 9999); }, { passive: true });
  addEventListener('blur', () => { counts.focus_losses += 1; });
  addEventListener('deviceorientation', (event) => {
    const now = Math.round((event.beta ?? 0) + (event.gamma ?? 0));
    if (tilt !== null && now !== tilt) counts.tilt_changes = Math.min(counts.tilt_changes + 1, 9999);
    tilt = now;
  }, { passive: true });

  return {
    tell() {
      leave(); endStroke();
      const asked = [...fieldMs].filter(([name]) => form.elements[name]?.type !== 'hidden').map(([, ms]) => ms);
      return { ...counts, gaps, strokes, pauses: pauses, field_ms: asked.slice(0, 30), marks: readMarks() };
    },
  };
}
