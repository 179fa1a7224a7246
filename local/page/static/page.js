// Keeps the page up to date, and sends its forms without loading it again. Without the script, only the updates are missing.
"use strict";

const EVERY_MS = 1000;
let jobs = null;

function nodesOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // made and escaped by the server; the page's policy keeps code in it from running
  return [...template.content.children];
}

// Inserts new items and replaces changed ones. The others stay, with the text that a reader has selected in them.
function renewList(list, html) {
  const fresh = nodesOf(html);
  const ids = new Set(fresh.map((item) => item.id));
  for (const item of [...list.children]) {
    if (!ids.has(item.id)) item.remove();
  }
  fresh.forEach((item, index) => {
    const old = document.getElementById(item.id);
    if (old && old.dataset.version !== item.dataset.version) old.replaceWith(item);
    const now = document.getElementById(item.id) ?? item;
    if (list.children[index] !== now) list.insertBefore(now, list.children[index] ?? null);
  });
}

function renewPart(part, html) {
  if (part.dataset.html === html) return;
  const focused = part.contains(document.activeElement) ? document.activeElement.id : null;
  part.replaceChildren(...nodesOf(html));
  part.dataset.html = html;
  if (focused) document.getElementById(focused)?.focus();
}

async function renew() {
  const answer = await fetch("/live");
  if (!answer.ok) throw new Error(await answer.text());
  const now = await answer.json();
  const shown = JSON.stringify(now.jobs);
  if (jobs !== null && jobs !== shown) return location.reload();
  jobs = shown;
  for (const [id, html] of Object.entries(now.parts)) {
    const part = document.getElementById(id);
    if (part === null) return location.reload();
    if (part.classList.contains("list")) renewList(part, html);
    else renewPart(part, html);
  }
}

function say(text, look) {
  const line = document.createElement("p");
  line.className = look;
  line.textContent = text;
  document.getElementById("said").replaceChildren(line);
}

let lost = false;
async function keepRenewing() {
  try {
    if (!document.hidden) await renew();
    if (lost) say("The system answers again.", "done");
    lost = false;
  } catch {
    if (!lost) say("The system does not answer; trying again.", "refused");
    lost = true;
  }
  setTimeout(keepRenewing, EVERY_MS);
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { target: form, submitter } = event;
  const fields = new URLSearchParams(new FormData(form, submitter));
  submitter.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } });
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
      const done = await answer.json();
      say(done.text, done.ok ? "done" : "refused");
    } else {
      say(await answer.text(), "refused");
    }
    await renew();
  } catch {
    say("The system does not answer.", "refused");
  } finally {
    submitter.removeAttribute("aria-busy");
  }
});

keepRenewing();
