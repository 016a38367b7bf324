// Under attack: makes the proof of work while the person writes, and lets the form go once it is made. Whatever goes wrong
// here, the form can be sent: the service takes in some forms without a proof.
/* global $altcha */
const place = document.querySelector(".proof");
const form = place.closest("form");
const field = form.elements.altcha;
const status = place.querySelector("[role=status]");
const RENEW = 8 * 60_000; // milliseconds; a challenge lasts ten minutes

let made = Date.now(), working = true, waiting = null;

$altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker("/static/vendor/altcha-worker.js"));
const widget = document.createElement("altcha-widget");
for (const [name, value] of [["auto", "onload"], ["challenge", place.dataset.challenge], ["language", "fr"]])
  widget.setAttribute(name, value);
widget.setAttribute("configuration", JSON.stringify(
  { hideLogo: true, hideFooter: true, humanInteractionSignature: false, name: "proof-widget", minDuration: 0, timeout: 60_000 }));
widget.hidden = true; // its box asks for nothing: the line of status says it all
widget.addEventListener("verified", (event) => settle(event.detail.payload, "Vérification automatique faite."));
widget.addEventListener("statechange", (event) => {
  if (event.detail.state === "error") settle("", "La vérification automatique n'a pas pu être faite. Vous pouvez envoyer quand même.");
});
document.body.append(widget); // outside the form, which it must not hold back
place.hidden = false;

function settle(payload, text) {
  field.value = payload;
  status.textContent = text;
  working = false;
  if (!waiting) return;
  const submitter = waiting;
  waiting = null;
  form.requestSubmit(submitter);
}

async function renew() {
  working = true;
  made = Date.now();
  field.value = "";
  status.textContent = "Vérification automatique en cours…";
  try {
    const answer = await fetch("/preuve", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    widget.configure({ challenge: await answer.text() });
    await widget.verify();
  } catch {
    settle("", "La vérification automatique n'a pas pu être faite. Vous pouvez envoyer quand même.");
  }
}

setInterval(() => { if (!working && Date.now() - made > RENEW) renew(); }, 10_000);
addEventListener("pageshow", (event) => { if (event.persisted) renew(); }); // back from the next page: the proof has served

form.addEventListener("submit", (event) => {
  if (!working && Date.now() - made > RENEW) renew(); // the computer slept
  if (!working) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  waiting = event.submitter ?? form.querySelector("button[type=submit]");
  status.textContent = "Vérification automatique en cours : l'envoi part juste après.";
}, { capture: true });
