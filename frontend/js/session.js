// The end of a session: a notice two minutes before, one click to go on, and afterwards nothing personal on the screen.
// The server decides; here it is only shown. Numbers are counted from when the page was made: clocks may be wrong.

const NOTICE = 120; // seconds before the end
const LONGEST_NAP = 30; // seconds; timers of a sleeping device are late, so the time is looked at now and then
const OVER = "over"; // what a page says to the other tabs that is shown to nobody who is signed in
const SCRIPT = { "HX-Request": "true" }; // the server then answers a script, not a page

class Session {
  constructor(place) {
    this.place = place;
    this.notice = document.getElementById("session-notice");
    this.made = Date.now();
    this.shownEnd = Date.parse(place.querySelector("time").dateTime) - Number(place.dataset.seconds) * 1000;
    this.end = this.made + Number(place.dataset.seconds) * 1000;
    this.last = this.made + Number(place.dataset.lastSeconds) * 1000;
    this.touched = new Set();
    this.others = channel(place.dataset.audience);
    this.others.onmessage = ({ data }) => (data === OVER ? this.finish(false) : this.until(data));
    this.others.postMessage(this.end);
  }

  watch() {
    this.notice.addEventListener("submit", (event) => this.press(event));
    this.notice.addEventListener("cancel", (event) => {
      event.preventDefault(); // Escape says that somebody is here
      this.goOn();
    });
    document.addEventListener("input", (event) => this.touch(event.target.form));
    document.addEventListener("visibilitychange", () => this.look());
    document.addEventListener("htmx:after:swap", () => this.again());
    this.look();
  }

  touch(form) {
    if (form?.method === "post" && form.closest("main")) this.touched.add(form);
  }

  /** The server has just seen us: the time begins anew, here and in the other tabs. */
  again() {
    this.until(Date.now() + Number(this.place.dataset.againSeconds) * 1000);
    this.others.postMessage(this.end);
  }

  until(moment) {
    if (this.over) return;
    this.end = Math.min(Math.max(this.end, moment), this.last);
    this.tell();
    this.look();
  }

  look() {
    clearTimeout(this.timer);
    if (this.over) return;
    const left = (this.end - Date.now()) / 1000;
    if (left <= 0) this.finish();
    else if (left <= NOTICE) this.warn();
    else if (this.notice.open) this.notice.close();
    if (!this.over) this.timer = setTimeout(() => this.look(), 1000 * Math.min(LONGEST_NAP, nextStep(left)));
  }

  warn() {
    if (this.notice.open || this.read === this.end) return;
    const last = this.end >= this.last;
    for (const part of this.notice.querySelectorAll("[data-when]")) part.hidden = (part.dataset.when === "last") !== last;
    this.notice.showModal(); // moves the focus in, and back when it closes
  }

  press(event) {
    if (event.target.dataset.session !== "extend") return;
    event.preventDefault();
    this.goOn();
  }

  async goOn() {
    this.notice.close();
    this.read = this.end; // the last notice is read once
    if (this.end >= this.last) return;
    const form = this.notice.querySelector("[data-session=extend]");
    try {
      const answer = await send(form.action, new FormData(form));
      if (answer.ok && !answer.headers.has("HX-Redirect")) this.again();
      else if (answer.ok) this.finish();
      else this.read = null;
    } catch {
      this.read = null; // no connection: the notice comes again
    }
    this.look();
  }

  /** The times on the page, written as the page has written them. */
  tell() {
    const at = new Date(this.shownEnd + this.end - this.made);
    const options = { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Helsinki" };
    const digits = new Intl.DateTimeFormat("en-GB", options).format(at).replace(/^0/, "");
    for (const time of this.place.querySelectorAll("time")) {
      time.textContent = digits.replace(":", time.textContent.at(-3));
      time.dateTime = at.toISOString();
    }
  }

  /** `keep`: what is typed is to be had back; who has signed out in another tab is done. */
  finish(keep = true) {
    if (this.over) return;
    this.over = true;
    this.others.close();
    const kept = keep && this.setAside();
    const message = document.getElementById("session-over").content.cloneNode(true);
    message.querySelector("[data-kept]").hidden = !kept;
    show(message);
  }

  /** What has been typed goes to the server, which keeps it for the same person; true where there was something. */
  setAside() {
    const way = this.place.querySelector("[data-session=set-aside]");
    const forms = way ? [...this.touched].filter((form) => form.isConnected) : [];
    for (const form of forms) {
      const typed = new FormData(form);
      typed.set("form_token", way.elements.form_token.value);
      typed.set("set_aside_path", new URL(form.action).pathname + new URL(form.action).search);
      send(way.action, typed).catch(() => {});
    }
    return forms.length > 0;
  }
}

/** The message alone, as a page of its own under the name of the service. */
function show(message) {
  const heading = element("h1", "", message.querySelector("h2").textContent);
  message.querySelector("h2").replaceWith(heading);
  const main = element("main", "", message);
  main.id = "main";
  const top = element("header", "header", element("div", "wrap", document.querySelector(".brand")));
  document.body.replaceChildren(top, element("div", "page", element("div", "column", main)));
  document.title = heading.textContent;
  heading.tabIndex = -1;
  heading.focus();
}

function element(name, classes, content) {
  const made = document.createElement(name);
  made.className = classes;
  made.append(content);
  return made;
}

function channel(audience) {
  return new BroadcastChannel(`session-${audience}`);
}

function nextStep(left) {
  return left > NOTICE ? left - NOTICE : left;
}

function send(action, fields) {
  const body = new URLSearchParams([...fields].filter(([, value]) => typeof value === "string"));
  return fetch(action, { method: "POST", body, headers: SCRIPT, keepalive: true });
}

/** Watches the session of the page; and a page that the back button brings out of memory is asked for anew. */
export function watchSession() {
  const door = document.querySelector("[data-signed-out]");
  if (door) channel(door.dataset.signedOut).postMessage(OVER);
  const place = document.getElementById("session-end");
  if (!place) return;
  window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
  new Session(place).watch();
}
