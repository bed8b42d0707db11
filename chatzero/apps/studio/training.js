// The runs on this machine: what each has reached, and its curves, anew every two seconds while it trains. Nothing here
// starts or stops a run: that is the command line's.

import { curves, runs } from "./api.js";
import { drawChart } from "./chart.js";
import { $, button, make } from "./elements.js";
import { closeMenu, showFrame } from "./frame.js";
import { say } from "./words.js";

const EVERY_MS = 2000;
let rows = []; // {id, run}, as the server gives them
let chosen = location.hash.slice(1);
let other = ""; // the run compared with
let shown = {}; // run id -> its curves

const nameOf = ({ run }) => run.where.split(/[\\/]/).pop();
const find = (id) => rows.find((row) => row.id === id);

function showRuns() {
  const items = rows.map((row) => {
    const open = button(`${nameOf(row)} · ${say(`state_${row.run.state}`)}`, () => choose(row.id));
    open.className = "open";
    open.title = row.run.where;
    if (row.id === chosen) open.setAttribute("aria-current", "true");
    return make("li", "", open);
  });
  const focused = $("runs").contains(document.activeElement);
  $("runs").replaceChildren(...items);
  if (focused) $("runs").querySelector("[aria-current]")?.focus();
}

function showRun() {
  const row = find(chosen);
  $("run").hidden = !row;
  if (!row) return;
  $("name").textContent = nameOf(row);
  $("where").textContent = row.run.where;
  $("facts").replaceChildren(...facts(row.run, shown[chosen]).map(([name, value]) => make("div", "", make("dt", "", name), make("dd", "", value))));
  $("compare-box").hidden = rows.length < 2;
  const choices = [["", say("nothing_else")], ...rows.filter(({ id }) => id !== chosen).map((one) => [one.id, nameOf(one)])];
  if (document.activeElement !== $("compare")) {
    $("compare").replaceChildren(...choices.map(([id, name]) => Object.assign(make("option", "", name), { value: id, selected: id === other })));
  }
  const both = [chosen, other].map(find).filter((one) => one && shown[one.id]);
  const lines = both.flatMap((one, i) => {
    const name = both.length > 1 ? `${nameOf(one)}: ` : "";
    const { training, held_out } = shown[one.id];
    return [
      { name: name + say("training_loss"), points: training.map(([step, loss]) => [step, loss]), look: 2 * i },
      { name: name + say("held_out_loss"), points: held_out, look: 2 * i + 1, dots: true },
    ];
  });
  const speeds = both.map((one, i) => ({ name: nameOf(one), points: shown[one.id].training.map(([step, , speed]) => [step, speed]), look: 2 * i + 1 }));
  drawChart($("loss"), say("loss_curve"), lines, true);
  drawChart($("speed"), say("speed_curve"), speeds, false);
}

function facts(run, found) {
  const number = (value) => (value === null ? "–" : value.toFixed(3));
  const rows = [
    [say("state"), say(`state_${run.state}`)],
    [say("stage"), [run.stage, run.arch].filter(Boolean).join(", ") || "–"],
    [say("step"), run.step.toLocaleString()],
    [say("training_loss"), number(run.loss)],
    [say("held_out_loss"), number(run.held_out_loss)],
  ];
  if (found?.training.length) {
    rows.push([say("tokens_per_s"), Math.round(found.training[found.training.length - 1][2]).toLocaleString()]);
    rows.push([say("elapsed"), clock(found.elapsed_s)]);
    if (run.state === "running") rows.push([say("remaining"), found.remaining_s === null ? "–" : clock(found.remaining_s)]);
    if (run.state === "running" && found.quiet_s > 60) rows.push([say("quiet"), clock(found.quiet_s)]);
  }
  return rows;
}

function clock(seconds) {
  const whole = Math.round(seconds);
  const two = (part) => String(part).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return `${hours ? `${hours}:` : ""}${hours ? two(Math.floor(whole / 60) % 60) : Math.floor(whole / 60)}:${two(whole % 60)}`;
}

function choose(id) {
  chosen = id;
  if (other === id) other = "";
  location.hash = id;
  closeMenu();
  refresh();
}

async function refresh() {
  try {
    rows = await runs();
    if (!find(chosen)) chosen = (rows.find(({ run }) => run.state === "running") ?? rows[0])?.id ?? "";
    for (const id of [chosen, other]) {
      if (find(id) && (!shown[id] || find(id).run.state === "running")) shown[id] = await curves(id);
    }
    $("status").textContent = rows.length ? "" : say("no_runs");
  } catch (error) {
    $("status").textContent = error.status === 401 ? say("key_wanted_there") : error.message;
  }
  showRuns();
  showRun();
}

/** Again and again while the page is seen; never so often that asking costs more than a twentieth of the time. */
async function watch() {
  const beganMs = performance.now();
  if (!document.hidden) await refresh();
  setTimeout(watch, Math.max(EVERY_MS, 20 * (performance.now() - beganMs)));
}

$("compare").addEventListener("change", () => {
  other = $("compare").value;
  $("compare").blur();
  refresh();
});
showFrame(() => {
  showRuns();
  showRun();
});
watch();
