// The desk: live news, toasts, shortcuts. Everything works without it.
"use strict";
(() => {
  const body = document.body, live = body.dataset.live;
  const setting = (name, otherwise) => { try { return localStorage.getItem(name) ?? otherwise; } catch { return otherwise; } };
  const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private browsing */ } };

  // Toasts.
  const toasts = document.getElementById("alertes");
  const toast = (text, href, calm) => {
    if (!toasts || [...toasts.children].some((one) => one.dataset.text === text)) return;
    const box = document.createElement("div"), said = document.createElement("span"), close = document.createElement("button");
    box.className = calm ? "toast calm" : "toast";
    box.dataset.text = text;
    said.textContent = text + " ";
    if (href) {
      const link = document.createElement("a");
      link.href = href;
      link.textContent = "Ouvrir";
      said.append(link);
    }
    close.type = "button";
    close.className = "link";
    close.textContent = "Fermer";
    close.addEventListener("click", () => box.remove());
    box.append(said, close);
    toasts.prepend(box);
    while (toasts.children.length > 4) toasts.lastChild.remove();
    if (calm) setTimeout(() => box.remove(), 15000);
  };

  // A sound, for those who asked for it.
  const ring = () => {
    if (setting("bureau.son", "non") !== "oui") return;
    const audio = new AudioContext(), gain = audio.createGain();
    gain.gain.value = 0.15;
    gain.connect(audio.destination);
    [880, 660, 880].forEach((pitch, i) => {
      const tone = audio.createOscillator();
      tone.frequency.value = pitch;
      tone.connect(gain);
      tone.start(audio.currentTime + i * 0.25);
      tone.stop(audio.currentTime + i * 0.25 + 0.2);
    });
    setTimeout(() => audio.close(), 1500);
  };

  // The list of the queue, read again in its place: what has the focus keeps it.
  const list = () => document.getElementById("file");
  const taken = (html) => {
    const old = list(), fresh = new DOMParser().parseFromString(html, "text/html").getElementById("file");
    if (!old || !fresh) return;
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    const row = active && active.closest("tr[data-case]");
    const ids = [...old.querySelectorAll("tr[data-case]")].map((one) => one.dataset.case);
    const part = active && (active.hasAttribute("data-take") ? "[data-take]" : "[data-line]");
    const href = active && active.getAttribute("href");
    old.replaceWith(fresh);
    if (ids.length) fresh.querySelectorAll("tr[data-case]").forEach((one) => one.classList.toggle("new", !ids.includes(one.dataset.case)));
    if (!active) return;
    const find = (id) => fresh.querySelector(`tr[data-case="${id}"]`);
    const from = row ? ids.indexOf(row.dataset.case) : -1;
    const near = row && (find(row.dataset.case) || ids.slice(from + 1).map(find).find(Boolean) || ids.slice(0, from).reverse().map(find).find(Boolean));
    const target = near ? near.querySelector(part) || near.querySelector("[data-line]") : [...fresh.querySelectorAll("a")].find((one) => one.getAttribute("href") === href);
    (target || document.getElementById("contenu")).focus({ preventScroll: true });
  };
  let asking = false, again = false;
  const reload = async () => {
    if (!list()) return;
    if (asking) { again = true; return; }
    asking = true;
    try {
      const answer = await fetch(list().dataset.source, { headers: { "HX-Request": "true" } });
      const target = answer.headers.get("HX-Redirect");
      if (target) location.href = target;
      else if (answer.ok) taken(await answer.text());
    } catch { /* the next news, or the next minute, tries again */ }
    asking = false;
    if (again) { again = false; reload(); }
  };
  let soon = 0;
  const refresh = () => { clearTimeout(soon); soon = setTimeout(reload, 100); };

  // The news.
  const place = (news) => (news.departement ? ` (${news.departement})` : "");
  const hear = (news) => {
    document.dispatchEvent(new CustomEvent("desk:news", { detail: news }));
    const href = news.case ? `/desk/dossiers/${news.case}` : "";
    if (news.kind === "queue" && news.level === "immediate") {
      toast(`Danger immédiat : dossier ${news.reference}${place(news)}.`, href, false);
      ring();
    } else if (news.kind === "handed" && news.mine) toast(`On vous passe le dossier ${news.reference}.`, href, true);
    else if (news.kind === "message" && news.mine) toast(`Nouveau message : dossier ${news.reference}.`, href + "/messages", true);
    else if (news.kind === "alert") toast(news.text, href, news.level !== "immediate");
    refresh();
  };
  const state = document.getElementById("direct");
  const show = (joined) => {
    if (!state) return;
    state.hidden = false;
    const text = joined ? "En direct." : "Le direct est interrompu : la file se met à jour toutes les 30 secondes.";
    if (state.textContent !== text) state.textContent = text;
  };
  // The session has ended: nothing of it stays on the screen. The page whose own form ends it (« Sortir ») waits for the answer.
  let sent = false;
  document.addEventListener("submit", () => { sent = true; });
  const over = () => { setTimeout(() => location.reload(), sent ? 5000 : 0); };
  let lost = false;
  const on = (event) => {
    if (event.type === "news") hear(event.detail);
    else if (event.type === "joined") { lost = false; show(true); refresh(); }
    else if (event.type === "lost") { lost = true; show(false); }
    else if (event.type === "over") over();
  };
  // One stream for all the tabs of a browser, which may only open a few: the tab that holds the lock shares what it hears.
  const listen = (say) => {
    const source = new EventSource(live);
    source.addEventListener("bonjour", () => say({ type: "joined" }));
    source.addEventListener("nouvelle", (event) => say({ type: "news", detail: JSON.parse(event.data) }));
    source.addEventListener("fin", () => { source.close(); say({ type: "over" }); });
    source.addEventListener("error", () => {
      say({ type: "lost" });
      if (source.readyState === EventSource.CLOSED) setTimeout(() => { listen(say); }, 5000);
    });
  };
  if (live && window.EventSource) {
    if (navigator.locks && window.BroadcastChannel) {
      const channel = new BroadcastChannel("bureau");
      let leads = false, joined = false;
      channel.addEventListener("message", ({ data }) => {
        if (data.type === "hello") { if (leads && joined) channel.postMessage({ type: "joined" }); } else on(data);
      });
      channel.postMessage({ type: "hello" });
      navigator.locks.request("bureau", () => new Promise(() => {
        leads = true;
        listen((event) => { joined = event.type === "lost" ? false : joined || event.type === "joined"; channel.postMessage(event); on(event); });
      }));
    } else listen(on);
    // What the clock changes in the words of the list; and all of it while the stream is lost.
    let turn = 0;
    setInterval(() => { turn += 1; if (lost || turn % 2 === 0) reload(); }, 30000);
  }

  // Settings of the queue.
  const tools = document.getElementById("reglages"), help = document.getElementById("aide");
  const bind = (id, name, otherwise) => {
    const box = document.getElementById(id);
    if (!box) return;
    box.checked = setting(name, otherwise) === "oui";
    box.addEventListener("change", () => { keep(name, box.checked ? "oui" : "non"); if (id === "son" && box.checked) ring(); });
  };
  bind("son", "bureau.son", "non");
  bind("raccourcis", "bureau.raccourcis", "oui");
  if (tools) tools.hidden = false;
  document.getElementById("aide-ouvrir")?.addEventListener("click", () => help.showModal());

  // Shortcuts, never while typing.
  const move = (step) => {
    const lines = [...document.querySelectorAll("a[data-line]")];
    const row = document.activeElement?.closest("tr[data-case]");
    const at = row ? lines.findIndex((one) => row.contains(one)) : step > 0 ? -1 : lines.length;
    lines[Math.min(Math.max(at + step, 0), lines.length - 1)]?.focus();
  };
  const take = () => {
    const row = document.activeElement?.closest("tr[data-case]");
    (row ? row.querySelector("[data-take]") : document.querySelector("[data-claim]"))?.click();
  };
  const shortcuts = {
    j: () => move(1),
    k: () => move(-1),
    p: take,
    n: () => document.getElementById("suivant")?.click(),
    "/": () => document.getElementById("recherche")?.focus(),
    "?": () => help?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && event.key === "n") return;
    if (setting("bureau.raccourcis", "oui") !== "oui" || !shortcuts[event.key]) return;
    event.preventDefault();
    shortcuts[event.key]();
  });
})();
