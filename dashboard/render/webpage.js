"use strict";
(async () => {
  const root = document.documentElement, body = document.body;
  const $ = (q, at = document) => at.querySelector(q);
  const $$ = (q, at = document) => [...at.querySelectorAll(q)];
  const slides = $$(".w-slide");
  const WIDE = 747, HIGH = 420, MOST_PARTS = 4;

  // What was packed to keep the file small: the drawing library and the charts.
  const unpacked = async (id) => {
    const bytes = Uint8Array.from(atob($(id).textContent.trim()), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const library = document.createElement("script");
  library.textContent = await unpacked("#w-library");
  document.head.append(library);
  const charts = JSON.parse(await unpacked("#w-charts"));
  const DARK = JSON.parse($("#w-dark").textContent);
  const CONFIG = { displayModeBar: false, responsive: false, displaylogo: false };

  const looked = (figure) => root.dataset.look !== "dark" ? structuredClone(figure) : JSON.parse(
    JSON.stringify(figure).replace(/"(#[0-9A-Fa-f]{6}|white)"/g, (all, c) => JSON.stringify(DARK[c.toUpperCase()] ?? c)));

  // Colours in the text, of keys and marks, are those of the lines they name.
  const look = (which) => {
    root.dataset.look = which;
    $$(".w-page [style]").forEach((one) => {
      one.dataset.light ??= one.getAttribute("style");
      const style = one.dataset.light;
      if (/#/.test(style)) one.setAttribute("style", which === "dark" ? style.replace(/#[0-9A-Fa-f]{6}/g, (c) => DARK[c.toUpperCase()] ?? c) : style);
    });
  };

  const draw = (place, figures, size) => {
    place.replaceChildren(...figures.map(() => document.createElement("div")));
    const tallest = Math.max(...figures.map(({ layout }) => layout.height));
    for (const [nth, at] of [...place.children].entries()) {
      const { data, layout } = looked(figures[nth]);
      if (size) Object.assign(layout, { width: Math.floor((place.clientWidth - 8 * (figures.length - 1)) / figures.length), height: Math.floor((place.clientHeight * layout.height) / tallest) });
      else layout.width = at.clientWidth;
      Plotly.newPlot(at, data, layout, CONFIG);
    }
  };
  const drawAll = () => slides.forEach((slide, n) => {
    const place = $(".w-charts", slide);
    if (place) draw(place, charts[n].page);
  });

  // Each slide is asked first where it has a question, and is then shown in as many parts as it needs.
  let steps = [], at = 0, started = null, viewer = null;
  const partsOf = (n) => {
    const rows = $$(".w-open-table tbody tr", slides[n]);
    if (!rows.length) return charts[n].slide.length || 1;
    const room = $(".w-open-table", slides[n]);
    rows.forEach((r) => (r.hidden = false));
    const head = $("thead", room)?.offsetHeight ?? 0, high = room.clientHeight - head - 2;
    let part = 0, used = 0;
    rows.forEach((row) => {
      const tall = row.offsetHeight;
      if (used && used + tall > high) { part += 1; used = 0; }
      used += tall;
      row.dataset.part = part;
    });
    // More than this is read in the table that everybody takes home.
    if (part >= MOST_PARTS) rows.forEach((row) => { if (Number(row.dataset.part) >= MOST_PARTS) row.dataset.part = "left"; });
    return Math.min(part + 1, MOST_PARTS);
  };
  const plan = () => {
    steps = [];
    slides.forEach((slide, n) => {
      if ($(":scope > .w-question", slide)) steps.push({ n, part: -1 });
      slide.classList.add("w-now");
      slide.classList.remove("w-asking");
      Object.assign($(".w-part", slide), { hidden: false, textContent: "Part 4 of 4, 100 of 100 rows" });
      fit(slide);
      const count = partsOf(n);
      for (let part = 0; part < count; part += 1) steps.push({ n, part, count });
      slide.classList.remove("w-now");
    });
  };
  const fit = (slide) => {
    const scale = Math.min(innerWidth / WIDE, innerHeight / HIGH);
    slide.style.transform = `translate(${(innerWidth - WIDE * scale) / 2}px, ${(innerHeight - HIGH * scale) / 2}px) scale(${scale})`;
    slide.classList.remove("w-long");
    const title = $("h2.os-finding", slide);
    slide.classList.toggle("w-long", title.offsetHeight > 62);
  };
  const show = (to) => {
    at = Math.max(0, Math.min(to, steps.length - 1));
    const { n, part, count } = steps[at];
    body.classList.remove("w-black");
    slides.forEach((slide) => slide.classList.remove("w-now", "w-asking"));
    const slide = slides[n];
    slide.classList.add("w-now");
    slide.classList.toggle("w-asking", part < 0);
    fit(slide);
    const said = $(".w-part", slide);
    const rows = $$(".w-open-table tbody tr", slide), left = rows.filter((row) => row.dataset.part === "left").length;
    said.textContent = count > 1 ? `Part ${part + 1} of ${count}${left ? `, ${rows.length - left} of ${rows.length} rows` : ""}` : "";
    said.hidden = !(count > 1);
    if (part >= 0) {
      $$(".w-open-table tbody tr", slide).forEach((row) => (row.hidden = Number(row.dataset.part) !== part));
      const place = $(".w-charts", slide);
      if (place) draw(place, charts[n].slide[part], true);
    }
    $(".w-progress").style.width = `${(100 * (at + 1)) / steps.length}%`;
    $(".w-count").textContent = `Slide ${n + 1} of ${slides.length}`;
    const explore = $(".w-explore"), to_ = slide.dataset.explore;
    explore.hidden = !to_;
    if (to_) explore.href = to_;
    $("#w-said").textContent = part < 0 ? $(".w-question", slide).textContent : $("h2.os-finding", slide).textContent;
    history.replaceState(null, "", `#${n + 1}${part > 0 ? `.${part + 1}` : part < 0 ? "q" : ""}`);
    tell();
  };
  const placed = () => {
    const [, n, part, asked] = location.hash.match(/^#(\d+)(?:\.(\d+))?(q)?$/) ?? [];
    const found = steps.findIndex((s) => s.n === n - 1 && s.part === (asked ? -1 : (part ?? 1) - 1));
    return found < 0 ? steps.findIndex((s) => s.n === n - 1) : found;
  };
  const present = () => {
    root.classList.add("presenting");
    started ??= Date.now();
    plan();
    show(Math.max(0, placed()));
    root.requestFullscreen?.().catch(() => {});
  };
  const leave = () => {
    const n = steps[at]?.n ?? 0;
    root.classList.remove("presenting");
    body.classList.remove("w-black");
    slides.forEach((slide) => {
      slide.classList.remove("w-now", "w-asking", "w-long");
      slide.style.transform = "";
      $$("tr[hidden]", slide).forEach((row) => (row.hidden = false));
      $(".w-part", slide).hidden = true;
    });
    if (document.fullscreenElement) document.exitFullscreen();
    drawAll();
    slides[n].scrollIntoView();
    tell();
  };

  // The presenter's window and the one on the wall tell each other where they are.
  const tell = () => viewer?.closed === false && viewer.postMessage({ story: true, at, started, presenting: root.classList.contains("presenting") }, "*");
  const isPresenter = location.hash === "#presenter" && window.opener;
  window.addEventListener("message", (event) => {
    if (!event.data?.story) return;
    if (isPresenter && event.source === window.opener) follow(event.data);
    else if (event.source === viewer) {
      if (event.data.hello) return tell();
      if (!root.classList.contains("presenting")) present();
      act(event.data.act);
    }
  });
  const follow = (told) => {
    started = told.started;
    const { n, part } = steps[told.at] ?? steps[0], slide = slides[n], next = steps[told.at + 1];
    $(".w-presenter-view .w-title").textContent = part < 0 ? $(".w-question", slide).textContent : $("h2.os-finding", slide).textContent;
    $(".w-presenter-view .w-said").textContent = $(".w-notes", slide)?.textContent || "No notes.";
    $(".w-presenter-view .w-next").textContent = !next ? "The end" : next.part < 0 ? `Question: ${$(".w-question", slides[next.n]).textContent}`
      : next.n === n ? (part < 0 ? `The answer: ${$("h2.os-finding", slide).textContent}` : `Part ${next.part + 1}`) : $("h2.os-finding", slides[next.n]).textContent;
    $(".w-presenter-view .w-where").textContent = `Slide ${n + 1} of ${slides.length}`;
  };
  const ask = (what) => window.opener.postMessage({ story: true, act: what }, "*");

  const act = (what) => ({
    next: () => show(at + 1), back: () => show(at - 1), first: () => show(0), last: () => show(steps.length - 1),
    black: () => body.classList.toggle("w-black"),
    look: () => { look(root.dataset.look === "dark" ? "light" : "dark"); root.classList.contains("presenting") ? show(at) : drawAll(); },
    full: () => {
      staying = Boolean(document.fullscreenElement);
      staying ? document.exitFullscreen() : root.requestFullscreen?.().catch(() => {});
    },
    jump: () => $("#w-jump").showModal(), help: () => $("#w-help").showModal(),
    notes: () => { viewer = window.open(`${location.href.split("#")[0]}#presenter`, "onesource-presenter", "width=1000,height=640"); },
    explore: () => { const to = $(".w-explore"); if (!to.hidden) to.click(); },
    leave, present, print: () => window.print(),
  })[what]?.();

  const KEYS = { ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next", Enter: "next", ArrowLeft: "back", ArrowUp: "back", PageUp: "back", Backspace: "back",
    Home: "first", End: "last", b: "black", ".": "black", d: "look", f: "full", g: "jump", n: "notes", e: "explore", "?": "help", Escape: "leave" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    const what = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const onControl = event.target.closest?.("button, a, summary, input") && [" ", "Enter"].includes(event.key);
    if (!what || onControl || !(root.classList.contains("presenting") || isPresenter)) return;
    event.preventDefault();
    isPresenter ? ask(what) : act(what);
  });
  // A browser leaves full screen by Escape without telling any key.
  let staying = false;
  document.addEventListener("fullscreenchange", () => {
    if (document.fullscreenElement) return;
    if (root.classList.contains("presenting") && !staying) leave();
    staying = false;
  });
  let resting;
  document.addEventListener("mousemove", () => { body.classList.add("w-moving"); clearTimeout(resting); resting = setTimeout(() => body.classList.remove("w-moving"), 2500); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]"), to = event.target.closest("[data-to]");
    if (to) { event.preventDefault(); to.closest("dialog")?.close(); show(steps.findIndex((s) => s.n === Number(to.dataset.to))); }
    else if (button) isPresenter ? ask(button.dataset.do) : act(button.dataset.do);
  });
  let sizing;
  addEventListener("resize", () => { clearTimeout(sizing); sizing = setTimeout(() => {
    if (isPresenter) return;
    if (!root.classList.contains("presenting")) return drawAll();
    const { n, part } = steps[at];
    plan();
    show(Math.max(0, steps.findIndex((s) => s.n === n && s.part === Math.min(part, s.count ? s.count - 1 : -1))));
  }, 150); });
  addEventListener("hashchange", () => { if (root.classList.contains("presenting") && placed() >= 0) show(placed()); });

  if (isPresenter) {
    root.classList.add("presenting"); plan(); root.classList.remove("presenting");
    root.classList.add("presenter");
    window.opener.postMessage({ story: true, hello: true }, "*");
    const since = Date.now();
    setInterval(() => {
      const seconds = Math.floor((Date.now() - (started ?? since)) / 1000);
      $(".w-clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} · ${new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`;
    }, 500);
  } else if (/^#\d/.test(location.hash) || body.dataset.start === "present") present();
  else drawAll();
  body.dataset.ready = "yes";
})();
