// The runs on this machine: what each has reached, its curves and its words, anew every two seconds while it trains; a
// run is stopped and resumed here, and begun by start.js. The training itself is a process of its own.

import { curves, resumeRun, runs, runWords, stopRun } from "./api.js";
import { drawChart } from "./chart.js";
import { $, button, make } from "./elements.js";
import { closeMenu, complain, showFrame } from "./frame.js";
import { showRunWords } from "./run_words.js";
import { prepareStart, showStart } from "./start.js";
import { say } from "./words.js";

const EVERY_MS = 2000;
const LIVES = ["preparing", "running"];
const NEW = "new"; // in the place of an id: the form that begins a run
let rows = []; // {id, run, steered}, as the server gives them
let mayTrain = false;
let chosen = location.hash.slice(1);
let other = ""; // the run compared with
let shown = {}; // run id -> its curves
let words; // what the chosen run says
let stopping = ""; // the id of the run that was asked to stop
let refusal = ""; // why the chosen run could not be stopped or resumed

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
  $("new").hidden = !mayTrain;
  $("begin").hidden = chosen !== NEW;
  $("run").hidden = !row;
  if (!row) return;
  showActs(row);
  showRunWords(words);
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

function showActs({ id, run, steered }) {
  const lives = LIVES.includes(run.state);
  if (stopping === id && !lives) stopping = "";
  $("acts").hidden = !mayTrain || !steered || !(lives || run.state === "interrupted");
  $("stop").hidden = !lives;
  $("stop").disabled = stopping === id;
  $("resume").hidden = lives;
  $("acts-note").textContent = stopping === id ? say("stopping") : refusal;
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
  words = undefined;
  refusal = "";
  if (other === id) other = "";
  location.hash = id;
  closeMenu();
  refresh();
}

async function refresh() {
  try {
    rows = await runs();
    const usual = rows.find(({ run }) => LIVES.includes(run.state)) ?? rows[0];
    if (!find(chosen) && (chosen !== NEW || !mayTrain)) chosen = usual?.id ?? (mayTrain ? NEW : "");
    for (const id of [chosen, other].filter(find)) {
      const { state } = find(id).run;
      if (shown[id]?.state === state && !LIVES.includes(state)) continue;
      shown[id] = { ...(await curves(id)), state };
    }
    if (find(chosen)) words = await runWords(chosen); // also of a run that is over: it still answers the last questions
    $("status").textContent = rows.length || mayTrain ? "" : say("no_runs");
  } catch (error) {
    complain(error);
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

/** Asks the server to steer the chosen run; what came of it shows when the runs are next looked at. */
async function steer(act) {
  refusal = "";
  try {
    await act(chosen);
  } catch (error) {
    if (stopping === chosen) stopping = "";
    refusal = error.message;
  }
  await refresh();
}

$("stop").addEventListener("click", () => {
  stopping = chosen;
  showRun();
  steer(stopRun);
});
$("resume").addEventListener("click", () => steer(resumeRun));
$("new").addEventListener("click", () => choose(NEW));
$("compare").addEventListener("change", () => {
  other = $("compare").value;
  $("compare").blur();
  refresh();
});
showFrame(() => {
  showStart();
  showRuns();
  showRun();
});
prepareStart(choose).then((may) => {
  mayTrain = may;
  watch();
});
