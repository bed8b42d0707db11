// Draws the page from the JSON in #data. Every number shown is one of the document's; nothing is computed anew but
// sums, means and colours.
const D = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const state = { lang: root.lang === "zh" ? 1 : 0, target: D.answer_start, block: firstBlock(), head: 0,
  align: lastAlign(), lensAll: false };
const PALETTE = { itself: "#4e79a7", previous: "#f28e2b", next: "#edc948", first: "#e15759", last: "#b07aa1",
  same: "#59a14f", "after same": "#76b7b2", copied: "#d37295", even: "#9c9c9c", mixed: "#bab0ac" };
const GROUPS = { here: "#e15759", han: "#4e79a7", letters: "#59a14f", digits: "#f28e2b", other: "#9c9c9c" };

const t = (pair) => pair[state.lang];
const w = (key) => t(WORDS[key]);
const gpt = D.model.arch === "gpt";
const percent = (x) => {
  if (x >= 0.0995) return (x >= 0.995 && x < 1 ? Math.min(99.9, 100 * x).toFixed(1) : (100 * x).toFixed(0)) + "%";
  return x === 0 || x >= 0.0005 ? (100 * x).toFixed(1) + "%" : "<0.1%";
};
// Softmax gives no token nothing at all: a probability of 0 is a small one that was rounded.
const chance = (p) => percent(p || 1e-9);
const isSpecial = (text) => /^<(\|\w+\||pad)>$/.test(text);

function firstBlock() {
  const cross = D.attention.findIndex((a) => a.kind === "cross");
  return cross >= 0 ? cross : 0;
}
function lastAlign() {
  const blocks = D.attention.map((a, i) => [a, i]).filter(([a]) => a.kind === "cross" || D.model.arch === "gpt");
  return blocks.length ? blocks[blocks.length - 1][1] : -1;
}

// -- small tools -------------------------------------------------------------------------------------------------------

function el(tag, attributes = {}, ...children) {
  const node = tag === "svg" || svgTags.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") node.style.cssText = value;
    else if (value !== null && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}
const svgTags = new Set(["line", "text", "circle", "path", "g", "rect"]);

const unpacked = new Map();
function unpack(p) {
  if (unpacked.has(p)) return unpacked.get(p);
  const raw = atob(p.u16), out = new Float32Array(raw.length / 2);
  for (let i = 0; i < out.length; i++) {
    const step = raw.charCodeAt(2 * i) + 256 * raw.charCodeAt(2 * i + 1);
    out[i] = p.min + (p.max - p.min) * step / 65535;
  }
  unpacked.set(p, out);
  return out;
}

function cssColour(name) { return getComputedStyle(root).getPropertyValue(name).trim(); }
function triple(name) { return cssColour(name).split(",").map(Number); }
function blend(from, to, share) { return from.map((a, i) => Math.round(a + (to[i] - a) * share)); }
// The eye tells small weights apart only when they are lifted: the colour goes with the square root.
function heat(share) { return blend(triple("--heat0"), triple("--heat1"), Math.sqrt(Math.max(0, Math.min(1, share)))); }
function heatTable() { const a = triple("--heat0"), b = triple("--heat1");
  return Array.from({ length: 257 }, (_, i) => blend(a, b, Math.sqrt(i / 256))); }
function twoSided() { const a = triple("--heat0"), b = triple("--heat1"), c = triple("--loss");
  return (v) => (v >= 0 ? blend(a, b, Math.min(1, v)) : blend(a, c, Math.min(1, -v))); }
function inkOn([r, g, b]) { return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#1d2433" : "#ffffff"; }

const tip = document.getElementById("tip");
function showTip(event, words) {
  tip.textContent = words;
  tip.style.display = "block";
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 8)) + "px";
  tip.style.top = Math.max(4, Math.min(event.clientY + 16, innerHeight - box.height - 8)) + "px";
}
function hideTip() { tip.style.display = "none"; }
function tipped(node, words) {
  node.addEventListener("mousemove", (event) => showTip(event, words()));
  node.addEventListener("mouseleave", hideTip);
  return node;
}
function pressed(on, words, act) {
  return el("button", { "aria-pressed": String(on), onclick: act }, words);
}

// -- the model's numbers -----------------------------------------------------------------------------------------------

const texts = D.texts;
const queryTokens = (block) => texts[block.query];
const keyTokens = (block) => texts[block.key];

