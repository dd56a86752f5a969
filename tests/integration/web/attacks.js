// SPDX-License-Identifier: GPL-3.0-or-later
// What a page can try. A row names a way and has a URL, a method, a body and headers; run() tries
// rows and tells for each what the page could read of the answer: "" is nothing. Each way either
// waits for what the browser says of it, or has sent what it sends when it returns.
const SECONDS = 4;
const AT_ONCE = 50;
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const site = (path, row, code) => `/${path}?${code ? `code=${code}&` : ""}to=` +
    encodeURIComponent(row.url);

async function read(promise) {
  const answer = await promise;
  return answer.type.startsWith("opaque") ? "" : `${answer.status} ${await answer.text()}`;
}

function options(row, type, more) {
  const headers = type ? {"Content-Type": type} : {};
  return row.method === "GET" ? {...more}
      : {method: row.method, body: row.body, headers, ...more};
}

// An element that loads something by itself. What can be drawn or run says “load”.
function element(tag, attributes, tells = true, parent = document.body) {
  return new Promise((resolve) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
      made.setAttribute(name, value);
    made.onload = made.onloadeddata = () => resolve(tells ? "load" : within(made));
    made.onerror = () => resolve("");
    parent.append(made);
    if (made.play)
      made.load();
  });
}

// What a page can see of a frame.
function within(frame) {
  try {
    const seen = frame.contentDocument;
    const text = seen ? seen.documentElement.textContent : "";
    return text && seen.URL.startsWith("http") ? `frame ${text}` : "";
  } catch {
    return "";
  }
}

async function quietFrame(name) {
  const frame = document.createElement("iframe");
  frame.name = name;
  document.body.append(frame);
  await later(0);
  return frame;
}

function send(form) {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.name = `frame${Math.random()}`;
    document.body.append(frame);
    form.target = frame.name;
    document.body.append(form);
    frame.onload = () => frame.done ? resolve(within(frame)) : 0;
    setTimeout(() => {
      frame.done = true;
      form.submit();
    });
  });
}

function form(row, type, url = row.url) {
  const made = document.createElement("form");
  made.action = url;
  made.method = row.method;
  made.enctype = type;
  const field = document.createElement("input");
  // As text the form says NAME=VALUE: the equals sign is made to stand in a string of the JSON.
  const text = row.body || "{}";
  field.name = type === "text/plain" ? `${text.slice(0, -1)}${text === "{}" ? "" : ","}"x":"` : "body";
  field.value = type === "text/plain" ? '"}' : text;
  for (const [name, value] of row.method === "GET" ? new URL(url, location).searchParams : []) {
    const other = document.createElement("input");
    other.name = name;
    other.value = value;
    made.append(other);
  }
  made.append(field);
  return made;
}

function xhr(row, headers, mode = {}) {
  return new Promise((resolve) => {
    const asked = new XMLHttpRequest();
    asked.open(row.method, row.url);
    for (const [name, value] of Object.entries(headers))
      asked.setRequestHeader(name, value);
    if (mode.upload)
      asked.upload.onprogress = () => 0;
    asked.withCredentials = !!mode.credentials;
    asked.onload = () => resolve(`${asked.status} ${asked.responseText}`);
    asked.onerror = () => resolve("");
    asked.send(row.body);
  });
}

function through(port, row, mode) {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => resolve(event.data);
    port.postMessage({url: row.url, options: options(row, "text/plain", {mode})}, [channel.port2]);
  });
}

function blob(text, type = "text/javascript") {
  return URL.createObjectURL(new Blob([text], {type}));
}

function style(text) {
  const made = document.createElement("style");
  made.textContent = text;
  document.body.append(made);
}

function inShadow(row, text) {
  const made = document.createElement("div");
  made.innerHTML = text.replaceAll("URL", row.url.replaceAll("&", "&amp;"));
  document.body.append(made);
  return "";
}

