// A decision table as a grid: cells are inputs, so that without this file the same form works with its buttons.
const form = document.querySelector("[data-grid]");
const words = JSON.parse(form.dataset.words);
const body = form.querySelector("[data-rows]");
const blank = form.querySelector("[data-blank]").content.firstElementChild;
const stateText = form.querySelector("[data-state]");
const stale = document.querySelector("[data-stale]");
const isReadonly = "readonly" in form.dataset;
const isAutosaved = "autosave" in form.dataset;
const width = blank.querySelectorAll("input").length;
const key = form.dataset.key;
let revision = Number(form.dataset.revision), seen = form.dataset.seen;
let timer = 0, saving = null, entered = "", theirs = null, isLeaving = false;

const inputs = (tr) => [...tr.querySelectorAll("input")];
const readRows = () => [...body.rows].map((tr) => inputs(tr).map((input) => input.value));
const filled = (rows) => rows.filter((row) => row.some((cell) => cell.trim()));
const say = (text) => { if (stateText) stateText.textContent = text; };
const at = (input) => [input.closest("tr").sectionRowIndex, inputs(input.closest("tr")).indexOf(input)];

// what was: every state of the cells, to go back to
let past = [readRows()], now = 0, kept = JSON.stringify(filled(past[0]));

function showHistory() {
  for (const [name, can] of [["undo", now > 0], ["redo", now < past.length - 1]]) {
    const button = form.querySelector(`[data-act=${name}]`);
    if (button) { button.disabled = !can; button.hidden = false; }
  }
}

function commit() {
  const rows = readRows();
  if (JSON.stringify(rows) === JSON.stringify(past[now])) return;
  past = [...past.slice(Math.max(0, now - 199), now + 1), rows];
  now = past.length - 1;
  showHistory();
  changed();
}

function changed() {
  const rows = filled(readRows());
  if (JSON.stringify(rows) === kept) localStorage.removeItem(key);
  else { localStorage.setItem(key, JSON.stringify({ rows, seen })); say(words.typing); }
  clearTimeout(timer);
  timer = setTimeout(isAutosaved ? save : check, isAutosaved ? 1200 : 350);
}

function writeRows(rows, focus) {
  while (body.rows.length > rows.length) body.deleteRow(-1);
  while (body.rows.length < rows.length) body.append(blank.cloneNode(true));
  rows.forEach((row, r) => inputs(body.rows[r]).forEach((input, c) => { if (input.value !== row[c]) input.value = row[c] ?? ""; }));
  number();
  if (focus) go(...focus);
}

function number() {
  [...body.rows].forEach((tr, r) => {
    tr.querySelector("[data-at]").textContent = r + 1;
    inputs(tr).forEach((input, c) => { input.name = `c-${r}-${c}`; });
  });
  form.querySelector("[data-count]").value = body.rows.length;
}

function go(row, column) {
  const tr = body.rows[Math.max(0, Math.min(body.rows.length - 1, row))];
  const input = tr && inputs(tr)[Math.max(0, Math.min(width - 1, column))];
  if (!input) return;
  input.focus();
  input.select();
}

function travel(step) {
  commit();
  if (!past[now + step]) return;
  const spot = document.activeElement.closest?.("[data-rows]") ? at(document.activeElement) : null;
  now += step;
  writeRows(past[now], spot);
  showHistory();
  changed();
  say(step < 0 ? words.undone : words.redone);
}

function changeRow(act, row, column = 0) {
  commit();
  const rows = readRows(), empty = Array(width).fill("");
  let goal = row;
  if (act === "add") { rows.push(empty); goal = rows.length - 1; }
  if (act === "insert") { rows.splice(row + 1, 0, empty); goal = row + 1; }
  if (act === "remove") rows.splice(row, 1);
  if (act === "up" && row > 0) { [rows[row - 1], rows[row]] = [rows[row], rows[row - 1]]; goal = row - 1; }
  if (act === "down" && row < rows.length - 1) { [rows[row + 1], rows[row]] = [rows[row], rows[row + 1]]; goal = row + 1; }
  writeRows(rows, [goal, column]);
  commit();
}

