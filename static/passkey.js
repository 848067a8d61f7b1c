// Passkeys: asks the server for the options, lets the browser do its part, and sends the answer as the form's own field.
// <form data-passkey="get|create" data-start="/…/start" hidden> with a hidden field `credential` and a hidden `.problem`.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  buffer &&
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

function toOptions(publicKey) {
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  for (const list of [publicKey.allowCredentials, publicKey.excludeCredentials])
    for (const credential of list ?? []) credential.id = bytes(credential.id);
  return { publicKey };
}

function toAnswer({ id, rawId, type, response }) {
  const answer = { id, rawId: text(rawId), type, response: { clientDataJSON: text(response.clientDataJSON) } };
  if (response.attestationObject) {
    answer.response.attestationObject = text(response.attestationObject);
  } else {
    answer.response.authenticatorData = text(response.authenticatorData);
    answer.response.signature = text(response.signature);
    answer.response.userHandle = text(response.userHandle);
  }
  return JSON.stringify(answer);
}

async function run(form) {
  const { passkey, start } = form.dataset;
  const body = new URLSearchParams({ csrf: form.elements.csrf.value });
  const asked = await fetch(start, { method: "POST", body });
  // Somewhere else first: to sign in, or to show who one is.
  if (asked.redirected) return location.assign(asked.url);
  if (!asked.ok) throw new Error(asked.status);
  const options = toOptions((await asked.json()).publicKey);
  const made = await (passkey === "create" ? navigator.credentials.create(options) : navigator.credentials.get(options));
  form.elements.credential.value = toAnswer(made);
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector(".problem");
    problem.hidden = true;
    try {
      await run(form);
    } catch {
      problem.hidden = false;
    }
  });
}