async function kept() {
  await navigator.serviceWorker.register("/worker.js");
  return (await navigator.serviceWorker.ready).active;
}

const ways = {
  // With script, and the answer if the browser lets it
  "fetch": (row) => read(fetch(row.url, options(row, "text/plain"))),
  "fetch as JSON": (row) => read(fetch(row.url, options(row, "application/json"))),
  "fetch no-cors": (row) => read(fetch(row.url, options(row, "text/plain", {mode: "no-cors"}))),
  "fetch no-cors as JSON": (row) => read(fetch(row.url, options(row, 0, {mode: "no-cors",
    ...(row.method === "GET" ? {} : {body: new Blob([row.body], {type: "application/json"})})}))),
  "fetch same-origin": (row) => read(fetch(row.url, options(row, "application/json",
                                                            {mode: "same-origin"}))),
  "fetch with login": (row) => read(fetch(row.url, options(row, "text/plain",
                                                           {credentials: "include"}))),
  "fetch keepalive": (row) => read(fetch(row.url, options(row, "text/plain",
                                                          {keepalive: true, mode: "no-cors"}))),
  "fetch with token": (row) => read(fetch(row.url, {method: row.method, body: row.body,
    headers: {"Content-Type": "application/json", "Authorization": `Bearer ${row.token}`}})),
  "fetch with header": (row) => read(fetch(row.url, {method: row.method, body: row.body,
    headers: {"Content-Type": "application/json", "X-Api-Key": row.token}})),
  "fetch to loopback": (row) => read(fetch(row.url, options(row, "text/plain",
                                                            {targetAddressSpace: "loopback"}))),
  "fetch with no referrer": (row) => read(fetch(row.url, options(row, "text/plain",
                                       {referrerPolicy: "no-referrer", mode: "no-cors"}))),
  "xhr": (row) => xhr(row, {}),
  "xhr as JSON": (row) => xhr(row, {"Content-Type": "application/json"}),
  "xhr watched": (row) => xhr(row, {"Content-Type": "text/plain"}, {upload: true}),
  "xhr with login": (row) => xhr(row, {"Content-Type": "text/plain"}, {credentials: true}),
  "worker": (row) => through(new Worker("/worker.js"), row, "cors"),
  "worker no-cors": (row) => through(new Worker("/worker.js"), row, "no-cors"),
  "worker of a blob": (row) => through(new Worker(blob(
      `self.onmessage = async (e) => { try { const a = await fetch(e.data.url, e.data.options);
       e.ports[0].postMessage(a.type === "opaque" ? "" : await a.text()); }
       catch { e.ports[0].postMessage(""); } };`)), row, "no-cors"),
  "shared worker": (row) => through(new SharedWorker("/worker.js").port, row, "no-cors"),
  "service worker": async (row) => through(await kept(), row, "cors"),
  "service worker no-cors": async (row) => through(await kept(), row, "no-cors"),
  "cache": async (row) => {
    const cache = await caches.open("taken");
    await cache.add(new Request(row.url, {mode: "no-cors"}));
    return read(cache.match(row.url));
  },
  "import": async (row) => JSON.stringify(Object.keys(await import(row.url))),
  "import in a worker": (row) => new Promise((resolve) => {
    const made = new Worker(blob(`try { importScripts(${JSON.stringify(row.url)});
                                  postMessage("load"); } catch { postMessage(""); }`));
    made.onmessage = (event) => resolve(event.data);
  }),
  "event source": (row) => new Promise((resolve) => {
    const made = new EventSource(row.url);
    made.onopen = () => { made.close(); resolve("open"); };
    made.onerror = () => { made.close(); resolve(""); };
  }),
  "web socket": (row) => new Promise((resolve) => {
    const made = new WebSocket(row.url.replace(/^http/, "ws"));
    made.onopen = () => resolve("open");
    made.onmessage = (event) => resolve(event.data);
    made.onerror = () => resolve("");
  }),
  "beacon": (row) => void navigator.sendBeacon(row.url, row.body),
  "beacon of a blob": (row) => void navigator.sendBeacon(row.url,
                                         new Blob([row.body], {type: "text/plain"})),
  "beacon as JSON": (row) => void navigator.sendBeacon(row.url,
                                         new Blob([row.body], {type: "application/json"})),
  "beacon of a form": (row) => void navigator.sendBeacon(row.url,
                                         new URLSearchParams({body: row.body})),

  // Forms and navigations
  "form": (row) => send(form(row, "application/x-www-form-urlencoded")),
  "form multipart": (row) => send(form(row, "multipart/form-data")),
  "form as text": (row) => send(form(row, "text/plain")),
  "form in a popup": async (row) => {
    const made = form(row, "text/plain");
    made.target = `popup${row.id}`;
    window.open("about:blank", made.target);
    document.body.append(made);
    made.submit();
    await later(300);
    return "";
  },
  "popup": async (row) => {
    const opened = window.open(row.url);
    await later(500);
    try {
      return opened.document.URL.startsWith("http") ? opened.document.body.textContent : "";
    } catch {
      return "";
    } finally {
      opened?.close();
    }
  },
  "link in a frame": async (row) => {
    const frame = await quietFrame(`link${row.id}`);
    const made = document.createElement("a");
    made.href = row.url;
    made.target = frame.name;
    document.body.append(made);
    const loaded = new Promise((resolve) => frame.onload = () => resolve(within(frame)));
    made.click();
    return loaded;
  },
  "location of a frame": async (row) => {
    const frame = await quietFrame(`location${row.id}`);
    const loaded = new Promise((resolve) => frame.onload = () => resolve(within(frame)));
    frame.contentWindow.location = row.url;
    return loaded;
  },
  "frame": (row) => element("iframe", {src: row.url}, false),
  "frame without referrer": (row) => element("iframe", {src: row.url, sandbox: "",
                                             referrerpolicy: "no-referrer"}, false),
  "refreshed frame": (row) => element("iframe", {srcdoc:
      `<meta http-equiv=refresh content="0; url=${row.url.replaceAll("&", "&amp;")}">`}, false),
  "refresh header": (row) => element("iframe", {src: site("refresh", row)}, false),
  "ping": (row) => {
    const made = document.createElement("a");
    made.href = "#x";
    made.ping = row.url;
    document.body.append(made);
    made.click();
  },
  "report": (row) => element("iframe", {src: site("report", row)}, false),

  // Elements
  "image": (row) => element("img", {src: row.url}),
  "image with CORS": (row) => element("img", {src: row.url, crossorigin: "anonymous"}),
  "image of a set": (row) => element("img", {srcset: `${row.url} 1x`}),
  "script": (row) => element("script", {src: row.url}),
  "module": (row) => element("script", {src: row.url, type: "module"}),
  "style sheet": (row) => element("link", {href: row.url, rel: "stylesheet"}),
  "object": (row) => element("object", {data: row.url}),
  "embed": (row) => element("embed", {src: row.url}, false),
  "video": (row) => element("video", {src: row.url, preload: "auto"}),
  "audio": (row) => element("audio", {src: row.url, preload: "auto"}),
  "track": (row) => inShadow(row,
      `<video crossorigin><track default kind=captions src="URL"></video>`) ||
      void (document.body.lastChild.firstChild.textTracks[0].mode = "showing"),
  "input": (row) => inShadow(row, `<input type=image src="URL">`),
  "picture of SVG": (row) => inShadow(row, `<svg><image href="URL" width=9 height=9 /></svg>`),
  "use of SVG": (row) => inShadow(row, `<svg><use href="URL#x" /></svg>`),
  "prefetch": (row) => element("link", {href: row.url, rel: "prefetch"}),
  "preload": (row) => element("link", {href: row.url, rel: "preload", as: "fetch"}, false),
  "module preload": (row) => element("link", {href: row.url, rel: "modulepreload"}),
  "icon": (row) => void element("link", {href: row.url, rel: "icon"}, true, document.head),
  "hints": (row) => element("iframe", {src: site("hints", row)}, false),
  "rules": (row) => {
    const made = document.createElement("script");
    made.type = "speculationrules";
    made.textContent = JSON.stringify({prefetch: [{source: "list", urls: [row.url]}],
                                       prerender: [{source: "list", urls: [row.url]}]});
    document.body.append(made);
  },
  "style import": (row) => style(`@import url("${row.url}");`),
  "background": (row) => inShadow(row, `<div style="background: url('URL')">x</div>`),
  "font": (row) => {
    style(`@font-face { font-family: f${row.id}; src: url("${row.url}"); }`);
    return inShadow(row, `<p style="font-family: f${row.id}">x</p>`);
  },

  // Redirects from the attacker's site
  "redirected fetch": (row) => read(fetch(site("redirect", row, 307), options(row, "text/plain"))),
  "redirected no-cors": (row) => read(fetch(site("redirect", row, 308),
                                            options(row, "text/plain", {mode: "no-cors"}))),
  "redirected JSON": (row) => read(fetch(site("redirect", row, 307),
                                         options(row, "application/json"))),
  "redirected beacon": (row) => void navigator.sendBeacon(site("redirect", row, 307), row.body),
  "redirected form": (row) => send(form(row, "text/plain", site("redirect", row, 307))),
  "redirected image": (row) => element("img", {src: site("redirect", row, 302)}),
  "redirected script": (row) => element("script", {src: site("redirect", row, 301)}),
  "redirected frame": (row) => element("iframe", {src: site("redirect", row, 303)}, false),
  "redirected source": (row) => ways["event source"]({...row, url:
      new URL(site("redirect", row, 307), location).href}),
};

