// What pages gain from a script; each of them works without it. Words come from the pages' data- attributes.

const root = document.documentElement;
const language = root.lang || "en";
const clockSkew = root.dataset.serverNow ? Date.parse(root.dataset.serverNow) - Date.now() : 0;
const serverNow = () => Date.now() + clockSkew;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function setCookie(name, value, days = 365) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${days * 86400}; SameSite=Lax${secure}`;
}

function remembered(storage, key) {
  try {
    return storage.getItem(key);
  } catch {
    return null; // storage may be switched off
  }
}

function remember(storage, key, value) {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
  } catch {
    // nothing depends on it
  }
}

// Time ----------------------------------------------------------------------------------------------------------

const DUE_SOON_SHARE = 0.75;
const unit = (name, amount) =>
  new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(amount);

export function spanText(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  let parts = [[seconds, "second"]];
  if (days) parts = [[days, "day"], [hours, "hour"]];
  else if (hours) parts = [[hours, "hour"], [minutes, "minute"]];
  else if (minutes) parts = minutes < 10 ? [[minutes, "minute"], [seconds % 60, "second"]] : [[minutes, "minute"]];
  return parts.filter(([amount], index) => index === 0 || amount).map(([amount, name]) => unit(name, amount)).join(" ");
}

export function phaseAt(now, due, received) {
  if (now > due) return "breached";
  return received && now >= received + (due - received) * DUE_SOON_SHARE ? "due_soon" : "running";
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function updateCountdown(element) {
  const due = Date.parse(element.dateTime);
  const received = element.dataset.received ? Date.parse(element.dataset.received) : 0;
  const now = serverNow();
  const phase = phaseAt(now, due, received);
  element.dataset.phase = phase;
  const text = phase === "breached" ? element.dataset.textOver : element.dataset.textLeft;
  setText(element, fill(text, { duration: spanText(due - now) }));
  const card = element.closest("[data-commitment]");
  if (!card) return;
  card.dataset.phase = phase;
  const bar = card.querySelector("progress");
  if (bar && received) bar.value = Math.min(bar.max, Math.max(0, (now - received) / 1000));
}

const RELATIVE_STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 7], ["week", 4.345], ["month", 12], ["year", Infinity]];
const relativeFormat = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

export function relativeText(instant, now) {
  let amount = (instant - now) / 1000;
  for (const [name, size] of RELATIVE_STEPS) {
    if (Math.abs(amount) < size) return relativeFormat.format(Math.trunc(amount), name);
    amount /= size;
  }
  return "";
}

function tick() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("time[data-countdown]")) updateCountdown(element);
  for (const element of document.querySelectorAll("time[data-relative]")) {
    setText(element, relativeText(Date.parse(element.dateTime), serverNow()));
  }
}

setInterval(tick, 1000);
document.addEventListener("visibilitychange", tick);

// Menus, dismissals, theme --------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  event.target.closest("[data-dismiss]")?.closest("[data-dismissible]")?.remove();
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) openDialog(opener.dataset.openDialog);
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-theme-form]") && event.submitter) {
    event.preventDefault();
    applyTheme(event.submitter.value, form);
  }
  if (form.method === "post" && !event.defaultPrevented) sendOnce(form, event);
});

function applyTheme(theme, form) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  setCookie("theme", theme);
  for (const button of form.querySelectorAll("button[name=theme]")) {
    if (button.value === theme) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function sendOnce(form, event) {
  if (form.dataset.sent !== undefined) event.preventDefault();
  else form.dataset.sent = "";
}

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Dialogs -------------------------------------------------------------------------------------------------------

function openDialog(id) {
  const dialog = document.getElementById(id);
  for (const menu of document.querySelectorAll("details[data-menu][open]")) menu.open = false;
  if (!dialog || dialog.open) return;
  for (const row of dialog.querySelectorAll("[data-key]")) row.hidden = !shortcutTarget(row.dataset.key);
  dialog.showModal();
}

function confirmInDialog(details) {
  const panel = details.querySelector("[data-confirm-panel]");
  const title = panel.querySelector("[data-confirm-title]");
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  title.id ||= `confirm-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(panel);
  dialog.addEventListener("close", () => {
    details.append(panel);
    dialog.remove();
    details.querySelector("summary").focus();
  });
  details.after(dialog);
  dialog.showModal();
  panel.querySelector("[autofocus], textarea, select, input:not([type=hidden])")?.focus();
}

document.addEventListener("click", (event) => {
  const summary = event.target.closest("details[data-confirm] > summary");
  if (summary) {
    event.preventDefault();
    confirmInDialog(summary.parentElement);
    return;
  }
  if (event.target.closest("[data-close]") || event.target.matches("dialog")) event.target.closest("dialog")?.close();
});

// Drafts: what somebody wrote survives leaving the page by accident and a sending that failed, in this tab only -----

const DRAFT = "draft:";
const SENT = "draft-sent:";

