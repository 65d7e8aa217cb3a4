// Films a few seconds along the challenge's time table; without a camera, one photograph for each act.
import { shrink } from './papers.js';

const box = document.querySelector('[data-camera]');
const form = document.querySelector('form.ask');
const words = JSON.parse(box.dataset.words);
const acts = JSON.parse(box.dataset.acts);
const told = box.querySelector('[data-told]');
const video = box.querySelector('video');
const act = box.querySelector('.act');
const bar = box.querySelector('progress');
const stage = box.querySelector('.stage');
const open = box.querySelector('[data-open]');
const photos = box.querySelector('[data-photos]');
const list = box.querySelector('[data-photo-list]');
const headers = { 'X-CSRFToken': form.elements.csrfmiddlewaretoken.value };
let stream = null;

if (open) { open.hidden = false; photos.hidden = false; open.addEventListener('click', film); photos.addEventListener('click', takePhotos); }

async function film() {
  open.disabled = true; list.hidden = true;
  told.textContent = words.ask;
  if (!navigator.mediaDevices?.getUserMedia) { stop(words.none); return; }
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 640 } }, audio: false });
  } catch (fault) { stop(fault.name === 'NotFoundError' ? words.none : words.refused); return; }
  try {
    video.srcObject = stream; video.hidden = false; await video.play();
    const answer = await fetch(box.dataset.challenge, { method: 'POST', headers });
    const challenge = await answer.json();
    if (!answer.ok || !challenge.steps) { stop(challenge.words ?? words.lost); return; }
    told.textContent = '';
    const frames = await follow(challenge);
    stop(words.sending);
    await send(challenge.nonce, 'camera', frames);
  } catch { stop(words.lost); }
}

async function follow(challenge) {
  const frames = []; const canvas = document.createElement('canvas');
  const scale = Math.min(1, challenge.pixels_longest / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale); canvas.height = Math.round(video.videoHeight * scale);
  const pen = canvas.getContext('2d');
  const end = challenge.steps.at(-1).until_ms;
  const pause = Math.max(1000 / challenge.frames_per_second, end / 90);
  const begun = performance.now(); bar.hidden = false;
  for (let at = 0; at < end; at = performance.now() - begun) {
    const step = challenge.steps.find((one) => at < one.until_ms) ?? challenge.steps.at(-1);
    if (act.textContent !== acts[step.act]) act.textContent = acts[step.act];
    stage.style.setProperty('--stage', step.colour);
    bar.value = Math.round((100 * at) / end);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const taken = Math.round(performance.now() - begun);
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', 0.8); });
    if (blob && frames.length < 94) frames.push([frames.length ? taken : 0, blob]);
    const rest = pause - (performance.now() - begun - taken);
    if (rest > 0) await new Promise((resolve) => { setTimeout(resolve, rest); });
  }
  return frames;
}

function stop(said) {
  stream?.getTracks().forEach((track) => track.stop()); stream = null;
  video.hidden = true; video.srcObject = null; bar.hidden = true; act.textContent = ''; stage.style.removeProperty('--stage');
  told.textContent = said; open.disabled = false;
}

async function send(nonce, source, frames) {
  const body = new FormData();
  body.append('nonce', nonce); body.append('source', source); body.append('at_ms', JSON.stringify(frames.map(([at]) => at)));
  for (const [, blob] of frames) body.append('frame', blob, 'frame.jpg');
  try {
    const answer = await fetch(box.dataset.frames, { method: 'POST', body, headers });
    const said = await answer.json();
    told.textContent = said.words;
    if (answer.ok) {
      box.dataset.done = ''; list.hidden = true;
      open.hidden = said.state === 'passed' || said.state === 'kept'; photos.hidden = open.hidden;
      open.classList.remove('main');
      for (const other of form.querySelectorAll('[name=way][value=person]')) other.hidden = open.hidden;
    }
    open.textContent = words.again;
  } catch { told.textContent = words.lost; open.textContent = words.again; }
}

async function takePhotos() {
  const answer = await fetch(box.dataset.challenge, { method: 'POST', headers });
  const challenge = await answer.json();
  if (!challenge.steps) { told.textContent = challenge.words; return; }
  list.replaceChildren(); list.hidden = false; told.textContent = '';
  const taken = new Map();
  challenge.steps.forEach((step, place) => {
    const label = document.createElement('label');
    const field = document.createElement('input');
    field.type = 'file'; field.accept = 'image/*'; field.capture = 'user';
    label.append(`${place + 1}. ${acts[step.act]}`, field);
    list.append(label);
    field.addEventListener('change', async () => {
      if (!field.files[0]) return;
      taken.set(place, await shrink(field.files[0], challenge.pixels_longest));
      if (taken.size === challenge.steps.length) {
        told.textContent = words.sending;
        await send(challenge.nonce, 'files', challenge.steps.map((_, at) => [at * 1000, taken.get(at)]));
      }
    });
  });
}
