// The form that begins a run. The server offers what may be trained, and says no where it may not.

import { recipes, startRun } from "./api.js";
import { $, make } from "./elements.js";
import { complain } from "./frame.js";
import { say } from "./words.js";

let offered = { may_train: false, choices: [] };
let named = false; // the reader has typed a name
let started = () => {};

const choice = () => offered.choices.find(({ name }) => name === $("recipe").value) ?? offered.choices[0];

/** Asks what may be trained; `act(id)` is called when a run has begun. Gives whether anything may. */
export async function prepareStart(act) {
  started = act;
  try {
    offered = await recipes();
  } catch (error) {
    complain(error);
  }
  showStart();
  return offered.may_train;
}

/** In the language of now; what was chosen stays. */
export function showStart() {
  const before = choice()?.name;
  const names = offered.choices.map(({ name }) => Object.assign(make("option", "", name === "quickstart" ? say("quickstart") : name), { value: name }));
  $("recipe").replaceChildren(...names);
  if (before) $("recipe").value = before;
  showChoice(false);
}

function showChoice(anew) {
  const one = choice();
  if (!one) return;
  $("arch-box").hidden = one.arch !== null;
  $("unit").textContent = say(one.unit);
  if (anew || !$("length").value) $("length").value = one.length;
  if (!named) $("run-name").value = `${one.name}-${one.arch ?? $("arch").value}-${stamp()}`;
}

/** Month, day, hour and minute: a name that is free. */
function stamp() {
  const now = new Date();
  return [now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0")).join("");
}

$("recipe").addEventListener("change", () => showChoice(true));
$("arch").addEventListener("change", () => showChoice(false));
$("run-name").addEventListener("input", () => (named = true));
$("start").addEventListener("submit", async (event) => {
  event.preventDefault();
  const pressed = event.submitter;
  pressed.disabled = true;
  $("status").textContent = "";
  try {
    const { id } = await startRun({ name: $("run-name").value.trim(), recipe: choice().name, arch: $("arch").value, length: Number($("length").value) });
    named = false;
    started(id);
  } catch (error) {
    complain(error);
  }
  pressed.disabled = false;
});
