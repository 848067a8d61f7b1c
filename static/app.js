// Enhances, never carries: copy buttons, and menus that close by themselves.
"use strict";

// data-copy: this text. data-copy-href: the whole address of this path.
for (const button of document.querySelectorAll("[data-copy], [data-copy-href]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { copy, copyHref, done } = button.dataset;
    await navigator.clipboard.writeText(copy ?? new URL(copyHref, location.href).href);
    say(button, done);
  });
}

// Says it where the button's own words are, and takes it back after a moment.
function say(button, done) {
  if (button.classList.contains("done")) return;
  const words = button.querySelector("span");
  const before = words ? words.textContent : button.getAttribute("aria-label");
  const put = (text) => (words ? (words.textContent = text) : button.setAttribute("aria-label", text));
  button.classList.add("done");
  put(done);
  setTimeout(() => {
    button.classList.remove("done");
    put(before);
  }, 1600);
}

const menus = [...document.querySelectorAll("details.menu")];
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (!menu.open) continue;
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// On a phone the navigation scrolls sideways: the current entry comes into view.
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
