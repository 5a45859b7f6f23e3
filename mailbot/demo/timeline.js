// Comfort only: a mail opens in a window instead of in its place, with the keys of a mail client. Without this script
// every mail opens where it stands.
"use strict";
(() => {
  const windowed = document.getElementById("jendela");
  if (!windowed.showModal) return;
  const slot = windowed.querySelector(".slot");
  const place = windowed.querySelector(".place");
  let home = null; // the <details> whose mail is in the window

  // A frame without scripts cannot say how high it is; it is of this page's origin, so it can be asked.
  const fit = (frame) => {
    const height = () => {
      const inside = frame.contentDocument;
      if (inside && inside.body && frame.offsetWidth) {
        frame.style.height = "0";
        frame.style.height = Math.min(Math.max(inside.documentElement.scrollHeight, 120), 20000) + "px";
      }
      if (inside) inside.onkeydown = keys; // whoever has clicked into the mail shall get out of it again
    };
    frame.addEventListener("load", height);
    if (frame.contentDocument && frame.contentDocument.readyState === "complete") height();
    if (window.ResizeObserver) {
      let width = 0;
      new ResizeObserver(() => {
        if (frame.offsetWidth !== width) { width = frame.offsetWidth; height(); }
      }).observe(frame);
    }
  };

  const shown = () => [...document.querySelectorAll(".card details")].filter(
    (each) => each === home || each.offsetParent !== null);

  const back = () => {
    if (!home) return;
    home.append(...slot.children);
    home = null;
  };

  const open = (details) => {
    back();
    home = details;
    slot.append(details.querySelector(".letter"));
    const card = details.closest(".card");
    windowed.dataset.tone = [...card.classList].find((each) => ["user", "staff", "bot", "lkpp"].includes(each)) || "";
    const all = shown();
    place.textContent = `E-mail ${all.indexOf(details) + 1} dari ${all.length}`;
    if (!windowed.open) windowed.showModal();
    if (!windowed.contains(document.activeElement)) slot.focus(); // it was in the mail that has gone
    slot.scrollTop = 0;
  };

  const go = (steps) => {
    const all = shown();
    const next = all[all.indexOf(home) + steps];
    if (next) open(next);
  };

  const keys = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "ArrowRight") go(1);
    if (event.key === "ArrowLeft") go(-1);
    if (event.key === "Escape") windowed.close();
  };

  document.querySelectorAll(".letter iframe").forEach(fit);
  document.addEventListener("click", (event) => {
    const summary = event.target.closest(".card summary");
    if (summary) {
      event.preventDefault();
      open(summary.parentElement);
    } else if (event.target === windowed || event.target.closest("[data-close]")) {
      windowed.close();
    } else {
      const button = event.target.closest("[data-go]");
      if (button) go(Number(button.dataset.go));
    }
  });
  windowed.addEventListener("keydown", (event) => {
    if (!event.target.matches("input")) keys(event); // the tabs have their own use for arrows; Escape works by itself
  });
  windowed.addEventListener("close", () => {
    const last = home;
    back();
    if (last) last.querySelector("summary").focus({ preventScroll: true });
  });
})();
