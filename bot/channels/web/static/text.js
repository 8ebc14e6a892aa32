// Lays out what the bot says: paragraphs, steps, parts with their heading, phone numbers to tap.

import { element } from "./dom.js";
import { page } from "./words.js";

// Numbers that answers name (knowledge/content/hotlines.yaml); before a unit it is an amount instead.
const HOTLINES =
  "110 112 119 120 122 12110 12309 12315 12329 12333 12337 12338 12345 12348 12350 12351 12355 12356 12368 " +
  "12377 12381 12385 12388 12393 12395 95598 96110";
const KNOWN = [...HOTLINES.split(" "), ...Object.values(page.phones)].join("|");
const UNITS =
  "元|块|万|天|日|个|年|月|条|号(?!码)|分钟|小时|人(?![工员])|名|岁|平|米|公里|倍|yuan|days?|weeks?|months?|years?|people";
const PHONE = new RegExp(`(^|[^\\d.¥第-])(${KNOWN})(?![\\d.%％-]|\\s*(?:${UNITS}))`, "g");
const TICKET = /(\d{8}-\d{4,})/;
const BY_TEXT = new Set(["12110"]);

const STEP = /^(\d{1,2})[.、．]\s*(.+)$/;
const POINT = /^[·•]\s*(.+)$/;
const PART = /^([^：:]{1,24})(?:：|: ?)(.+)$/;
const headings = new Set([...page.parts.zh, ...page.parts.en].map((part) => part.replace(/[：:]$/, "")));

/** The lines of `text` as elements. `leads` sets the first line off, as in an answer. */
export function layOut(text, { leads = false } = {}) {
  const blocks = [];
  const lines = text.split("\n").map((each) => each.trim());
  for (const line of lines.filter(Boolean)) {
    const step = STEP.exec(line);
    const point = POINT.exec(line);
    const part = PART.exec(line);
    if (step) list(blocks, "OL", Number(step[1])).append(element("li", {}, linked(step[2])));
    else if (point) list(blocks, "UL", 1).append(element("li", {}, linked(point[1])));
    else if (part && headings.has(part[1])) blocks.push(partOf(part, blocks));
    else if (headings.has(line.replace(/[：:]$/, ""))) blocks.push(element("p", { class: "heading" }, line));
    else blocks.push(element("p", {}, linked(line)));
  }
  if (leads && blocks.length > 1 && blocks[0].tagName === "P") blocks[0].classList.add("lead");
  return blocks;
}

function list(blocks, tag, first) {
  const last = blocks[blocks.length - 1];
  if (last?.tagName === tag) return last;
  const made = element(tag.toLowerCase());
  if (tag === "OL" && first > 1) {
    made.start = first;
    made.style.setProperty("--before", String(first - 1));
  }
  blocks.push(made);
  return made;
}

function partOf([, name, value], blocks) {
  const first = !blocks[blocks.length - 1]?.classList.contains("part");
  return element("p", { class: first ? "part first-part" : "part" }, element("b", {}, name), linked(value));
}

/** `text` with its phone numbers as links, and ticket numbers that no end of a line tears apart. */
export const linked = (text) =>
  text
    .split(TICKET)
    .flatMap((part, place) => (place % 2 ? element("span", { class: "whole" }, part) : phones(part)));

function phones(text) {
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(PHONE)) {
    const start = match.index + match[1].length;
    if (start > from) pieces.push(text.slice(from, start));
    const scheme = BY_TEXT.has(match[2]) ? "sms" : "tel";
    pieces.push(element("a", { class: "number", href: `${scheme}:${match[2]}` }, match[2]));
    from = start + match[2].length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/** The phone numbers `text` names, in order, each once. */
export const phonesIn = (text) => [
  ...new Set([...text.matchAll(PHONE)].map((match) => match[2]).filter((number) => !BY_TEXT.has(number))),
];