// a block from a spreadsheet: tabs between cells, line ends between rows, quotes around what holds either
function readBlock(text) {
  const rows = [[""]];
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i], row = rows[rows.length - 1], last = row.length - 1;
    if (isQuoted) {
      if (letter === '"' && text[i + 1] === '"') { row[last] += '"'; i++; }
      else if (letter === '"') isQuoted = false;
      else row[last] += letter;
    } else if (letter === '"' && row[last] === "" && /"[^"]*(""[^"]*)*"(\t|\r?\n|$)/y.test(text.slice(i))) {
      const end = text.slice(i).match(/^"((?:[^"]|"")*)"(?=\t|\r?\n|$)/);
      // a quoted word of the language ("A") stays as it is; Excel's own quotes enclose tabs, line ends or doubled quotes
      if (end && /[\t\n]|""/.test(end[1])) isQuoted = true; else row[last] += letter;
    } else if (letter === "\t") row.push("");
    else if (letter === "\n") rows.push([""]);
    else if (letter !== "\r") row[last] += letter;
  }
  if (rows.length > 1 && rows[rows.length - 1].join("") === "") rows.pop();
  return rows.map((row) => row.map((cell) => cell.replace(/\s+/g, " ").trim()));
}

function paste(block, row, column) {
  const rows = readRows();
  let cells = 0;
  block.forEach((line, r) => {
    rows[row + r] ||= Array(width).fill("");
    line.forEach((cell, c) => { if (column + c < width) { rows[row + r][column + c] = cell; cells++; } });
  });
  writeRows(rows, [row, column]);
  commit();
  say(words.pasted.replace("{n}", cells));
}

function show(found) {
  for (const tr of body.rows) {
    for (const input of inputs(tr)) {
      input.removeAttribute("aria-invalid");
      input.parentElement.classList.remove("wrong");
      input.nextElementSibling.hidden = true;
    }
    tr.classList.remove("marked");
    const mark = tr.querySelector("[data-row-mark]");
    if (mark) mark.textContent = "";
  }
  const lines = [...body.rows].filter((tr) => inputs(tr).some((input) => input.value.trim()));
  for (const cell of found.cells) {
    const input = lines[cell.row] && inputs(lines[cell.row])[cell.column];
    if (!input) continue;
    input.setAttribute("aria-invalid", "true");
    input.parentElement.classList.add("wrong");
    input.nextElementSibling.textContent = cell.text;
    input.nextElementSibling.hidden = false;
  }
  const list = form.querySelector("[data-marks]");
  list.replaceChildren();
  for (const mark of found.marks) {
    for (const row of mark.rows) {
      lines[row]?.classList.add("marked");
      const place = lines[row]?.querySelector("[data-row-mark]");
      if (place) place.textContent += ` ${mark.text}`;
    }
    if (mark.rows.length && mark.kind !== "overlap") continue;
    const item = document.createElement("li");
    item.className = mark.kind === "overlap" ? "bad" : "warn";
    item.textContent = mark.text;
    list.append(item);
  }
  if (found.cells.length) return words.faults.replace("{n}", found.cells.length);
  return found.marks.length ? "" : words.sound;
}

async function send(url, extra) {
  const answer = await fetch(url, {
    method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": form.dataset.token },
    body: JSON.stringify({ rows: filled(readRows()), ...extra }),
  });
  return [answer, await answer.json()];
}

async function check() {
  try {
    const [answer, found] = await send(form.dataset.check, {});
    if (answer.ok) say([JSON.stringify(filled(readRows())) === kept ? "" : words.typing, show(found)].filter(Boolean).join(" · "));
    else say(found.text);
  } catch { say(words.lost); }
}

