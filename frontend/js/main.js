// Everything works without this file. With it, htmx swaps named blocks of the same pages, and the form controls that
// need behaviour get it, in the first page and in every part that arrives later.
import "htmx.org/dist/htmx.esm.min.js";
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  SkipLink,
  createAll,
} from "govuk-frontend";
import { watchSession } from "./session.js";
import { announceFrom, focusIn, swappedPart } from "./swaps.js";

const CONTROLS = [Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, Radios, SkipLink];

// A morphed part keeps the controls that were there: those are alive already.
const onError = (error) => error.name === "InitError" || console.error(error);

function enliven(part) {
  for (const control of CONTROLS) createAll(control, {}, { scope: part, onError });
}

document.body.classList.add("js-enabled", "govuk-frontend-supported");
enliven(document);
watchSession();

document.addEventListener("htmx:after:swap", (event) => {
  const part = swappedPart(event.detail.ctx.target);
  enliven(part);
  focusIn(part);
  announceFrom(part);
});
