// A data file, looked at: what was recognised, what may be wrong, and the first conversations as tokens. The server reads
// it in memory and keeps nothing.

import { lookAtFile } from "./api.js";
import { $, make, table } from "./elements.js";
import { complain, showFrame } from "./frame.js";
import { recall } from "./store.js";
import { say } from "./words.js";

const MOST_BYTES = 2 ** 20; // what the server takes
const IN_LINES = /\.(jsonl|ndjson|csv|tsv|txt)$/i; // files whose beginning can be read alone
let dropped = null; // {name, bytes, cut}
let report = null;

function show() {
  $("report").hidden = !report;
  if (!report) return;
  const { file, conversations, turns, characters, languages, problems, preview } = report;
  const columns = ["file", "format", "encoding", "shape", "kept", "set_aside"].map(say);
  const shapes = Object.entries(file.shapes).map(([shape, count]) => `${shape} (${count.toLocaleString()})`);
  const row = [file.file, file.format, file.encoding ?? "", shapes.join(", "), file.kept.toLocaleString(), file.set_aside.toLocaleString()];
  $("recognised").replaceChildren(table(columns, [row], 4));
  const said = Object.entries(languages).map(([name, count]) => `${name} ${Math.round((100 * count) / conversations)} %`);
  const counts = [
    dropped.cut ? say("only_the_beginning") : null,
    `${conversations.toLocaleString()} ${say("conversations_found")}, ${turns.toLocaleString()} ${say("turns")}`,
    `${say("characters")}: ${say("median")} ${characters[0].toLocaleString()}, 95 % ≤ ${characters[1].toLocaleString()}, ${say("longest")} ${characters[2].toLocaleString()}`,
    said.join(", "),
  ];
  $("summary").textContent = counts.filter(Boolean).join(" · ");
  const found = problems.map(({ title, count, examples }) => [title, count.toLocaleString(), examples.join("\n")]);
  $("problems").replaceChildren(
    found.length ? table(["kind", "count", "examples"].map(say), found) : make("p", "good", say("no_problems")),
  );
  $("preview").replaceChildren(...preview.map(conversation));
}

function conversation({ line, tokens, num_tokens: count, num_trained: trained }) {
  const spans = tokens.map(([text, learnt]) => make("span", learnt ? "trained" : "", text));
  const title = `${say("line")} ${line.toLocaleString()}: ${count.toLocaleString()} ${say("tokens")}, ${trained.toLocaleString()} ${say("trained_on")}`;
  return make("figure", "", make("figcaption", "faint", title), make("p", "", ...spans, tokens.length < count ? " …" : ""));
}

async function take(file) {
  const fits = file.size <= MOST_BYTES;
  if (!fits && !IN_LINES.test(file.name)) return ($("status").textContent = `${file.name}: ${say("file_too_large")}`);
  const bytes = new Uint8Array(await file.slice(0, MOST_BYTES).arrayBuffer());
  dropped = { name: file.name, bytes: fits ? bytes : bytes.slice(0, bytes.lastIndexOf(10) + 1), cut: !fits };
  await look();
}

async function look() {
  if (!dropped) return;
  report = null;
  $("status").textContent = `${dropped.name}: ${say("looking")}`;
  try {
    report = await lookAtFile(dropped.name, dropped.bytes, recall("model"));
    $("status").textContent = "";
  } catch (error) {
    complain(error);
  }
  show();
}

$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  if (file) take(file);
  $("file").value = ""; // so that the same file, mended, may be chosen again
});
for (const name of ["dragenter", "dragover"]) {
  $("drop").addEventListener(name, (event) => {
    event.preventDefault();
    $("drop").classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) $("drop").addEventListener(name, () => $("drop").classList.remove("over"));
// Anywhere: a file dropped beside the place must not be opened in place of the page
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
addEventListener("drop", (event) => {
  const [file] = event.dataTransfer.files;
  if (file) take(file);
});
showFrame(() => {
  show();
  look(); // its words come from the server
});
