// Keys, focus, and what is said when an answer could not be saved. By mouse, everything works without this file.
(() => {
  "use strict";

  const find = (selector) => document.querySelector(selector);
  const shownRecord = () => find("#record")?.dataset.record ?? "";
  let shown = "";
  let asked = "";
  let busy = true; // until htmx has taken over the forms
  let held = [];

  function say(words, wrong) {
    const line = find("#said");
    line.textContent = words;
    line.toggleAttribute("data-wrong", wrong);
  }

  function unsavedEdit() {
    return [...document.querySelectorAll("#edit textarea")].some((field) => field.value !== field.defaultValue);
  }

  function open(details, shut) {
    details.open = !shut;
    if (details.open) details.querySelector("textarea, input:not([type=hidden])")?.focus();
    else (find(`[data-open="${details.id}"]`) ?? details.querySelector("summary")).focus();
  }

  function press(key) {
    for (const element of document.querySelectorAll("[data-key]")) {
      if (!element.dataset.key.split(" ").includes(key)) continue;
      if (element.tagName === "SUMMARY") open(element.parentElement, element.parentElement.open);
      else element.click();
      return true;
    }
    return false;
  }

  function close() {
    if (find("#edit")?.open && unsavedEdit()) {
      say("Your edit is not saved. Save it with Ctrl Enter, or throw it away.", true);
      return;
    }
    for (const details of document.querySelectorAll("details[open]")) open(details, true);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return close();
    if (event.target.matches("#edit textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.target.form.requestSubmit(event.target.form.querySelector("[data-submits]"));
      return;
    }
    // A key that is held down must not answer one record after the other.
    if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea")) return;
    if (busy) held.push(event.key);
    else if (press(event.key)) event.preventDefault();
    if (event.key === "Backspace") event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (!opener) return;
    event.preventDefault();
    open(find("#" + opener.dataset.open), false);
  });

  document.addEventListener("reset", (event) => setTimeout(() => open(event.target.closest("details"), true)));

  window.addEventListener("beforeunload", (event) => {
    if (unsavedEdit()) event.preventDefault();
  });

  document.addEventListener("htmx:before:request", (event) => {
    if (unsavedEdit() && !event.target.matches("#edit form")) {
      event.preventDefault();
      say("Your edit is not saved. Save it with Ctrl Enter, or throw it away.", true);
      return;
    }
    busy = true;
    asked = shownRecord();
    document.body.toggleAttribute("data-busy", true);
  });

  document.addEventListener("htmx:before:swap", (event) => {
    const { response, text } = event.detail.ctx;
    if (response.status < 400) return;
    event.preventDefault();
    const page = new DOMParser().parseFromString(text, "text/html");
    say(page.querySelector("#problem")?.textContent ?? `Not saved: the server answers ${response.status}.`, true);
  });

  document.addEventListener("htmx:error", () => {
    say("NOT saved: the server does not answer. What was saved before is safe. Tell who runs the review, and try again.", true);
  });

  document.addEventListener("htmx:after:swap", () => {
    find("#said").removeAttribute("data-wrong");
    settle();
  });

  function ready() {
    busy = false;
    document.body.toggleAttribute("data-busy", false);
    const keys = held;
    held = [];
    // A key pressed while an answer was on its way is meant for the record that was shown then, not for one that nobody has read.
    if (shownRecord() !== asked) return;
    for (const key of keys) if (busy) held.push(key); else press(key);
  }
  document.addEventListener("htmx:after:process", ready, { once: true });
  document.addEventListener("htmx:finally:request", ready);

  function settle() {
    if (shownRecord() === shown) return;
    shown = shownRecord();
    find("#record h1").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  document.documentElement.toggleAttribute("data-scripted", true);
  settle();
  asked = shown;
})();
