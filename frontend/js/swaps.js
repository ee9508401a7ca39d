// After a partial update: where the keyboard goes and what a screen reader says.

const PAUSE = 100; // ms; a live region that is emptied and filled at once is read as unchanged

/** The part of the page that was swapped: the target itself, or the one that took its place. */
export function swappedPart(target) {
  if (target?.isConnected) return target;
  return (target?.id && document.getElementById(target.id)) || document.body;
}

function find(part, selector) {
  return part.matches(selector) ? part : part.querySelector(selector);
}

/** Moves focus to `[data-focus]` in the part; where a whole page took the place of another, else to its heading. */
export function focusIn(part) {
  const element = find(part, "[data-focus]") ?? (part.id === "main" ? part.querySelector("h1") : null);
  if (!element) return;
  if (element.tabIndex < 0) element.setAttribute("tabindex", "-1");
  element.focus();
}

/** Says the text of `[data-announce]` in the page's polite live region. */
export function announceFrom(part) {
  const text = find(part, "[data-announce]")?.dataset.announce;
  const region = document.getElementById("announcer");
  if (!text || !region) return;
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, PAUSE);
}
