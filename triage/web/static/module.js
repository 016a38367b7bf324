// Puts on any site a button that opens the guichet in a panel. No dependency, no cookie, nothing stored; the guichet is asked
// for nothing until the button is pressed. Attributes of the tag: data-texte (the button), data-position (droite, gauche, ici).
(() => {
  "use strict";
  const tag = document.currentScript ?? document.querySelector('script[src$="/module.js"]');
  const origin = new URL(tag.src).origin;
  const { texte = "Élu attaqué en ligne\u00a0?", position = "droite" } = tag.dataset;
  const name = "Guichet des élus attaqués en ligne";
  // In pixels: the size of a rem is the host's.
  const css = `
    :host { all: initial !important; display: contents !important; }
    @media print { :host { display: none !important; } }
    * { box-sizing: border-box; }
    section, dialog { font: 400 16px/1.4 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #1b1f27; }
    .droite, .gauche { position: fixed; z-index: 2147483647; bottom: calc(16px + env(safe-area-inset-bottom)); }
    .droite { right: 16px; } .gauche { left: 16px; }
    button, a { font: inherit; font-weight: 600; min-height: 44px; padding: 10px 18px; border-radius: 8px; cursor: pointer; }
    button { border: 2px solid transparent; background: #1d4f91; color: #fff; }
    button:hover { background: #163d70; }
    .droite > button, .gauche > button { border-color: #fff; box-shadow: 0 2px 8px rgb(0 0 0 / .35); max-width: calc(100vw - 32px); }
    :focus-visible { outline: 3px solid #1d4f91; outline-offset: 2px; box-shadow: 0 0 0 7px #fff; }
    dialog { position: fixed; inset: 0; width: 100vw; height: 100dvh; max-width: none; max-height: none; margin: 0; padding: 0; border: 0; background: #fff; overflow: hidden; }
    dialog[open] { display: flex; flex-direction: column; }
    dialog::backdrop { background: rgb(0 0 0 / .5); }
    header { display: flex; align-items: center; justify-content: space-between; gap: 8px; padding: 8px 8px 8px 16px; border-bottom: 1px solid #d5d9e0; }
    h2 { margin: 0; font-size: 16px; }
    a { color: #1d4f91; padding: 10px 16px; border-top: 1px solid #d5d9e0; border-radius: 0; text-align: center; outline-offset: -4px; }
    iframe { flex: 1; width: 100%; min-height: 0; border: 0; }
    @media (min-width: 40rem) {
      dialog { inset: auto 16px 16px auto; width: 432px; height: min(736px, calc(100dvh - 32px)); border: 1px solid #545b68; border-radius: 8px; }
      .gauche dialog { inset: auto auto 16px 16px; }
    }`;

  function element(kind, attributes = {}, ...children) {
    const made = document.createElement(kind);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function dress(root) {
    if ("adoptedStyleSheets" in root) { // allowed whatever the site's own policy is
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
    } else root.append(element("style", {}, css));
  }

  function install() {
    const host = element("guichet-elus");
    const root = host.attachShadow({ mode: "open" });
    const opener = element("button", { type: "button", "aria-haspopup": "dialog" }, texte);
    const close = element("button", { type: "button" }, "Fermer");
    const title = element("h2", { id: "titre" }, name);
    const away = element("a", { href: `${origin}/`, target: "_blank", rel: "noopener noreferrer" }, "Ouvrir le guichet dans un nouvel onglet");
    const frame = element("iframe", {
      title: name, referrerpolicy: "no-referrer", sandbox: "allow-forms allow-popups allow-popups-to-escape-sandbox",
    });
    const dialog = element("dialog", { "aria-labelledby": "titre" }, element("header", {}, title, close), frame, away);
    opener.addEventListener("click", () => {
      if (!frame.src) frame.src = `${origin}/module`;
      dialog.showModal(); // the browser keeps the focus inside, closes on Escape and gives the focus back
    });
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); }); // beside the panel
    dress(root);
    const place = ["droite", "gauche", "ici"].includes(position) ? position : "droite";
    root.append(element("section", { class: place, "aria-label": name }, opener, dialog));
    if (place === "ici") tag.after(host);
    else document.body.append(host);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", install);
  else install();
})();
