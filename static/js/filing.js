// What the page of filing gains from a script: choices that narrow, a preview that keeps up, words that are not lost.
// The page works without it; htmx refreshes the preview.

const form = document.querySelector("form[data-filing]");
const preview = form.querySelector("[data-preview]");
const body = preview.querySelector("#preview-body");
const said = preview.querySelector("[data-preview-said]");
const failed = preview.querySelector("[data-preview-failed]");
const chosen = (name) => form.querySelector(`[name="${name}"]:checked`)?.value ?? form.elements[name]?.value ?? "";

// Choices that narrow: services fit the kind of help, topics fit both --------------------------------------------------

const kindOf = (category) => category.split(".")[0];
const services = [...form.elements.service.options];
const topics = [...form.elements.topic.options];
const heads = new Map(topics.map((option) => [option, option.parentElement]));

function offer(select, options) {
  const value = select.value;
  select.replaceChildren(...options);
  select.value = options.some((each) => each.value === value) ? value : "";
  if (select.selectedIndex < 0 && options.length) select.selectedIndex = 0;
}

function narrowServices(category) {
  const fits = (option) => !option.value || !category || option.dataset.kinds.split(" ").includes(kindOf(category));
  offer(form.elements.service, services.filter(fits));
}

function narrowTopics(category) {
  const select = form.elements.topic;
  const service = form.elements.service.value;
  const value = select.value;
  const fits = ({ value, dataset }) =>
    !value || ((!category || dataset.category === category) && (!service || !dataset.service || dataset.service === service));
  const fitting = topics.filter(fits);
  const groups = new Map();
  const shown = [];
  for (const option of fitting) {
    const head = category ? null : heads.get(option);
    if (option.value) option.textContent = service ? option.dataset.name : option.dataset.long;
    if (!(head instanceof HTMLOptGroupElement)) {
      shown.push(option);
      continue;
    }
    if (!groups.has(head)) {
      const group = document.createElement("optgroup");
      group.label = head.label;
      groups.set(head, group);
      shown.push(group);
    }
    groups.get(head).append(option);
  }
  select.replaceChildren(...shown);
  select.value = fitting.some((option) => option.value === value) ? value : "";
}

function narrow() {
  const category = chosen("category");
  narrowServices(category);
  const topic = topics.find((option) => option.value && option.value === form.elements.topic.value);
  if (topic?.dataset.service && !form.elements.service.value) form.elements.service.value = topic.dataset.service;
  narrowTopics(category);
}

for (const option of topics) option.dataset.long = option.textContent;
form.addEventListener("change", (event) => {
  if (["category", "service", "topic"].includes(event.target.name)) narrow();
});

// Files: told before they are sent, for a form that is too large is refused whole ----------------------------------------

function checkFiles(input) {
  const files = [...input.files];
  const { tooLarge, tooMany, mostFiles } = form.dataset;
  const limit = Number(input.closest("[data-file-input]").dataset.maxBytes);
  const large = files.find((file) => file.size > limit);
  let fault = large ? tooLarge.replace("{file}", large.name) : "";
  if (files.length > Number(mostFiles)) fault = tooMany;
  input.setCustomValidity(fault);
  if (fault) input.reportValidity();
}

form.addEventListener("change", (event) => event.target.type === "file" && checkFiles(event.target));

// Enter in a line of text files nothing: the button does. In a field with proposals it takes one of them -----------------

let enteredInList = false;

form.addEventListener("keydown", (event) => {
  const inLine = event.target.matches("input:not([type=radio], [type=checkbox], [type=file])");
  enteredInList = event.key === "Enter" && Boolean(event.target.list);
  if (event.key === "Enter" && inLine && !event.target.list) event.preventDefault();
});
form.addEventListener("submit", (event) => enteredInList && event.preventDefault());
form.addEventListener("pointerdown", () => (enteredInList = false));

// The preview ---------------------------------------------------------------------------------------------------------

const unfolded = new Map();
const refresh = () => preview.dispatchEvent(new CustomEvent("refresh"));

preview.addEventListener("htmx:beforeRequest", () => body.setAttribute("aria-busy", "true"));
preview.addEventListener("htmx:afterRequest", (event) => {
  body.removeAttribute("aria-busy");
  failed.hidden = event.detail.successful;
});
preview.addEventListener("htmx:sendAbort", () => body.removeAttribute("aria-busy"));
preview.addEventListener("htmx:beforeSwap", () => {
  for (const details of body.querySelectorAll("details[id]")) unfolded.set(details.id, details.open);
});
preview.addEventListener("htmx:afterSwap", () => {
  for (const details of body.querySelectorAll("details[id]")) details.open = unfolded.get(details.id) ?? details.open;
  // Said again when something else is proposed, not with every minute by which an answer is due.
  const { announcement = "", announcedAs = "" } = body.querySelector("[data-announcement]")?.dataset ?? {};
  if (said.dataset.announcedAs !== announcedAs) said.textContent = announcement;
  said.dataset.announcedAs = announcedAs;
});

// What was typed comes back after leaving the page, in this tab only; portal.js forgets it once it has arrived ----------

const DRAFT = `draft:filing${location.search}`;
const SENT = `draft-sent:filing${location.search}`;
const KEPT_BY_SERVER = ["csrfmiddlewaretoken", "key", "follow_up_of"];

function stored(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null; // storage may be switched off
  }
}

function store(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // nothing depends on it
  }
}

function typed() {
  const entries = [...new FormData(form)];
  return entries.filter(([name, value]) => typeof value === "string" && !KEPT_BY_SERVER.includes(name));
}

function fillIn(entries) {
  const values = new Map(entries);
  for (const element of form.elements) {
    if (!element.name || element.type === "file" || KEPT_BY_SERVER.includes(element.name)) continue;
    const value = values.get(element.name);
    if (element.type === "radio") element.checked = element.value === (value ?? "");
    else if (element.type === "checkbox") element.checked = value !== undefined;
    else if (value !== undefined) element.value = value;
  }
}

function restore() {
  const draft = stored(DRAFT);
  if (!draft || form.dataset.fresh === undefined) return;
  const blank = JSON.stringify(typed());
  if (draft === blank) return;
  fillIn(JSON.parse(draft));
  form.querySelector("[data-kept]").hidden = false;
  addEventListener("load", refresh, { once: true }); // htmx listens from then on
}

form.addEventListener("input", () => store(DRAFT, JSON.stringify(typed())));
form.addEventListener("submit", (event) => !event.defaultPrevented && store(SENT, "1"));
form.querySelector("[data-start-afresh]").addEventListener("click", () => {
  store(DRAFT, null);
  form.reset();
  form.querySelector("[data-kept]").hidden = true;
  narrow();
  refresh();
});

if (window.htmx) form.querySelector("[data-preview-button]").remove();
restore();
narrow();
