// Shows new messages on a page that is open and looked at. Without it, the page is simply opened again.
"use strict";
const EVERY = 3000;
function look() {
  const thread = document.querySelector("[data-thread]");
  if (thread && document.visibilityState === "visible") thread.dispatchEvent(new Event("refresh"));
}
setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
