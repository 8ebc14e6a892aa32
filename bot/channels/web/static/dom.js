// Builds elements. Text only ever enters as text nodes: the page's policy forbids HTML from strings anyway.

const SVG = "http://www.w3.org/2000/svg";

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/**
 * A new element. Properties that start with “on” are listeners, `class` and names with a dash are attributes,
 * `data` is a map of data-… attributes; the rest are properties. Children are nodes or text; null is left out.
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name === "class" || name === "role" || name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** A symbol of the page's sprite, invisible to screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Says `text` to screen readers without showing it. */
export function speak(text) {
  const spoken = byId("spoken");
  spoken.textContent = "";
  setTimeout(() => (spoken.textContent = text), 50);
}
