// Fetches pages and swaps their regions. The browser parses the HTML as a document of its own, in which no script
// runs, so nothing here turns a string into HTML.

/** The document at `url`; throws when the server cannot be reached, goes to the sign-in page when it says so. */
export function load(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.timeout = 15_000;
    request.onload = () => {
      if (new URL(request.responseURL).pathname === "/staff/sign-in") location.reload();
      else if (request.status === 404 || request.status === 403) location.reload();
      else if (request.status === 200 && request.response) resolve(request.response);
      else reject(new Error(String(request.status)));
    };
    request.onerror = request.ontimeout = () => reject(new Error("unreachable"));
    request.send();
  });
}

/** Take over every region of `fresh` that differs and in which nobody is working. */
export function take(fresh) {
  let changed = false;
  for (const region of document.querySelectorAll("[data-region]")) {
    const next = fresh.getElementById(region.id);
    if (!next) {
      region.remove();
      continue;
    }
    if (region.querySelector("details.pop[open] form") || region.contains(editing())) continue;
    keepOpen(region, next);
    if (region.isEqualNode(next)) continue;
    const focus = region.contains(document.activeElement) ? placeOf(document.activeElement, region) : null;
    region.replaceWith(document.adoptNode(next));
    focus?.(next)?.focus({ preventScroll: true });
    changed = true;
  }
  return changed;
}

function editing() {
  const at = document.activeElement;
  return at && at.matches("textarea, input:not([type=checkbox]), select") ? at : null;
}

const HOLDERS = "[data-number], [data-seq], [id]";

/** How to find the element again that stands where `element` stands in `region`: by its id, or as the nth of its kind
 * in the same line or message. */
function placeOf(element, region) {
  const holder = element.closest(HOLDERS) ?? region;
  const { number, seq } = holder.dataset;
  const path = number ? `[data-number="${number}"]` : seq ? `[data-seq="${seq}"]` : `#${CSS.escape(holder.id)}`;
  const nth = [...holder.querySelectorAll(element.tagName)].indexOf(element);
  return (next) => {
    const twin = next.matches(path) ? next : next.querySelector(path);
    return holder === element ? twin : twin?.querySelectorAll(element.tagName)[nth];
  };
}

/** What is folded out, ticked and chosen with the keys stays so. */
function keepOpen(region, next) {
  for (const details of [region, ...region.querySelectorAll("details[id]")]) {
    if (details.tagName !== "DETAILS") continue;
    const twin = details === region ? next : next.querySelector(`#${CSS.escape(details.id)}`);
    if (twin) twin.open = details.open;
  }
  for (const box of region.querySelectorAll("input[type=checkbox]:checked")) {
    const twin = next.querySelector(`input[type=checkbox][value="${CSS.escape(box.value)}"]`);
    if (twin) twin.checked = true;
  }
  for (const line of region.querySelectorAll(".line.at"))
    next.querySelector(`.line[data-number="${CSS.escape(line.dataset.number)}"]`)?.classList.add("at");
}

/** Send a form as the page's script; the answer as JSON. Throws Refused with the server's words. */
export async function send(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  const response = await fetch(form.action, {
    method: "POST",
    body,
    headers: { "X-Anwen-Script": "1", Accept: "application/json" },
    cache: "no-store",
  });
  if (response.ok) return response.status === 204 ? {} : response.json();
  throw await refused(response);
}

/** The server's refusal, with its words. */
export async function refused(response) {
  const { error = {} } = await response.json().catch(() => ({}));
  return new Refused(response.status, error);
}

/** The server answered, but refused. */
export class Refused extends Error {
  constructor(status, { code = "error", message = "" } = {}) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const words = JSON.parse(document.body.dataset.words ?? "{}");

/** Say `text` to screen readers. */
export function speak(text) {
  const spoken = document.getElementById("spoken");
  spoken.textContent = "";
  setTimeout(() => (spoken.textContent = text), 50);
}
