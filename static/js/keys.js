// Security keys and passkeys: hands the page's question to the browser, and sends the key's answer with the form.
// A form carries the question in data-key-create or data-key-get, or in data-key-ask the address that gives one.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withBytes = (list) => (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));

async function create({ publicKey }) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: withBytes(publicKey.excludeCredentials),
    },
  });
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    clientExtensionResults: made.getClientExtensionResults(),
    response: {
      clientDataJSON: toText(made.response.clientDataJSON),
      attestationObject: toText(made.response.attestationObject),
    },
  };
}

async function get({ publicKey }) {
  const found = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: withBytes(publicKey.allowCredentials),
    },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = found.response;
  return {
    id: found.id,
    rawId: toText(found.rawId),
    type: found.type,
    clientExtensionResults: found.getClientExtensionResults(),
    response: {
      clientDataJSON: toText(clientDataJSON),
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
      userHandle: userHandle ? toText(userHandle) : null,
    },
  };
}

async function ask(form) {
  const body = new FormData(form);
  const answer = await fetch(form.dataset.keyAsk, { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`no question: ${answer.status}`);
  return answer.json();
}

async function answerOf(form) {
  if (form.dataset.keyCreate) return create(JSON.parse(form.dataset.keyCreate));
  return get(form.dataset.keyGet ? JSON.parse(form.dataset.keyGet) : await ask(form));
}

for (const form of document.querySelectorAll("form[data-key-create], form[data-key-get], form[data-key-ask]")) {
  const start = form.querySelector("[data-key-start]");
  const failed = form.querySelector("[data-key-failed]");
  const unable = form.querySelector("[data-key-unable]");
  const isAble = Boolean(window.PublicKeyCredential && navigator.credentials);
  start.hidden = !isAble;
  if (unable) unable.hidden = isAble;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (start.disabled) return;
    start.disabled = true;
    failed.hidden = true;
    try {
      form.querySelector("[data-key-answer]").value = JSON.stringify(await answerOf(form));
      form.submit();
    } catch {
      failed.hidden = false; // refused, timed out, or no such key here: the person tries again
      start.disabled = false;
      start.focus();
    }
  });
}
