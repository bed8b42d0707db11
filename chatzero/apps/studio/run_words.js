// What a run says beside its numbers: remarks in plain words, the model's answers at each look, the end of its log.

import { $, make, table } from "./elements.js";
import { language, say } from "./words.js";

let drawn = "";

/** `words` as `/studio/runs/ID/words` gives them; undefined: nothing is known yet. */
export function showRunWords(words) {
  const told = JSON.stringify([words, language()]);
  if (told === drawn) return; // an answer that is being read stays as it is
  drawn = told;
  const { samples = [], remarks = [] } = words?.told ?? {};
  const column = language() === "zh" ? 1 : 0;
  const lines = remarks.map(({ step, what, why, do: act }) =>
    make("li", "", make("strong", "", what[column]), ` (${say("step")} ${step.toLocaleString()})`, make("p", "", `${why[column]} → ${act[column]}`)),
  );
  $("remarks").replaceChildren(...lines);
  $("samples-box").hidden = !samples.length;
  const chosen = $("which").selectedIndex;
  const atLast = chosen < 0 || chosen === $("which").options.length - 1;
  $("which").replaceChildren(...samples.map(({ step }) => make("option", "", `${say("step")} ${step.toLocaleString()}`)));
  $("which").selectedIndex = atLast || chosen >= samples.length ? samples.length - 1 : chosen;
  const show = () => {
    const answers = samples[$("which").selectedIndex]?.answers ?? [];
    $("samples").replaceChildren(table([say("question"), say("answer")], answers));
  };
  $("which").onchange = show;
  show();
  $("log-box").hidden = !words?.log;
  $("log").textContent = words?.log ?? "";
}
