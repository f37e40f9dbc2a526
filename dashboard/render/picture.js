// An exhibit as a picture: what is seen of it, from finding to source, drawn on a canvas and saved.

const PICTURE = { pad: 24, scale: 2, font: "'Source Sans', 'Source Sans 3', Arial, sans-serif" };

function wrapped(pen, words, width) {
  const lines = [];
  let line = "";
  for (const word of words.trim().split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && pen.measureText(longer).width > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line ? [...lines, line] : lines;
}

// The lines of a text as they will stand, so that the height is known before anything is drawn.
function said(pen, text, size, width, { weight = "", colour = "#0B0C0C", before = 0 } = {}) {
  pen.font = `${weight} ${size}px ${PICTURE.font}`;
  const lines = wrapped(pen, text, width);
  const high = lines.length * size * 1.35 + before;
  const draw = (top) => {
    pen.font = `${weight} ${size}px ${PICTURE.font}`;
    pen.fillStyle = colour;
    lines.forEach((line, n) => pen.fillText(line, PICTURE.pad, top + before + n * size * 1.35));
  };
  return { high: text.trim() ? high : 0, draw: text.trim() ? draw : () => {} };
}

// The key: a line, block, ring or shape before each name, as the page has them.
function keyed(pen, items, width) {
  pen.font = `15px ${PICTURE.font}`;
  const placed = [];
  let x = 0, row = 0;
  for (const item of items) {
    const sign = item.querySelector("span");
    const shape = sign?.textContent.trim() ?? "";
    const name = item.innerText.trim().slice(shape.length).trim();
    const before = shape ? pen.measureText(`${shape} `).width : 34;
    const wide = before + pen.measureText(name).width + 20;
    if (x && x + wide > width) { x = 0; row += 1; }
    placed.push({ sign, shape, name, before, x, row });
    x += wide;
  }
  const draw = (top) => placed.forEach((one) => {
    const at = PICTURE.pad + one.x, y = top + 8 + one.row * 22;
    pen.font = `15px ${PICTURE.font}`;
    pen.fillStyle = "#0B0C0C";
    pen.fillText(one.name, at + one.before, y);
    if (one.sign) signed(pen, one.sign, one.shape, at, y);
  });
  return { high: items.length ? (placed.at(-1).row + 1) * 22 + 14 : 0, draw };
}

function signed(pen, sign, shape, at, y) {
  const look = getComputedStyle(sign);
  if (shape) {
    pen.fillStyle = look.color;
    pen.fillText(shape, at, y);
    return;
  }
  pen.strokeStyle = look.borderTopColor;
  pen.fillStyle = look.backgroundColor;
  pen.lineWidth = parseFloat(look.borderTopWidth) || 1;
  pen.setLineDash({ dashed: [7, 4], dotted: [3, 3] }[look.borderTopStyle] ?? []);
  pen.beginPath();
  if (sign.classList.contains("os-hollow")) pen.arc(at + 13, y + 8, 6, 0, 2 * Math.PI);
  else if (sign.classList.contains("os-swatch")) {
    pen.moveTo(at, y + 9);
    pen.lineTo(at + 26, y + 9);
  } else {
    pen.rect(at, y + 2, 26, 12);
    pen.fill();
    if (!parseFloat(look.borderTopWidth)) return;
  }
  pen.stroke();
  pen.setLineDash([]);
}

async function charted(pen, box, width) {
  const plots = [...box.querySelectorAll(".js-plotly-plot")];
  const all = plots.map((p) => p.getBoundingClientRect());
  const left = Math.min(...all.map((r) => r.left)), top = Math.min(...all.map((r) => r.top));
  const high = Math.max(...all.map((r) => r.bottom)) - top;
  const images = [];
  for (const [n, plot] of plots.entries()) {
    for (const layer of plot.querySelectorAll("svg.main-svg")) {
      const copy = layer.cloneNode(true);
      copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      const image = new Image();
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
      await image.decode();
      images.push({ image, x: all[n].left - left, y: all[n].top - top, wide: all[n].width, high: all[n].height });
    }
  }
  const draw = (at) => images.forEach((i) => pen.drawImage(i.image, PICTURE.pad + i.x, at + i.y, i.wide, i.high));
  return { high: high + 10, draw };
}

async function pictured(button) {
  const box = button.closest("[class*=st-key-]:has(h2.os-finding)");
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  const of = (query) => box.querySelector(query)?.innerText ?? "";
  const lists = [...box.querySelectorAll(".os-events li, .os-quadrants li")];
  const width = Math.max(box.clientWidth, 320);
  const quiet = { colour: "#595959", before: 4 };
  const parts = [
    said(pen, of("h2.os-finding"), 24, width, { weight: "600" }),
    said(pen, of(".os-subtitle"), 16, width, quiet),
    keyed(pen, [...box.querySelectorAll(".os-key li")], width),
    await charted(pen, box, width),
    ...lists.map((li) => said(pen, li.innerText, 15, width, { before: 2 })),
    said(pen, button.parentElement.querySelector(".os-source")?.innerText ?? "", 15, width, { ...quiet, before: 8 }),
  ];
  canvas.width = (width + 2 * PICTURE.pad) * PICTURE.scale;
  canvas.height = (parts.reduce((sum, p) => sum + p.high, 0) + 2 * PICTURE.pad) * PICTURE.scale;
  pen.scale(PICTURE.scale, PICTURE.scale);
  pen.textBaseline = "top";
  pen.fillStyle = "#FFFFFF";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  let top = PICTURE.pad;
  for (const part of parts) {
    part.draw(top);
    top += part.high;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await new Promise((done) => canvas.toBlob(done, "image/png")));
  link.download = `${button.dataset.png}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

if (!window.oneSourcePictures) {
  window.oneSourcePictures = true;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-png]");
    if (button) pictured(button);
  });
}
