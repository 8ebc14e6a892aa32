// Files in the chat: sent one at a time, and opened by whoever may see them.

import * as api from "./api.js";
import { element, icon } from "./dom.js";
import { page, say, spoken } from "./words.js";

const MB = 1024 ** 2;
const KEPT_MS = 60_000; // a browser may ask where to save before it reads

/**
 * Let the button choose files.
 * @param onChosen takes the files, one after another
 * @param onWords takes words for the person when a file cannot be sent
 */
export function setUp(button, input, { onChosen, onWords }) {
  if (!button) return;
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    for (const file of files)
      if (file.size > page.largestFile * MB) onWords(say("file_too_large", { count: page.largestFile }));
      else onChosen(file);
  });
}

/** The buttons that open the files of a message. */
export const fileButtons = (files) =>
  files.map((file) =>
    element(
      "button",
      { type: "button", class: "file", onclick: (event) => open(file, event.currentTarget) },
      icon("clip"),
      element("span", { class: "file-name" }, file.name),
      element("small", {}, `${Math.max(1, Math.round(file.size_bytes / 1024))} KB`),
    ),
  );

/** Fetched and not linked: inside another site's page no cookie would go along. */
async function open(file, button) {
  button.disabled = true;
  try {
    const url = URL.createObjectURL(await api.file(file.id));
    element("a", { href: url, download: file.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
  } catch {
    button.after(spoken("span", "file_failed", { class: "state", role: "alert" }));
  } finally {
    button.disabled = false;
  }
}
