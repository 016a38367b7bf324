// Comforts of every page. Without this script, everything works.
"use strict";
document.documentElement.classList.add("js");

// « Quitter vite »: by the button or by Esc twice; what is typed and shown goes at once.
const exit = document.getElementById("sortie");
function leave() {
  sessionStorage.clear();
  for (const form of document.forms) form.reset();
  document.body.replaceChildren();
  document.title = "";
  location.replace(exit.href);
}
if (exit) {
  exit.addEventListener("click", (event) => { event.preventDefault(); leave(); });
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (event.timeStamp - last < 1000) leave();
    last = event.timeStamp;
  });
}

// A draft stays in this tab, and goes once the service says that what it held is kept.
if (document.querySelector("[data-sent]")) sessionStorage.removeItem("draft.recit");
if (location.hash === "#envoye") {
  for (const name of ["message", "complement"]) sessionStorage.removeItem("draft." + name);
  history.replaceState(null, "", location.pathname);
}
for (const form of document.querySelectorAll("form[data-draft]")) {
  const area = form.querySelector("textarea"), name = "draft." + form.dataset.draft;
  if (!area.value) area.value = sessionStorage.getItem(name) || "";
  area.addEventListener("input", () => sessionStorage.setItem(name, area.value));
}

// Files too heavy together are told before they are sent: the server could not take them, nor what comes with them.
for (const field of document.querySelectorAll("input[data-most]"))
  field.addEventListener("change", () => {
    const size = [...field.files].reduce((sum, file) => sum + file.size, 0);
    field.setCustomValidity(size > Number(field.dataset.most) ? field.dataset.over : "");
    field.reportValidity();
  });

// An error is read first.
document.getElementById("erreur")?.focus();
