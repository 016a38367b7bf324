// The application writes VERSION, OFFLINE and KEPT (the addresses to keep) above these lines.
// Only KEPT is ever written down. Forms and every other page go to the network untouched.
const CACHE = `fiches-${VERSION}`;
const EXIT = "/sortie"; // leaving in a hurry must never lead back here
const PATIENCE = 4000; // milliseconds before a copy is shown: a network that hangs is a network that is down

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || url.pathname === EXIT) return;
  if (KEPT.includes(url.pathname)) event.respondWith(fresh(request, url));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => kept(OFFLINE)));
});

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll(KEPT.map((address) => new Request(address, { cache: "reload", credentials: "omit" })));
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith("fiches-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function kept(address) {
  return (await (await caches.open(CACHE)).match(address)) ?? Response.error();
}

// The network first; the copy when it fails, hangs, or the server is not well. A search is answered by the whole list.
async function fresh(request, url) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const asked = fetch(request).then((answer) => (answer.status < 500 ? answer : null), () => null);
  const answer = await Promise.race([asked, late]);
  if (answer) return answer;
  const copy = await (await caches.open(CACHE)).match(url.pathname);
  return copy ?? (await asked) ?? Response.error();
}