async function attempt(row) {
  if (!ways[row.way])
    return {id: row.id, seen: `no such way: ${row.way}`};
  try {
    const seen = await Promise.race([ways[row.way](row), later(SECONDS * 1000)]);
    return {id: row.id, seen: seen || ""};
  } catch {
    return {id: row.id, seen: ""};
  }
}

// Some at a time: a browser has few connections to a host.
async function runHere(rows) {
  const answers = [];
  for (let i = 0; i < rows.length; i += AT_ONCE)
    answers.push(...await Promise.all(rows.slice(i, i + AT_ONCE).map(attempt)));
  return answers;
}

// In a frame whose origin is “null”.
async function runWithin(rows, make) {
  const script = await (await fetch("/attacks.js")).text();
  const frame = make(`<!DOCTYPE html><body><script>${script}<\/script></body>`);
  document.body.append(frame);
  await new Promise((resolve) => frame.onload = resolve);
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => resolve(event.data);
    frame.contentWindow.postMessage(rows, "*", [channel.port2]);
  });
}

function frameOf(attributes) {
  const frame = document.createElement("iframe");
  for (const [name, value] of Object.entries(attributes))
    frame.setAttribute(name, value);
  return frame;
}

const places = {
  page: runHere,
  sandbox: (rows) => runWithin(rows, (text) => frameOf(
      {srcdoc: text, sandbox: "allow-scripts allow-forms allow-popups"})),
  data: (rows) => runWithin(rows, (text) => frameOf(
      {src: `data:text/html;charset=utf-8,${encodeURIComponent(text)}`})),
};

window.onmessage = async (event) => {
  if (event.ports.length === 1)
    event.ports[0].postMessage(await runHere(event.data));
};

// Tries rows, those of each place together.
async function run(rows) {
  const answers = [];
  for (const place of Object.keys(places)) {
    const chosen = rows.filter((row) => row.place === place);
    if (chosen.length > 0)
      answers.push(...await places[place](chosen));
  }
  return answers;
}
