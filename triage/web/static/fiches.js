// The list is filtered while one types, as the server does (triage/web/fiches.py); the fiche gets its print button.
const SHORT = 3;
const ENDING = /(?<=[\p{L}\p{N}_]{4})(?:ee?s?|er|s)$/u;
const LIGATURES = { "œ": "oe", "æ": "ae", "ß": "ss" };

function words(text) {
  const folded = text.toLowerCase().replace(/[œæß]/g, (letter) => LIGATURES[letter]).normalize("NFKD").replace(/\p{M}/gu, "");
  return folded.match(/[\p{L}\p{N}_]+/gu) ?? [];
}

function beginning(word) {
  return word.length <= SHORT ? ` ${word} ` : ` ${word.replace(ENDING, "")}`;
}

function find(index, query) {
  const all = words(query);
  const long = all.filter((word) => word.length >= SHORT);
  const asked = (long.length ? long : all).map(beginning);
  const held = Object.entries(index).map(([name, text]) => [name, asked.filter((part) => text.includes(part)).length]);
  const most = Math.max(...held.map(([, number]) => number));
  return new Set(held.filter(([, number]) => number === most && (most || !asked.length)).map(([name]) => name));
}

function show(list, found, status) {
  for (const group of list.querySelectorAll("[data-group]")) {
    for (const entry of group.querySelectorAll("[data-fiche]")) entry.hidden = !found.has(entry.dataset.fiche);
    group.hidden = !group.querySelector("[data-fiche]:not([hidden])");
  }
  status.textContent = found.size > 1 ? `${found.size} fiches` : found.size ? "1 fiche" : status.dataset.none;
}

async function searchWhileTyping(list) {
  const field = document.querySelector("#q");
  const status = document.querySelector("#nombre");
  const index = await (await fetch("/fiches.json")).json();
  const filter = () => show(list, find(index, field.value), status);
  field.addEventListener("input", filter);
  // Without a network, a search that was sent comes back as the whole list.
  const sent = new URLSearchParams(location.search).get("q");
  if (sent && !field.value) field.value = sent;
  if (field.value) filter();
}

const list = document.querySelector("[data-searchable]");
if (list) searchWhileTyping(list).catch(() => {});

const button = document.querySelector("[data-print]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
