// The launcher for other sites: <script src="https://…/widget.js" defer></script>. Draws a button and, when it is
// pressed, a panel with our page in a frame. Talks with the frame only, and only of open, close and unread.
// data-language="en" on the script chooses English; data-side="left" the other corner.

(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const english = script.dataset.language === "en";
  const SEAL =
    "M32 12v5M16 25v-5.5h32V25M27.5 23.5c-2.5 8-5.5 14-8.5 18 9 1.5 18 4.500 25 9.500M40.500 33c-2 9-9.500 15.500-22 18.500M14.500 32.500h35";
  const side = script.dataset.side === "left" ? "left" : "right";
  const words = english
    ? {
        open: "Open the help chat",
        close: "Close the help chat",
        title: "Help chat",
        unread: (n) => `${n} new`,
      }
    : { open: "打开在线咨询", close: "关闭在线咨询", title: "在线咨询", unread: (n) => `${n} 条新消息` };
  const style = `
    :host { all: initial; }
    button { position: fixed; bottom: calc(1rem + env(safe-area-inset-bottom)); ${side}: 1rem; z-index: 2147483000;
      display: grid; place-items: center; width: 3.75rem; height: 3.75rem; padding: 0; border: 2px solid #fffaf0;
      border-radius: 1.125rem; background: #12605b; box-shadow: 0 6px 24px rgb(0 0 0 / 25%); cursor: pointer; }
    button:focus-visible { outline: 3px solid #12605b; outline-offset: 3px; }
    svg { width: 2.25rem; height: 2.25rem; fill: none; stroke: #fffaf0; stroke-width: 4.2;
      stroke-linecap: round; stroke-linejoin: round; }
    .unread { position: absolute; top: -.5rem; ${side === "left" ? "right" : "left"}: -.5rem; min-width: 1.5rem;
      padding: 0 .375rem; border-radius: .75rem; background: #b3261a; color: #fff; font: 600 .875rem/1.5rem system-ui; }
    .panel { position: fixed; bottom: calc(5.5rem + env(safe-area-inset-bottom)); ${side}: 1rem; z-index: 2147483001;
      width: min(25rem, calc(100vw - 2rem)); height: min(44rem, calc(100dvh - 7rem)); overflow: hidden;
      border-radius: 1.25rem; background: #fffdf8; box-shadow: 0 12px 48px rgb(0 0 0 / 30%); }
    [hidden] { display: none !important; }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
    @media (max-width: 30rem) { .panel { inset: 0; width: auto; height: 100dvh; border-radius: 0; } }`;

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  try {
    const sheet = new CSSStyleSheet(); // a style element would need the other site's permission
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const sheet = document.createElement("style"); // older browsers
    sheet.textContent = style;
    root.append(sheet);
  }

  /** The character 安, drawn: an image would need the other site's permission too. */
  function seal() {
    const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    drawn.setAttribute("viewBox", "8 8 48 48");
    drawn.setAttribute("aria-hidden", "true");
    const strokes = document.createElementNS("http://www.w3.org/2000/svg", "path");
    strokes.setAttribute("d", SEAL);
    drawn.append(strokes);
    return drawn;
  }

  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", "panel");
  const badge = document.createElement("span");
  badge.className = "unread";
  badge.hidden = true;
  button.append(seal(), badge);

  const panel = document.createElement("div");
  panel.className = "panel";
  panel.id = "panel";
  panel.hidden = true;
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", words.title);
  root.append(button, panel);

  let frame = null;
  let ready = false;
  let unread = 0;

  function relabel() {
    const label = panel.hidden ? words.open : words.close;
    button.setAttribute("aria-label", unread ? `${label} (${words.unread(unread)})` : label);
    button.setAttribute("aria-expanded", String(!panel.hidden));
    badge.textContent = String(unread);
    badge.hidden = unread === 0;
  }

  function tell(what) {
    if (ready) frame.contentWindow.postMessage({ anwen: what }, origin);
  }

  function open() {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.title = words.title;
      frame.allow = "clipboard-write";
      frame.src = `${origin}/embed?lang=${english ? "en" : "zh"}`;
      frame.addEventListener("load", () => {
        ready = true;
        tell(panel.hidden ? "closed" : "open");
      });
      panel.append(frame);
    }
    panel.hidden = false;
    unread = 0;
    relabel();
    frame.focus();
    tell("open");
  }

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    relabel();
    tell("closed");
    button.focus();
  }

  button.addEventListener("click", () => (panel.hidden ? open() : close()));
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  window.addEventListener("message", ({ source, origin: from, data }) => {
    if (!frame || source !== frame.contentWindow || from !== origin || !data) return;
    if (data.anwen === "close") close();
    if (data.anwen === "unread" && panel.hidden && Number.isInteger(data.count)) {
      unread = data.count;
      relabel();
    }
  });
  relabel();
  const attach = () => document.body.append(host);
  if (document.body) attach();
  else document.addEventListener("DOMContentLoaded", attach);
})();