// Weights of one head as T x S, or the mean of all heads.
function weightsOf(block, head) {
  const [heads, rows, columns] = block.weights.shape, all = unpack(block.weights), size = rows * columns;
  if (head >= 0) return { rows, columns, values: all.subarray(head * size, (head + 1) * size) };
  const values = new Float32Array(size);
  for (let h = 0; h < heads; h++) for (let i = 0; i < size; i++) values[i] += all[h * size + i] / heads;
  return { rows, columns, values };
}
const isCausal = (block) => block.kind === "self" && block.stack === "decoder";
function blockName(block) {
  const where = gpt ? "" : t(WORDS[block.stack]) + " ";
  const layer = state.lang ? `第 ${block.layer} 层 ` : `layer ${block.layer} `;
  return gpt ? (state.lang ? `第 ${block.layer} 层` : `layer ${block.layer}`) : where + layer + w(block.kind);
}

// -- sections ----------------------------------------------------------------------------------------------------------

function header() {
  const c = D.model.config;
  const layers = gpt ? `${c.num_layers}` : `${c.num_encoder_layers} + ${c.num_decoder_layers}`;
  const facts = `${gpt ? "GPT" : "Transformer"} · ${(D.model.parameters / 1e6).toFixed(2)} M ${w("parameters")} · ` +
    `${layers} ${w("layers")} · ${c.num_heads} ${w("heads")} · ${c.d_model} ${w("wide")} · ` +
    `${c.vocab_size.toLocaleString()} ${w("vocab")}`;
  const dark = root.dataset.theme === "dark" ||
    (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  return [
    el("header", {},
      el("div", {},
        el("h1", {}, w("title")),
        el("div", { class: "faint" }, `${D.model.name} · ${facts}`)),
      el("div", { class: "tools row" },
        pressed(state.lang === 1, "中文", () => setLang(1)), pressed(state.lang === 0, "English", () => setLang(0)),
        el("button", { onclick: () => { root.dataset.theme = dark ? "light" : "dark"; render(); } },
          w(dark ? "light" : "dark")))),
    el("nav", {}, w("nav").map((words, i) => el("a", { href: "#s" + i }, words))),
  ];
}
function setLang(lang) { state.lang = lang; root.lang = lang ? "zh" : "en"; render(); }

function chip(token, attributes = {}) {
  return el("button", { ...attributes, class: `chip ${isSpecial(token.text) ? "special" : ""} ${attributes.class || ""}` },
    token.text);
}

function tokensSection() {
  const soft = triple("--loss");
  const shade = (loss) => `background: rgba(${soft.join(",")}, ${Math.min(0.75, loss / 8).toFixed(3)})`;
  const scored = (i) => {
    const next = D.next[i];
    const node = chip(D.targets[i], { class: "pick" + (i === state.target ? " on" : ""), style: shade(next.loss),
      onclick: () => { state.target = i; render(); } });
    return tipped(node, () => `${D.targets[i].text}  #${D.targets[i].id}\n${w("loss")} ${next.loss.toFixed(3)}  ` +
      `${w("probability")} ${chance(next.p)}  ${w("rank")} ${next.rank + 1}`);
  };
  const plain = (token) => tipped(chip(token), () => `${token.text}  #${token.id}`);
  const all = D.targets.map((_, i) => i);
  const left = gpt
    ? [el("h3", {}, w("oneText")), el("div", { class: "chips" }, plain(texts.text[0]), all.map(scored))]
    : [el("h3", {}, `${w("question")} · ${w("readOnly")}`), el("div", { class: "chips" }, texts.source.map(plain)),
       el("h3", {}, `${w("answer")} · ${w("written")}`), el("div", { class: "chips" }, all.map(scored))];
  const mean = (list) => list.reduce((sum, i) => sum + D.next[i].loss, 0) / Math.max(1, list.length);
  const answer = all.slice(D.answer_start), before = all.slice(0, D.answer_start);
  left.push(el("p", { class: "note" },
    `${w("answerLoss")}${w("colon")}${mean(answer).toFixed(3)} nats` + w("open") +
    `${w("perplexity")} ${Math.exp(mean(answer)).toFixed(2)}` + w("close") +
    (before.length ? ` · ${w("questionLoss")}${w("colon")}${mean(before).toFixed(3)}` : "")));
  return section(0, w("tokens"), w("tokensNote"), el("div", { class: "split" }, el("div", {}, left), expected()));
}

function expected() {
  const next = D.next[state.target], real = D.targets[state.target];
  const rows = next.top.map(([id, text, p]) => ({ text, p, real: id === real.id }));
  if (!rows.some((row) => row.real)) rows.push({ text: real.text, p: next.p, real: true });
  return el("div", {},
    el("h3", {}, w("expectedAt"), el("span", { class: "mono" }, `“${real.text}”`)),
    el("div", { class: "bars" }, rows.flatMap((row) => [
      el("span", { class: "mono" + (row.real ? " real" : "") }, row.text || "∅"),
      el("div", { class: "track" }, el("div", { class: "bar", style: `width: ${Math.max(0.3, 100 * row.p)}%` })),
      el("span", { class: "num" }, chance(row.p)),
    ])),
    el("p", { class: "note", style: "margin-top: 10px" },
      `${w("rank")} ${next.rank + 1} · ${w("loss")} ${next.loss.toFixed(3)} nats`));
}

function paintCells(canvas, map, causal) {
  const { rows, columns, values } = map, colours = heatTable(), hidden = triple("--heat0");
  canvas.width = columns; canvas.height = rows;
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    const future = causal && (i % columns) > Math.floor(i / columns);
    const [r, g, b] = future ? hidden : colours[Math.round(256 * Math.min(1, values[i]))];
    image.data.set([r, g, b, future ? 0 : 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

function attentionSection() {
  const block = D.attention[state.block];
  const tabs = el("div", { class: "row" }, D.attention.map((one, i) =>
    pressed(i === state.block, blockName(one), () => { state.block = i; state.head = Math.min(state.head, one.heads.length - 1); render(); })));
  const thumbs = el("div", { class: "thumbs" }, [...block.heads.keys(), -1].map((head) => {
    const canvas = el("canvas");
    paintCells(canvas, weightsOf(block, head), isCausal(block));
    const words = head < 0 ? w("mean") : `${w("head")} ${head}`;
    const about = head < 0 ? "" : headWords(block.heads[head]);
    return el("button", { class: "thumb", "aria-pressed": String(head === state.head),
      onclick: () => { state.head = head; render(); } }, canvas, el("b", {}, words), el("br"),
      el("span", { class: "faint" }, about));
  }));
  const scale = el("span", { class: "legend" }, "0", el("i", { style: "background: linear-gradient(90deg, " +
    [0, 0.06, 0.25, 0.56, 1].map((v) => `rgb(${heat(v)}) ${100 * v}%`).join(", ") + ")" }), "1");
  return section(1, w("attention"), w("attentionNote"), tabs,
    el("div", { class: "split" }, el("div", {}, bigMap(block, state.head), scale), thumbs));
}
function headWords(head) {
  const share = head.measured[head.tendency];
  return t(WORDS.tendencies[head.tendency]) + (share === undefined ? "" : ` ${percent(share)}`);
}

// The large map with its labels; the row and column under the pointer are marked.
function bigMap(block, head) {
  const map = weightsOf(block, head), causal = isCausal(block), colours = heatTable();
  const queries = queryTokens(block).map((x) => x.text), keys = keyTokens(block).map((x) => x.text);
  const cell = Math.max(7, Math.min(30, Math.floor(520 / Math.max(map.rows, map.columns))));
  const font = Math.max(8, Math.min(13, cell - 1)), short = (text) => (text.length > 12 ? text.slice(0, 11) + "…" : text);
  const family = `${font}px ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace`;
  const ruler = document.createElement("canvas").getContext("2d");
  ruler.font = family;
  const widest = (list) => Math.max(...list.map((text) => ruler.measureText(short(text)).width));
  const left = Math.ceil(widest(queries)) + 10, top = Math.ceil(widest(keys)) + 10;
  const width = left + cell * map.columns + 1, height = top + cell * map.rows + 1, sharp = Math.max(2, devicePixelRatio);
  const canvas = el("canvas", { style: `width: ${width}px; height: auto; aspect-ratio: ${width} / ${height}` });
  canvas.width = width * sharp; canvas.height = height * sharp;
  const context = canvas.getContext("2d");
  function draw(row, column) {
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = family; context.textBaseline = "middle";
    for (let i = 0; i < map.rows; i++) {
      context.fillStyle = i === row ? cssColour("--accent") : cssColour("--faint");
      context.textAlign = "right";
      context.fillText(short(queries[i]), left - 6, top + (i + 0.5) * cell);
      for (let j = 0; j < map.columns; j++) {
        const hidden = causal && j > i;
        context.fillStyle = hidden ? cssColour("--void") : `rgb(${colours[Math.round(256 * Math.min(1, map.values[i * map.columns + j]))]})`;
        context.fillRect(left + j * cell, top + i * cell, cell - (cell > 9 ? 1 : 0), cell - (cell > 9 ? 1 : 0));
      }
    }
    for (let j = 0; j < map.columns; j++) {
      context.save();
      context.translate(left + (j + 0.5) * cell, top - 6);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillStyle = j === column ? cssColour("--accent") : cssColour("--faint");
      context.fillText(short(keys[j]), 0, 0);
      context.restore();
    }
    if (row >= 0) {
      context.strokeStyle = cssColour("--accent"); context.lineWidth = 1.5;
      context.strokeRect(left + column * cell - 0.5, top + row * cell - 0.5, cell, cell);
    }
  }
  canvas.addEventListener("mousemove", (event) => {
    const box = canvas.getBoundingClientRect(), zoom = width / box.width;
    const column = Math.floor(((event.clientX - box.left) * zoom - left) / cell);
    const row = Math.floor(((event.clientY - box.top) * zoom - top) / cell);
    if (row < 0 || column < 0 || row >= map.rows || column >= map.columns) { hideTip(); draw(-1, -1); return; }
    draw(row, column);
    const value = map.values[row * map.columns + column];
    showTip(event, causal && column > row ? w("future")
      : `“${queries[row]}” ${w("looks")} “${keys[column]}”\n${percent(value)}`);
  });
  canvas.addEventListener("mouseleave", () => { hideTip(); draw(-1, -1); });
  draw(-1, -1);
  return el("div", { class: "scroll" }, canvas);
}

function headsSection() {
  const table = el("table", {}, D.attention.map((block, i) => el("tr", {}, el("th", {}, blockName(block)),
    block.heads.map((head, h) => el("td", {}, el("button", {
      class: "headcell", "aria-pressed": String(i === state.block && h === state.head),
      style: `border-left-color: ${PALETTE[head.tendency]}`,
      onclick: () => { state.block = i; state.head = h; render(); },
    }, headWords(head)))))));
  const block = D.attention[state.block], chosen = block.heads[Math.max(0, state.head)];
  const rows = Object.entries(chosen.measured).sort((a, b) => b[1] - a[1]);
  const bars = el("div", { class: "bars" }, rows.flatMap(([name, share]) => [
    el("span", {}, t(WORDS.tendencies[name])),
    el("div", { class: "track" },
      el("div", { class: "bar", style: `width: ${100 * share}%; background: ${PALETTE[name]}` }),
      el("div", { class: "even", style: `left: ${100 * chosen.even[name]}%` })),
    el("span", { class: "num" }, percent(share)),
  ]));
  return section(2, w("headsTitle"), w("headsNote"), el("div", { class: "scroll" }, table),
    el("h3", { style: "margin-top: 14px" }, `${blockName(block)} · ${w("head")} ${Math.max(0, state.head)}`), bars,
    el("p", { class: "note" }, `${w("entropy")}${w("colon")}${chosen.entropy.toFixed(2)}`));
}

// Question above, answer below, a line for each look.
function alignmentSection() {
  const choices = D.attention.map((block, i) => [block, i]).filter(([block]) => gpt || block.kind === "cross");
  if (state.align < 0) return null;
  const block = D.attention[state.align], map = weightsOf(block, -1);
  const asked = gpt ? texts.text.slice(0, D.answer_start + 1) : texts.source;
  const said = D.targets.slice(D.answer_start), rowOf = (j) => D.answer_start + j;
  const ruler = document.createElement("canvas").getContext("2d");
  ruler.font = '14px ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace';
  const place = (tokens) => {
    let x = 8;
    return tokens.map((token) => { const wide = ruler.measureText(token.text).width + 16, middle = x + wide / 2; x += wide; return middle; });
  };
  const above = place(asked), below = place(said);
  const end = (list, tokens) => (list.length ? list[list.length - 1] + ruler.measureText(tokens[tokens.length - 1].text).width / 2 + 16 : 0);
  const width = Math.max(end(above, asked), end(below, said), 320), shift = (list, tokens) => (width - end(list, tokens)) / 2;
  const shiftA = shift(above, asked), shiftB = shift(below, said);
  const svg = el("svg", { width, height: 210, viewBox: `0 0 ${width} 210`, role: "img" });
  const lines = el("g"), shares = el("g");
  svg.append(lines, shares);
  function draw(only) {
    lines.replaceChildren(); shares.replaceChildren();
    said.forEach((_, j) => {
      if (only !== null && only !== j) return;
      asked.forEach((__, i) => {
        const share = map.values[rowOf(j) * map.columns + i];
        if (share < 0.04) return;
        lines.append(el("line", { x1: above[i] + shiftA, y1: 52, x2: below[j] + shiftB, y2: 170, stroke: cssColour("--accent"),
          "stroke-width": 0.6 + 7 * share, "stroke-linecap": "round", opacity: only === null ? 0.12 + 0.6 * share : 0.35 + 0.6 * share }));
        if (only === j) shares.append(el("text", { x: above[i] + shiftA, y: 18, "text-anchor": "middle", "font-size": 11,
          style: "fill: var(--accent)" }, percent(share)));
      });
    });
  }
  asked.forEach((token, i) => svg.append(el("text", { x: above[i] + shiftA, y: 40, "text-anchor": "middle", "font-size": 14,
    style: isSpecial(token.text) ? "fill: var(--faint)" : "" }, token.text)));
  said.forEach((token, j) => {
    const label = el("text", { x: below[j] + shiftB, y: 190, "text-anchor": "middle", "font-size": 14,
      style: "cursor: default;" + (isSpecial(token.text) ? "fill: var(--faint)" : "") }, token.text);
    const target = el("rect", { x: below[j] + shiftB - 12, y: 166, width: 24, height: 40, fill: "transparent" });
    for (const node of [label, target]) {
      node.addEventListener("mouseenter", () => draw(j));
      node.addEventListener("mouseleave", () => draw(null));
    }
    svg.append(label, target);
  });
  draw(null);
  const tabs = el("div", { class: "row" }, choices.map(([one, i]) =>
    pressed(i === state.align, blockName(one), () => { state.align = i; render(); })), el("span", { class: "note" }, w("mean")));
  return section(3, w("alignment"), w("alignmentNote"), tabs,
    said.length ? el("div", { class: "scroll" }, svg) : el("p", {}, w("alignmentNone")));
}

function lensSection() {
  const from = state.lensAll ? 0 : D.answer_start;
  const columns = D.targets.map((_, i) => i).slice(from);
  const table = el("table", { class: "lens" },
    el("tr", {}, el("th"), columns.map((i) => el("th", { class: "real" }, D.targets[i].text))),
    D.lens.map((row) => el("tr", {},
      el("th", {}, row.layer === "input" ? w("input") : state.lang ? `第 ${row.layer} 层` : `layer ${row.layer}`),
      columns.map((i) => {
        const next = row.positions[i], [id, text, p] = next.top[0], colour = heat(p);
        const cell = el("td", { class: id === D.targets[i].id ? "hit" : "",
          style: `background: rgb(${colour}); color: ${inkOn(colour)}` }, text || "∅");
        return tipped(cell, () => next.top.map(([, one, q]) => `${one}  ${chance(q)}`).join("\n") +
          `\n${w("probability")} “${D.targets[i].text}”${w("colon")}${chance(next.p)}`);
      }))));
  const choose = gpt ? el("div", { class: "row" },
    pressed(!state.lensAll, w("answerOnly"), () => { state.lensAll = false; render(); }),
    pressed(state.lensAll, w("allTokens"), () => { state.lensAll = true; render(); })) : null;
  return section(4, w("lens"), w("lensNote"), choose, el("div", { class: "scroll" }, table));
}

function picture(packed, words, onHover) {
  const [rows, columns] = packed.shape, values = unpack(packed), colour = twoSided();
  const largest = Math.max(Math.abs(packed.min), Math.abs(packed.max)) || 1;
  const canvas = el("canvas", { style: `aspect-ratio: ${Math.max(columns, rows)} / ${rows}; max-height: 340px` });
  canvas.width = columns; canvas.height = rows;
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  values.forEach((value, i) => image.data.set([...colour(value / largest), 255], 4 * i));
  context.putImageData(image, 0, 0);
  canvas.addEventListener("mousemove", (event) => {
    const box = canvas.getBoundingClientRect();
    const row = Math.min(rows - 1, Math.floor((event.clientY - box.top) / box.height * rows));
    const column = Math.min(columns - 1, Math.floor((event.clientX - box.left) / box.width * columns));
    if (row >= 0 && column >= 0) showTip(event, onHover(row, column, values[row * columns + column]));
  });
  canvas.addEventListener("mouseleave", hideTip);
  return el("div", {}, el("h3", {}, words), canvas);
}

function positionsSection() {
  const parts = D.positions.flatMap((one) => [
    el("p", {}, el("b", {}, one.name === "2017" ? w("toCompare") : `${w("ours")} (${one.name})`), " · ", t(WORDS.kinds[one.kind])),
    el("div", { class: "pictures", style: "margin-bottom: 20px" },
      picture(one.table, w("tableOf"), (row, column, value) => `${w("position")} ${row}, ${w("dimension")} ${column}\n${value.toFixed(3)}`),
      picture(one.similarity, w("similarityOf"), (row, column, value) => `${w("position")} ${row}, ${column}\n${value.toFixed(3)}`)),
  ]);
  return section(5, w("positions"), null, ...parts);
}

function groupOf(point) {
  if (point.here) return "here";
  const word = point.text.replace(/·/g, "");
  if (/\p{Script=Han}/u.test(word)) return "han";
  if (/^\d+$/.test(word)) return "digits";
  return /^\p{L}+$/u.test(word) ? "letters" : "other";
}

function embeddingsSection() {
  const points = D.embeddings.points, width = 1080, height = 520, margin = 34;
  const range = (key) => { const list = points.map((p) => p[key]); return [Math.min(...list), Math.max(...list)]; };
  const scale = ([low, high], size) => (v) => margin + (v - low) / ((high - low) || 1) * (size - 2 * margin);
  const x = scale(range("x"), width), y = scale(range("y"), height);
  const svg = el("svg", { viewBox: `0 0 ${width} ${height}`, style: "width: 100%; height: auto; display: block", role: "img" });
  const order = [...points].sort((a, b) => a.here - b.here);
  const taken = [];
  for (const point of order) {
    const group = groupOf(point), at = [x(point.x), height - y(point.y)];
    const dot = el("circle", { cx: at[0], cy: at[1], r: point.here ? 4.5 : 3.2, fill: GROUPS[group], opacity: point.here ? 1 : 0.62 });
    tipped(dot, () => `${point.text}  #${point.id}\n${w("nearest")}${w("colon")}` + point.near.map(([text, c]) => `${text} ${c.toFixed(2)}`).join("  "));
    svg.append(dot);
    // A label where there is room for one: those of the text first.
    point.at = at;
  }
  for (const point of [...order].reverse()) {
    const wide = 8 * [...point.text].reduce((sum, c) => sum + (c.charCodeAt(0) > 255 ? 1.7 : 1), 0);
    const box = [point.at[0] + 5, point.at[1] - 8, point.at[0] + 7 + wide, point.at[1] + 8];
    if (taken.some((b) => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3]) || box[2] > width) continue;
    taken.push(box);
    svg.append(el("text", { x: box[0] + 1, y: point.at[1] + 4, "font-size": 12,
      style: `fill: ${point.here ? "var(--ink)" : "var(--faint)"}; font-weight: ${point.here ? 700 : 400}; pointer-events: none` }, point.text));
  }
  const legend = el("div", { class: "row note", style: "gap: 6px 18px" }, Object.entries(GROUPS).map(([group, colour]) =>
    el("span", { class: "legend" }, el("i", { style: `width: 10px; background: ${colour}; border: 0` }), t(WORDS.groups[group]))),
    el("span", {}, `${percent(D.embeddings.explained[0] + D.embeddings.explained[1])} ${w("shown")}`));
  return section(6, w("embeddings"), w("embeddingsNote"), legend, svg);
}

function section(number, title, note, ...children) {
  return el("section", { id: "s" + number }, el("h2", {}, title), note ? el("p", { class: "note" }, note) : null, ...children);
}

function render() {
  hideTip();
  document.title = `${w("title")} · ${D.question}`;
  document.getElementById("page").replaceChildren(...header(), tokensSection(), attentionSection(), headsSection(),
    ...[alignmentSection()].filter(Boolean), lensSection(), positionsSection(), embeddingsSection());
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
render();
