// Choosing from a chart by mouse: months by dragging across it, a council and its twelve months by
// clicking a point; and the month pointed at, said where it can be seen.
//
// Streamlit's own selections are not used: they draw the stretch on one panel of several, take no
// click on a point where dragging selects, and stop a phone from scrolling. A finger chooses
// nothing here: it scrolls, and a tap says the values. All can be chosen by the filters as well.

const MOVED = 6; // pixels from which a press is a drag
const NEAR = 12; // pixels within which a click means a point

const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
const DAY = 24 * 3600 * 1000;

let drag = null;
let pointed = null; // the points under the pointer, as Plotly tells them
let tag, hair, stretch; // shown over a chart: the months pointed at, their line, their stretch
const known = new WeakSet();

function made(name) {
  const element = document.createElement("div");
  element.className = name;
  element.hidden = true;
  element.setAttribute("aria-hidden", "true");
  document.body.append(element);
  return element;
}

// The chart under an event, if it has a time axis and the pointer is over its panels.
function chartOf(event) {
  const chart = event.target.closest?.(".js-plotly-plot");
  return chart?._fullLayout?.xaxis?.type === "date" && event.target.closest(".draglayer")
    ? chart
    : null;
}

function axisOf(chart) {
  const axis = chart._fullLayout.xaxis;
  const box = chart.querySelector(".main-svg").getBoundingClientRect();
  const heights = Object.entries(chart._fullLayout)
    .filter(([name]) => /^yaxis\d*$/.test(name))
    .map(([, y]) => [y._offset, y._offset + y._length]);
  return {
    axis,
    left: box.left + axis._offset,
    right: box.left + axis._offset + axis._length,
    top: box.top + Math.min(...heights.map((h) => h[0])),
    bottom: box.top + Math.max(...heights.map((h) => h[1])),
    above: box.top,
  };
}

// The first of the month that lies nearest to where the pointer is.
function monthAt(place, x) {
  const within = Math.min(Math.max(x, place.left), place.right) - place.left;
  const day = new Date(`${place.axis.p2d(within).slice(0, 10)}T00:00Z`);
  const middle = new Date(day.getTime() + 15 * DAY);
  return new Date(Date.UTC(middle.getUTCFullYear(), middle.getUTCMonth(), 1));
}

function say(text, place, x) {
  tag.textContent = text;
  tag.hidden = false;
  const half = tag.offsetWidth / 2;
  tag.style.left = `${Math.min(Math.max(x, half + 4), innerWidth - half - 4) - half}px`;
  // Above the first panel; at the screen's top where that has scrolled away.
  tag.style.top = `${Math.max(place.top - tag.offsetHeight, 4)}px`;
}

function quiet() {
  tag.hidden = hair.hidden = stretch.hidden = true;
  document.body.classList.remove("os-choosing");
  drag = null;
}

function iso(month) {
  return month.toISOString().slice(0, 10);
}

function hovered(chart, told) {
  pointed = told.points;
  // Of one panel Plotly says the month itself, in one box with the values.
  if (drag?.moved || chart._fullLayout.hovermode !== "x") return;
  const place = axisOf(chart);
  const x = place.left + place.axis.d2p(pointed[0].x);
  say(MONTH.format(new Date(`${pointed[0].x.slice(0, 10)}T00:00Z`)), place, x);
  hair.hidden = false;
  hair.style.left = `${x}px`;
  spanned(hair, place);
}

function spanned(element, place) {
  element.style.top = `${place.top}px`;
  element.style.height = `${place.bottom - place.top}px`;
}

function down(event) {
  const chart = event.button === 0 && event.pointerType === "mouse" && chartOf(event);
  if (chart) drag = { chart, from: event.clientX, moved: false };
}

function moved(event) {
  if (!drag) return;
  if (!drag.chart.isConnected) return quiet();
  if (Math.abs(event.clientX - drag.from) < MOVED && !drag.moved) return;
  drag.moved = true;
  document.body.classList.add("os-choosing");
  const place = axisOf(drag.chart);
  const ends = [drag.from, event.clientX].sort((a, b) => a - b);
  const [left, right] = ends.map((x) => Math.min(Math.max(x, place.left), place.right));
  drag.months = ends.map((x) => monthAt(place, x));
  hair.hidden = true;
  stretch.hidden = false;
  stretch.style.left = `${left}px`;
  stretch.style.width = `${right - left}px`;
  spanned(stretch, place);
  say(MONTH.formatRange(...drag.months).replace(/\s–\s/, " to "), place, (left + right) / 2);
}

function up(event) {
  if (!drag) return;
  const { chart, moved: wide, months } = drag;
  quiet();
  if (wide) send({ from: iso(months[0]), to: iso(months[1]), council: null });
  else clicked(chart, event);
}

// A line that may be chosen from carries whose it is, or "" where it is nobody's alone.
function clicked(chart, event) {
  const box = chart.querySelector(".main-svg").getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const near = (pointed ?? [])
    .filter((p) => typeof p.data.meta === "string")
    .map((p) => {
      const across = p.xaxis._offset + p.xaxis.d2p(p.x) - x;
      return [Math.hypot(across, p.yaxis._offset + p.yaxis.d2p(p.y) - y), p];
    })
    .sort((a, b) => a[0] - b[0])[0];
  if (near && near[0] <= NEAR) {
    send({ from: null, to: near[1].x.slice(0, 10), council: near[1].data.meta || null });
  }
}

function over(event) {
  const chart = chartOf(event);
  if (!chart || known.has(chart)) return;
  known.add(chart);
  chart.classList.add("os-chosen-from");
  chart.on("plotly_hover", (told) => hovered(chart, told));
  chart.on("plotly_unhover", () => {
    pointed = null;
    if (!drag) quiet();
  });
}

function listen() {
  tag = made("os-month");
  hair = made("os-hair");
  stretch = made("os-stretch");
  addEventListener("pointerover", over, true);
  addEventListener("pointerdown", down, true);
  addEventListener("pointermove", moved, true);
  addEventListener("pointerup", up, true);
  addEventListener("pointercancel", quiet, true);
  addEventListener("scroll", () => !drag && quiet(), true);
  addEventListener("keydown", (event) => event.key === "Escape" && quiet(), true);
}

function send(chosen) {
  window.oneSourceChosen("chosen", chosen);
}

export default function ({ setTriggerValue }) {
  const begun = window.oneSourceChosen;
  window.oneSourceChosen = setTriggerValue;
  if (!begun) listen();
}
