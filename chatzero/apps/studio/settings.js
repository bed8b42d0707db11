// The settings of an answer: the fields the reader sees, and what of them goes into a request. A field left empty is not
// sent: the server's default holds, which the field shows in grey.

import { $, make } from "./elements.js";
import { recall, remember } from "./store.js";

const FIELDS = [
  { name: "temperature", min: 0, max: 2, step: 0.1, usual: 0 },
  { name: "top_p", min: 0, max: 1, step: 0.05, usual: 1 },
  { name: "top_k", min: 0, step: 1, usual: 0 },
  { name: "min_p", min: 0, max: 1, step: 0.05, usual: 0 },
  { name: "repetition_penalty", min: 0.1, max: 10, step: 0.1, usual: 1 },
  { name: "max_tokens", min: 1, step: 1, usual: 256 },
  { name: "seed", min: 0, step: 1, usual: "" },
];

/** Makes the fields, as they were left last time. Their words are put in by whoever shows the page. */
export function makeFields() {
  const kept = recall("settings", {});
  const note = () => remember("settings", Object.fromEntries([...inputs()].map((input) => [input.id, input.value])));
  for (const { name, usual, ...bounds } of FIELDS) {
    const words = make("span");
    words.dataset.text = name;
    const input = make("input");
    Object.assign(input, { id: name, type: "number", placeholder: String(usual), ...bounds });
    $("fields").append(make("label", "", words, input));
  }
  for (const input of inputs()) {
    if (typeof kept[input.id] === "string") input.value = kept[input.id];
    input.addEventListener("change", note);
  }
  $("reset").addEventListener("click", () => {
    for (const input of inputs()) input.value = "";
    note();
  });
}

const inputs = () => $("settings").querySelectorAll("input, textarea");

/** The part of a request that says how to answer. */
export function sampling() {
  return Object.fromEntries(FIELDS.filter(({ name }) => $(name).value !== "").map(({ name }) => [name, Number($(name).value)]));
}

export const systemPrompt = () => $("system").value.trim();
