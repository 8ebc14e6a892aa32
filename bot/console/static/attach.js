// Sends a file to the citizen. The body of the request is the file: no form, so no other site can send one.

import { refresh } from "./live.js";
import { Refused, refused, speak, words } from "./page.js";

const MB = 1024 ** 2;

/** Let the button beside the answer send files. `newId` names each, so that one sent twice is one. */
export function start(form, newId) {
  const button = form.querySelector("[data-attach]");
  if (!button) return;
  const input = document.getElementById("file");
  const problem = form.querySelector(".compose-problem");
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const files = [...input.files];
    input.value = "";
    problem.hidden = true;
    button.disabled = true;
    try {
      for (const file of files) await send(file, form, Number(button.dataset.largest), newId());
      speak(words.file_sent);
    } catch (error) {
      problem.textContent = (error instanceof Refused && error.message) || words.failed;
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
    await refresh();
  });
}

async function send(file, form, largestMb, id) {
  if (file.size > largestMb * MB) throw new Refused(413, { message: words.file_too_large });
  const query = new URLSearchParams({ seen: form.elements.namedItem("seen").value, client_id: id });
  const response = await fetch(`${form.action.replace(/answer$/, "files")}?${query}`, {
    method: "POST",
    body: file,
    headers: {
      "Content-Type": "application/octet-stream",
      "X-Anwen-Name": encodeURIComponent(file.name),
      "X-Anwen-Script": "1",
      Accept: "application/json",
    },
    cache: "no-store",
  });
  if (!response.ok) throw await refused(response);
}
