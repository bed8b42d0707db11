// Lines over steps, as SVG. The numbers are also in words: the label of the chart says what each line ends at.

const WIDTH = 860;
const HEIGHT = 300;
const LEFT = 54;
const BOTTOM = 26;

function svg(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Draws `lines` ({name, points: [[x, y], ...], look, dots}) into `parent`, with a legend. `log` scales y by its logarithm. */
export function drawChart(parent, label, lines, log) {
  const shown = lines.filter(({ points }) => points.length);
  const values = shown.flatMap(({ points }) => points.map(([, y]) => y)).filter((y) => y > 0 || !log);
  if (!values.length) return parent.replaceChildren();
  const most = Math.max(...shown.map(({ points }) => points[points.length - 1][0]), 1);
  const scale = log ? Math.log10 : (y) => y;
  const low = log ? scale(Math.min(...values)) : 0;
  const high = Math.max(scale(Math.max(...values)), low + 1e-9);
  const across = (x) => LEFT + (x / most) * (WIDTH - LEFT - 8);
  const up = (y) => 8 + (1 - (scale(Math.max(y, log ? 10 ** low : y)) - low) / (high - low)) * (HEIGHT - BOTTOM - 8);
  const ends = shown.map(({ name, points }) => `${name} ${short(points[points.length - 1][1])}`);
  const chart = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${label}: ${ends.join(", ")}` });
  for (const y of log ? decades(low, high) : ticks(high)) {
    chart.append(svg("line", { class: "grid", x1: LEFT, x2: WIDTH - 8, y1: up(y), y2: up(y) }));
    chart.append(svg("text", { x: LEFT - 6, y: up(y) + 4, "text-anchor": "end" }, short(y)));
  }
  for (const x of ticks(most)) chart.append(svg("text", { x: across(x), y: HEIGHT - 8, "text-anchor": "middle" }, x.toLocaleString()));
  for (const { points, look, dots } of shown) {
    chart.append(svg("polyline", { class: `line${look}`, points: points.map(([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`).join(" ") }));
    if (dots) for (const [x, y] of points) chart.append(svg("circle", { class: `dot${look}`, cx: across(x), cy: up(y), r: 3 }));
  }
  parent.replaceChildren(legend(shown), chart);
}

function legend(lines) {
  const list = document.createElement("ul");
  list.className = "legend";
  for (const { name, look } of lines) {
    const sample = svg("svg", { class: "chart", viewBox: "0 0 32 12", "aria-hidden": "true" });
    sample.append(svg("polyline", { class: `line${look}`, points: "0,6 32,6" }));
    const item = document.createElement("li");
    item.append(sample, name);
    list.append(item);
  }
  return list;
}

/** About five round numbers up to `high`. */
function ticks(high) {
  const rough = 10 ** Math.floor(Math.log10(high / 4));
  const step = [1, 2, 5, 10].map((times) => times * rough).find((size) => high / size <= 6) ?? high;
  return Array.from({ length: Math.floor(high / step) }, (_, i) => (i + 1) * step);
}

/** 1, 2 and 5 of each power of ten between the two logarithms. */
function decades(low, high) {
  const found = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const times of [1, 2, 5]) {
      const value = times * 10 ** power;
      if (Math.log10(value) >= low && Math.log10(value) <= high) found.push(value);
    }
  }
  return found;
}

const short = (y) => (y >= 1000 ? Math.round(y).toLocaleString() : Number(y.toPrecision(3)).toString());