async function save() {
  if (saving) { await saving; if (JSON.stringify(filled(readRows())) === kept) return; }
  clearTimeout(timer);
  const sent = JSON.stringify(filled(readRows()));
  say(words.keeping);
  saving = send(form.dataset.save, { revision, seen });
  try {
    const [answer, found] = await saving;
    if (answer.status === 409) { theirs = found; stale.hidden = false; stale.querySelector("[data-stale-text]").textContent = found.text; say(words.typing); return; }
    if (!answer.ok) { say(found.text); return; }
    kept = sent;
    stale.hidden = true;
    ({ revision, seen } = found);
    form.querySelector("[name=revision]").value = revision;
    form.querySelector("[name=seen]").value = seen;
    localStorage.removeItem(key);
    if (!isAutosaved) { isLeaving = true; location.assign(`${found.address}&saved=1`); return; }
    say([words.kept, show(found)].filter(Boolean).join(" · "));
    if (JSON.stringify(filled(readRows())) !== sent) changed();
  } catch { say(words.lost); clearTimeout(timer); timer = setTimeout(save, 5000); } finally { saving = null; }
}

body.addEventListener("focusin", (event) => { if (event.target.matches("input")) entered = event.target.value; });
body.addEventListener("focusout", () => { if (!isReadonly) commit(); });
body.addEventListener("input", () => { localStorage.setItem(key, JSON.stringify({ rows: filled(readRows()), seen })); say(words.typing); });
body.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain");
  if (isReadonly || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  commit();
  paste(readBlock(text.replace(/\r\n?/g, "\n")), ...at(event.target));
});
body.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches("input")) return;
  const [row, column] = at(input), isControl = event.ctrlKey || event.metaKey, letter = event.key.toLowerCase();
  const isWhole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
  const moves = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], Enter: [row + (event.shiftKey ? -1 : 1), column],
    ArrowLeft: isWhole || input.selectionEnd === 0 ? [row, column - 1] : null,
    ArrowRight: isWhole || input.selectionStart === input.value.length ? [row, column + 1] : null,
  };
  const done = () => event.preventDefault();
  if (!isReadonly && isControl && (letter === "z" || letter === "y")) { done(); travel(letter === "y" || event.shiftKey ? 1 : -1); }
  else if (!isReadonly && isControl && letter === "s") { done(); commit(); save(); }
  else if (!isReadonly && isControl && event.key === "Enter") { done(); changeRow("insert", row, column); }
  else if (!isReadonly && isControl && event.key === "Delete") { done(); changeRow("remove", row, column); }
  else if (!isReadonly && event.altKey && event.key === "ArrowUp") { done(); changeRow("up", row, column); }
  else if (!isReadonly && event.altKey && event.key === "ArrowDown") { done(); changeRow("down", row, column); }
  else if (event.key === "F2") { done(); input.setSelectionRange(input.value.length, input.value.length); }
  else if (event.key === "Escape" && input.value !== entered) { done(); event.stopPropagation(); input.value = entered; input.select(); commit(); }
  else if (!isControl && !event.altKey && moves[event.key]) { done(); if (!isReadonly) commit(); go(...moves[event.key]); }
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button || isReadonly) return;
  event.preventDefault();
  const act = button.dataset.act, row = button.closest("tr")?.sectionRowIndex;
  if (act === "undo") travel(-1);
  else if (act === "redo") travel(1);
  else if (act === "save") { commit(); save(); }
  else changeRow(act, row);
});
form.addEventListener("submit", (event) => { if (!isReadonly) { event.preventDefault(); commit(); save(); } });
stale?.addEventListener("click", (event) => {
  if (event.target.closest("[data-keep-mine]")) { ({ revision, seen } = theirs); save(); }
  if (event.target.closest("[data-take-theirs]") && theirs.rows) {
    ({ revision, seen } = theirs);
    writeRows(theirs.rows);
    kept = JSON.stringify(filled(theirs.rows));
    stale.hidden = true;
    commit();
  }
});
addEventListener("beforeunload", (event) => { if (!isLeaving && !isReadonly && JSON.stringify(filled(readRows())) !== kept) event.preventDefault(); });

const left = JSON.parse(localStorage.getItem(key) || "null");
if (!isReadonly && left && JSON.stringify(left.rows) !== kept) {
  if (left.seen) seen = left.seen;
  writeRows(left.rows);
  commit();
  say(words.restored);
}
showHistory();
