// The smallest tools for making elements. What a person or a model wrote is only ever set as text, never as HTML.

export const $ = (id) => document.getElementById(id);

/** An element with a class, and children: elements, or strings that become text. */
export function make(name, className = "", ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A button; `label` says what it does where its text alone does not. */
export function button(text, act, label) {
  const made = make("button", "", text);
  made.type = "button";
  if (label) {
    made.setAttribute("aria-label", label);
    made.title = label;
  }
  made.addEventListener("click", act);
  return made;
}

/** A table; the columns from number `numbers` on hold numbers. A cell is text or an element. */
export function table(columns, rows, numbers = columns.length) {
  const row = (kind, cells) => make("tr", "", ...cells.map((cell, i) => make(kind, i < numbers ? "" : "number", cell)));
  return make("table", "", make("thead", "", row("th", columns)), make("tbody", "", ...rows.map((cells) => row("td", cells))));
}

/** A text field as high as its text; the style sheet bounds it. */
export function fit(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

/** Enter sends, Shift+Enter is a new line. Enter that ends the typing of a Chinese word is not meant for us. */
export function onEnter(field, act) {
  field.addEventListener("input", () => fit(field));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    act();
  });
}

/** Hands the reader a file with this text. */
export function download(name, text) {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
