// Tells somebody who looks elsewhere that there are new words: in the tab's title, or on the launcher around us.

import { countUnread } from "./embed.js";
import { onLanguage, say } from "./words.js";

let unread = 0;

/** New words came. */
export function heard() {
  countUnread();
  if (!document.hidden) return;
  unread += 1;
  showTitle();
}

function showTitle() {
  document.title = unread ? `(${unread}) ${say("title")}` : say("title");
}

onLanguage(showTitle);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  showTitle();
});
