// SPDX-License-Identifier: GPL-3.0-or-later
// Worker, shared worker and service worker in one: asks for what it is told to and says what it
// could read. As a service worker it also keeps the page alive that was served beside it, so that
// an origin goes on to have pages when another program has taken its port.
async function ask({url, options}) {
  try {
    const answer = await fetch(url, options);
    return answer.type.startsWith("opaque") ? "" : `${answer.status} ${await answer.text()}`;
  } catch {
    return "";
  }
}

self.onmessage = async (event) => {
  const port = event.ports[0];
  port.postMessage(await ask(event.data));
};
self.onconnect = (event) => {
  event.ports[0].onmessage = self.onmessage;
};
const KEPT = ["/page.html", "/attacks.js", "/worker.js"];
self.oninstall = (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open("kept").then((cache) => cache.addAll(KEPT)));
};
self.onactivate = (event) => event.waitUntil(self.clients.claim());
self.onfetch = (event) => {
  const url = new URL(event.request.url);
  if (url.origin === self.origin && KEPT.includes(url.pathname))
    event.respondWith(caches.match(event.request, {ignoreSearch: true}));
};
