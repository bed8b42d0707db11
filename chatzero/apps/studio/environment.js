// This machine: the doctor's table at once; a measured training step, and what follows from it, when asked for.

import { environment, measure } from "./api.js";
import { $, make, table } from "./elements.js";
import { complain, showFrame } from "./frame.js";
import { say } from "./words.js";

const LOOKS = { ok: "good", warn: "warn", fail: "bad" };
let found = null; // the document of the last answer
let measured = null; // that of the last measuring

function show() {
  if (found) {
    $("verdict").textContent = found.ok ? say("nothing_to_mend") : say("to_mend");
    const columns = [say("tool"), say("found"), say("wanted"), say("verdict"), say("mend")];
    const rows = found.findings.map((one) => [
      one.name,
      one.found,
      one.wanted,
      make("span", LOOKS[one.verdict], say(`verdict_${one.verdict}`)),
      one.mend ? make("code", "", one.mend) : "",
    ]);
    $("findings").replaceChildren(table(columns, rows));
  }
  if (measured) $("measured").replaceChildren(...measuredParts(measured));
}

function measuredParts({ measured: { small, large, peak_flops_per_s: peaks, device }, predicted }) {
  const share = (flops, peak) => `${Math.round((100 * flops) / peak)} %`;
  const timed = [small, large].flatMap(({ size, step_flops: flops, step_s: times }) =>
    Object.entries(times).map(([precision, seconds]) => [
      size,
      precision,
      seconds.toPrecision(3),
      Math.round(flops / seconds / 1e9).toLocaleString(),
      share(flops / seconds, peaks[precision]),
    ]),
  );
  const sizes = predicted.sizes.map((one) => [
    one.size,
    `${(one.parameters / 1e6).toFixed(1)} M`,
    Math.round(one.tokens_per_s).toLocaleString(),
    one.minutes >= 10 ? Math.round(one.minutes).toLocaleString() : one.minutes.toFixed(1),
    make("span", one.fits ? "" : "bad", `${(one.memory_bytes / 2 ** 30).toFixed(1)} GiB${one.fits ? "" : ` (${say("too_much")})`}`),
  ]);
  return [
    make("h3", "", `${say("measured")} (${device})`),
    make("div", "table", table([say("size"), say("precision"), say("seconds"), "GFLOP/s", say("of_the_peak")], timed, 2)),
    make("h3", "", `${say("predicted")} ${predicted.tokens.toLocaleString()} ${say("tokens")}`),
    make("div", "table", table([say("size"), say("parameters"), say("tokens_per_s"), say("minutes"), say("memory")], sizes, 1)),
  ];
}

async function look() {
  $("status").textContent = say("looking");
  try {
    found = await environment();
    $("status").textContent = "";
    show();
  } catch (error) {
    complain(error);
  }
}

$("measure").addEventListener("submit", async (event) => {
  event.preventDefault();
  const pressed = event.submitter;
  pressed.disabled = true;
  $("status").textContent = say("measuring");
  try {
    found = measured = await measure($("arch").value);
    $("status").textContent = "";
    show();
  } catch (error) {
    complain(error);
  }
  pressed.disabled = false;
});
showFrame(() => {
  show();
  look(); // in the language of now
});