function storedKeys(prefix) {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

function restoreDraft(area) {
  const draft = remembered(sessionStorage, DRAFT + area.dataset.draftKey);
  if (draft && !area.value) {
    area.value = draft;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// A page that came after sending proves that the text arrived, unless it is an error page or the way back from one.
function settleSentDrafts() {
  const way = performance.getEntriesByType("navigation")[0]?.type ?? "navigate";
  const arrived = way === "navigate" && root.dataset.failed === undefined;
  for (const key of storedKeys(SENT)) {
    if (arrived) remember(sessionStorage, DRAFT + key.slice(SENT.length), null);
    remember(sessionStorage, key, null);
  }
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("textarea[data-draft-key]")) {
    remember(sessionStorage, DRAFT + event.target.dataset.draftKey, event.target.value || null);
  }
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) storedKeys(DRAFT).forEach((key) => remember(sessionStorage, key, null));
  if (event.defaultPrevented) return;
  for (const area of event.target.querySelectorAll("textarea[data-draft-key]")) {
    remember(sessionStorage, SENT + area.dataset.draftKey, "1");
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful, requestConfig } = event.detail;
  if (!successful || requestConfig?.verb !== "post") return;
  for (const area of elt.querySelectorAll?.("textarea[data-draft-key]") ?? []) {
    remember(sessionStorage, DRAFT + area.dataset.draftKey, null);
  }
});

// Files ---------------------------------------------------------------------------------------------------------

const fileSize = (bytes) => {
  const steps = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = Math.min(steps.length - 1, bytes ? Math.floor(Math.log(bytes) / Math.log(1024)) : 0);
  const format = { style: "unit", unit: steps[step], unitDisplay: "short", maximumFractionDigits: step > 1 ? 1 : 0 };
  return new Intl.NumberFormat(language, format).format(bytes / 1024 ** step);
};

function removeFile(input, index) {
  const kept = new DataTransfer();
  [...input.files].forEach((file, number) => number !== index && kept.items.add(file));
  input.files = kept.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function listFiles(box) {
  const input = box.querySelector("input[type=file]");
  const limit = Number(box.dataset.maxBytes);
  const rows = [...input.files].map((file, index) => {
    const row = document.createElement("li");
    const name = document.createElement("bdi");
    const size = document.createElement("span");
    const button = document.createElement("button");
    name.textContent = file.name;
    size.className = "muted small";
    size.textContent = fileSize(file.size);
    if (limit && file.size > limit) {
      row.className = "is-bad";
      size.className = "small";
      size.textContent = fill(box.dataset.textLarge, { limit: fileSize(limit) });
    }
    button.type = "button";
    button.className = "button button-quiet button-small";
    button.textContent = box.dataset.textRemove;
    button.setAttribute("aria-label", `${box.dataset.textRemove}: ${file.name}`);
    button.addEventListener("click", () => removeFile(input, index));
    row.append(name, size, button);
    return row;
  });
  box.querySelector(".file-list").replaceChildren(...rows);
}

document.addEventListener("change", (event) => {
  const box = event.target.closest?.("[data-file-input]");
  if (box) listFiles(box);
});

for (const [type, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(type, (event) => {
    const drop = event.target.closest?.("[data-file-input] .file-drop");
    if (!drop) return;
    if (type !== "dragleave") event.preventDefault();
    drop.classList.toggle("is-over", over);
    if (type === "drop") addDropped(drop.querySelector("input[type=file]"), event.dataTransfer.files);
  });
}

function addDropped(input, files) {
  const all = new DataTransfer();
  if (input.multiple) for (const file of input.files) all.items.add(file);
  for (const file of input.multiple ? files : [...files].slice(0, 1)) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// Keyboard ------------------------------------------------------------------------------------------------------

const SHORTCUTS_KEY = "shortcuts";
const shortcutsOn = () => remembered(localStorage, SHORTCUTS_KEY) !== "off";
const isWriting = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
const rowLinks = () => [...document.querySelectorAll("table[data-rows] tbody .row-link")].filter((link) => link.offsetParent);

function moveInRows(step) {
  const links = rowLinks();
  if (!links.length) return;
  const at = links.indexOf(document.activeElement.closest?.("tr")?.querySelector(".row-link"));
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
  links[next].focus();
}

const KEYS = {
  j: () => moveInRows(1),
  k: () => moveInRows(-1),
  "/": () => [...document.querySelectorAll("[data-search]")].reverse().find((input) => input.offsetParent)?.focus(),
  "?": () => openDialog("shortcuts"),
};
const shortcutTarget = (key) => document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
    event.target.form?.requestSubmit();
    return;
  }
  if (event.key === "Escape") {
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !shortcutsOn()) return;
  if (isWriting(event.target) || document.querySelector("dialog[open]")) return;
  const target = shortcutTarget(event.key);
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  } else if (target) {
    event.preventDefault();
    if (target.matches("input, textarea, select")) target.focus();
    else target.click();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-shortcuts-toggle]")) {
    remember(localStorage, SHORTCUTS_KEY, event.target.checked ? null : "off");
  }
});

// Start, and again for what htmx brings ---------------------------------------------------------------------------

function prepare(part) {
  for (const area of part.querySelectorAll("textarea[data-draft-key]")) restoreDraft(area);
  for (const box of part.querySelectorAll("[data-file-input]")) listFiles(box);
  for (const toggle of part.querySelectorAll("[data-shortcuts-toggle]")) toggle.checked = shortcutsOn();
  for (const time of part.querySelectorAll("time[data-relative][title]")) time.tabIndex = -1;
  part.querySelector("[data-focus]")?.focus();
  tick();
}

// A row of tabs, or the navigation on a phone, that does not fit starts where the page stands; the page itself stays where it is.
for (const tab of document.querySelectorAll(".tab[aria-current], .nav-link[aria-current]")) {
  const row = tab.closest("ul");
  row.scrollLeft += tab.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - tab.offsetWidth) / 2;
}

settleSentDrafts();
prepare(document);
document.addEventListener("htmx:load", (event) => event.target !== document.body && prepare(event.target));
