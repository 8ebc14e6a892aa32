// The window on the conversation: where it is scrolled to, how high it is, and whether new words are out of sight.

import { byId } from "./dom.js";

const NEAR_END = 120; // pixels
const main = byId("main");
const newest = byId("newest");

/** Whether the end of the conversation is in sight. */
export const atEnd = () => main.scrollHeight - main.scrollTop - main.clientHeight < NEAR_END;

/** Show the end. */
export function toEnd() {
  main.scrollTop = main.scrollHeight;
  newest.hidden = true;
}

/** Show `item` with as much as fits of what follows: a long answer is read from its beginning. */
export function showFrom(item) {
  const top = item.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop;
  main.scrollTop = Math.min(top - 12, main.scrollHeight - main.clientHeight);
  newest.hidden = true;
}

/** New words came while the person reads something older. */
export function offerNewest() {
  newest.hidden = false;
}

/** Follow the height that is really visible: keyboards cover a page without telling it. */
export function fitHeight() {
  const visible = window.visualViewport;
  if (!visible) return;
  const fit = () => {
    if (visible.scale > 1.01) return; // zoomed by hand: leave it alone
    const covered = window.innerHeight - visible.height > 80;
    document.documentElement.style.setProperty("--height", covered ? `${visible.height}px` : "");
    if (covered) window.scrollTo(0, 0);
  };
  visible.addEventListener("resize", fit);
  fit();
}

newest.addEventListener("click", toEnd);
main.addEventListener("scroll", () => atEnd() && (newest.hidden = true), { passive: true });
