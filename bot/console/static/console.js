// Starts what the page needs.

import * as keys from "./keys.js";
import * as live from "./live.js";
import * as ticket from "./ticket.js";

ticket.start();
live.start();
keys.start();
bulk();
document.documentElement.dataset.ready = "yes"; // from here on keys and buttons do what they say

for (const button of document.querySelectorAll("[data-open]"))
  button.addEventListener("click", () => document.getElementById(button.dataset.open).showModal());

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.pop[open], details.me[open]"))
    if (!open.contains(event.target)) open.open = false;
});

// a draft is nobody else's business on a shared machine
document.querySelector('form[action="/staff/sign-out"]')?.addEventListener("submit", () => {
  for (const key of Object.keys(localStorage)) if (key.startsWith("anwen-staff.")) localStorage.removeItem(key);
});

// the address keeps no message that a reload would repeat
if (document.querySelector("[data-said]")) {
  const url = new URL(location.href);
  url.searchParams.delete("said");
  history.replaceState(null, "", url);
}

function bulk() {
  const form = document.getElementById("bulk");
  if (!form) return;
  const picked = document.getElementById("picked");
  const count = () => {
    const number = document.querySelectorAll(".pick input:checked").length;
    form.hidden = number === 0;
    picked.textContent = picked.dataset.text.replace("{count}", String(number));
  };
  document.addEventListener("change", (event) => event.target.closest(".pick") && count());
  live.onFresh(count);
  document.getElementById("unpick").addEventListener("click", () => {
    for (const box of document.querySelectorAll(".pick input:checked")) box.checked = false;
    count();
  });
  count();
}
