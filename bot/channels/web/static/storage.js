// What the browser remembers. Storage may be forbidden or full: then things live as long as the page does.

const memory = new Map();

/** The value stored under `key`, or `fallback`. */
export function recall(key, fallback) {
  try {
    const stored = localStorage.getItem(`anwen.${key}`);
    if (stored !== null) return JSON.parse(stored);
  } catch {
    // fall through to memory
  }
  return memory.has(key) ? memory.get(key) : fallback;
}

/** Store `value` under `key`. */
export function remember(key, value) {
  memory.set(key, value);
  try {
    localStorage.setItem(`anwen.${key}`, JSON.stringify(value));
  } catch {
    // memory has it
  }
}

/** Remove `key`. */
export function forget(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(`anwen.${key}`);
  } catch {
    // nothing was stored either
  }
}
