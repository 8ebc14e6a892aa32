// Where the person writes. Enter sends, Shift+Enter breaks the line, and while an input method is composing
// characters Enter belongs to it.

import { byId } from "./dom.js";
import { onLanguage, page, say } from "./words.js";

const NEAR = 200; // characters left when the counter appears
const ENTER_OF_INPUT_METHOD = 229; // Safari ends composing before it tells of the key

export class Composer {
  #field = byId("text");
  #counter = byId("counter");
  #send = byId("send");
  #checking = false;
  #onSend;
  #mayWrite;

  /**
   * @param onSend takes the text; the field is empty then
   * @param mayWrite returns why nothing may be sent now, or null
   */
  constructor({ onSend, mayWrite }) {
    this.#onSend = onSend;
    this.#mayWrite = mayWrite;
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#field.addEventListener("input", () => this.#changed());
    byId("check").addEventListener("click", () => this.check(!this.#checking));
    byId("check-close").addEventListener("click", () => this.check(false));
    onLanguage(() => this.#changed());
    this.#changed();
  }

  focus() {
    this.#field.focus();
  }

  /** Begin or end asking for something suspicious to look at. */
  check(checking) {
    this.#checking = checking;
    byId("check").setAttribute("aria-pressed", String(checking));
    byId("check-hint").hidden = !checking;
    this.#field.dataset.tPlaceholder = checking ? "check_placeholder" : "placeholder";
    this.#field.placeholder = say(this.#field.dataset.tPlaceholder);
    this.focus();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey) return;
    if (event.isComposing || event.keyCode === ENTER_OF_INPUT_METHOD) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.#field.value.trim();
    const refused = this.#mayWrite();
    if (!text || over(text) > 0 || refused) {
      if (refused) this.#tell(refused, true);
      this.focus();
      return;
    }
    this.#field.value = "";
    if (this.#checking) this.check(false);
    this.#changed();
    this.focus();
    this.#onSend(text);
  }

  #changed() {
    const text = this.#field.value.trim();
    this.#grow();
    this.#send.setAttribute("aria-disabled", String(!text || over(text) > 0));
    if (over(text) > 0) this.#tell(say("over", { count: over(text) }), true);
    else if (-over(text) <= NEAR) this.#tell(say("left", { count: -over(text) }), false);
    else this.#counter.hidden = true;
  }

  #tell(text, isOver) {
    this.#counter.textContent = text;
    this.#counter.classList.toggle("over", isOver);
    this.#counter.hidden = false;
  }

  #grow() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight + 3}px`; // and its border
  }
}

/** Characters too many, negative when some are left; counted as the server does. */
const over = (text) => [...text].length - page.longest;
