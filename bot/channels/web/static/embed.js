// Inside another site's page: says when to close and how much is unread, hears when it is opened. Only to and
// from the sites that may embed us, and nothing else.

import { page } from "./words.js";

const framed = page.mode === "embed" && window.parent !== window;
let parentOrigin = null;
let shown = !framed;
let unread = 0;
let untold = null; // what is to be said as soon as we know to whom

/** Listen to the page around us. `onOpen` is called when the panel opens. */
export function listen({ onOpen }) {
  if (!framed) return;
  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== window.parent || !page.parents.includes(origin) || data?.anwen === undefined) return;
    parentOrigin = origin;
    if (untold) tell(untold);
    shown = data.anwen === "open";
    if (!shown) return;
    unread = 0;
    onOpen();
  });
}

/** Ask the page around us to close the panel. */
export const close = () => tell({ anwen: "close" });

/** Something new was said: count it if nobody sees it. */
export function countUnread() {
  if (shown) return;
  unread += 1;
  tell({ anwen: "unread", count: unread });
}

export const isFramed = framed;

function tell(message) {
  untold = parentOrigin ? null : message;
  if (parentOrigin) window.parent.postMessage(message, parentOrigin);
}
