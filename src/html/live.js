// Keeps a page as its server would draw it now, without losing what a person types, opened or looks at.
//
// The same address, asked for as an event stream, says when it would look different; then it is fetched and the
// difference is put in. Links and forms of this server are followed the same way. Without this script everything
// still works, one whole page at a time.
"use strict";
(() => {
  // What the script or the person has opened or shown, the server does not know of.
  const own = (name, node) => (name === "open" && node.nodeName === "DETAILS") || (name === "hidden" && node.hasAttribute("data-to-end"));
  let stream = null;
  let asked = 0;
  // What a person asked for is under way; what changes meanwhile is fetched afterwards, never in its place.
  let busy = 0;
  let stale = false;
  let opener = "";
  // The address whose page is drawn; behind Back it is not the one in the window yet.
  let drawn = location.href;
  let again = 0;
  // Milliseconds: how long an answer may take, and when what failed is tried again.
  const PATIENCE = 15000;

  // A list that was read to its end stays at its end.
  const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  const ends = () => [...document.querySelectorAll("[data-stick]")].filter(atEnd).map((box) => box.id);
  const toEnd = (ids) => {
    for (const box of document.querySelectorAll("[data-stick]")) if (ids === null || ids.includes(box.id)) box.scrollTop = box.scrollHeight;
  };
  // Also when a keyboard, or something that is unfolded, takes half of the window, or a picture arrives.
  let kept = [];
  const settle = () => {
    kept = ends();
    for (const way of document.querySelectorAll("[data-to-end]")) if (kept.includes(way.dataset.toEnd)) way.hidden = true;
  };
  document.addEventListener("scroll", settle, { capture: true, passive: true });
  document.addEventListener("toggle", () => toEnd(kept), { capture: true });
  document.addEventListener("load", () => toEnd(kept), { capture: true });
  addEventListener("resize", () => toEnd(kept));
  // What came below what is looked at is said, not shown: nothing moves under a finger.
  const tell = (heights) => {
    for (const way of document.querySelectorAll("[data-to-end]")) {
      const box = document.getElementById(way.dataset.toEnd);
      if (box && box.scrollHeight > heights.get(box.id) && !atEnd(box)) way.hidden = false;
    }
  };

  const draw = (text, mine) => {
    const next = new DOMParser().parseFromString(text, "text/html");
    const read = [...new Set([...kept, ...ends()])];
    const before = new Map([...document.querySelectorAll("[data-stick]")].map((box) => [box.id, box.scrollHeight]));
    const sheet = document.querySelector("[autofocus]")?.id;
    const active = document.activeElement?.id ?? "";
    document.title = next.title;
    drawn = location.href;
    Idiomorph.morph(document.body, next.body, {
      ignoreActiveValue: !mine,
      callbacks: {
        beforeAttributeUpdated: (name, node) => !own(name, node),
        // Half a text stays where it is while something else changes.
        beforeNodeMorphed: (old) => mine || !(old.matches?.("input:not([type=hidden]), textarea, select")),
        // Why something was refused stays until the person does something else.
        beforeNodeRemoved: (old) => mine || old.getAttribute?.("role") !== "alert",
      },
    });
    toEnd([...read, ...[...document.querySelectorAll("[data-stick]")].map((box) => box.id).filter((id) => !before.has(id))]);
    tell(before);
    settle();
    const focus = document.querySelector("[autofocus]");
    if (focus && focus.id !== sheet) {
      opener = opener || active;
      focus.focus();
    } else if (!focus && opener) {
      document.getElementById(opener)?.focus();
      opener = "";
    }
  };

  const silent = (yes) => document.documentElement.toggleAttribute("data-silent", yes);

  const visit = async (url, options, push) => {
    const mine = ++asked;
    try {
      const answer = await fetch(url, { headers: { accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE), ...options });
      const text = await answer.text();
      // Something newer is to be drawn; what a form asked for was done all the same.
      if (mine !== asked) return answer.ok;
      // The server is not well: better the page as it was than none.
      if (!push && drawn === location.href && answer.status >= 500) throw new Error(answer.statusText);
      silent(false);
      const moved = push && (answer.redirected || !options) && answer.url !== location.href;
      if (moved) history.pushState(null, "", answer.url);
      draw(text, push);
      // Only the body that is drawn now says whether its page is live.
      if (moved) listen();
      return answer.ok;
    } catch {
      if (mine === asked) lost();
      return false;
    }
  };

  // No answer: that is shown, and tried again.
  const lost = () => {
    silent(true);
    clearTimeout(again);
    again = setTimeout(look, PATIENCE);
  };

  const refresh = () => {
    stale = busy > 0;
    if (!stale && document.body.hasAttribute("data-live")) visit(location.href, undefined, false);
  };

  const act = async (url, options) => {
    busy += 1;
    const done = await visit(url, options, true);
    busy -= 1;
    // What one has just done is answered at the end.
    if (done && options && !document.querySelector("dialog[open]")) toEnd(null);
    if (stale) refresh();
    return done;
  };

  const listen = () => {
    stream?.close();
    stream = null;
    // A browser has six connections for a server: a page nobody sees holds none of them.
    if (document.hidden || !document.body.hasAttribute("data-live")) return;
    stream = new EventSource(location.href);
    stream.onmessage = refresh;
    // One that was refused is not asked for again by the browser itself.
    stream.onerror = lost;
    stream.onopen = () => silent(false);
  };

  const look = () => {
    listen();
    if (!document.hidden) refresh();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || link.target || link.origin !== location.origin || link.hasAttribute("download")) return;
    if (link.hash && link.pathname + link.search === location.pathname + location.search) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.defaultPrevented) return;
    event.preventDefault();
    act(link.href);
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.target) return;
    event.preventDefault();
    // A second tap while the first is under way does nothing.
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    const post = form.method === "post";
    const url = new URL(form.action);
    if (!post) url.search = fields;
    const done = await act(url, post ? { method: "POST", body: fields } : undefined);
    form.removeAttribute("aria-busy");
    if (!done) return;
    if (form.hasAttribute("data-reset")) form.reset();
    event.submitter?.closest("details[data-fold]")?.removeAttribute("open");
  });

  document.addEventListener("click", (event) => {
    const way = event.target.closest?.("[data-to-end]");
    if (way) toEnd([way.dataset.toEnd]);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelector("[data-escape]")?.click();
  });
  addEventListener("popstate", () => visit(location.href, undefined, false).then(listen));
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", () => stream?.close());
  toEnd(null);
  settle();
  listen();
})();
