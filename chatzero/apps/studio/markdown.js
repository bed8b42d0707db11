// Markdown to elements, a small and safe part of it: paragraphs, lists, headings, `code`, fenced code, **bold**, *italic*.
// Whatever a model says is only ever set as text (textContent): no HTML, no links, no images, so nothing can be injected.

import { make } from "./elements.js";

// One star is emphasis only around whole words: 2*3*4 is arithmetic.
const INLINE = /(`[^`\n]+`)|(\*\*[^*\n]+\*\*)|((?<![\w*])\*[^*\s](?:[^*\n]*[^*\s])?\*(?![\w*]))/;

function addInline(parent, text) {
  for (let found; (found = INLINE.exec(text)); text = text.slice(found.index + found[0].length)) {
    parent.append(text.slice(0, found.index));
    const [whole, code, bold] = found;
    if (code) parent.append(make("code", "", whole.slice(1, -1)));
    else if (bold) parent.append(make("strong", "", whole.slice(2, -2)));
    else parent.append(make("em", "", whole.slice(1, -1)));
  }
  parent.append(text);
}

/** Replaces the children of `parent` by what `source` says. */
export function showMarkdown(parent, source) {
  parent.replaceChildren();
  let block = null; // the paragraph or list that goes on
  const lines = source.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (line.startsWith("```")) {
      const code = [];
      while (++i < lines.length && !lines[i].startsWith("```")) code.push(lines[i]);
      parent.append(make("pre", "", make("code", "", code.join("\n"))));
      block = null;
      continue;
    }
    const heading = /^(#{1,3}) (.+)/.exec(line);
    const item = /^\s*(?:[-*]|(\d{1,3})[.)]) (.+)/.exec(line);
    if (heading) {
      addInline(parent.appendChild(make(`h${heading[1].length + 2}`)), heading[2]);
      block = null;
    } else if (item) {
      const [, number, words] = item;
      const kind = number ? "OL" : "UL";
      if (block?.tagName !== kind) block = parent.appendChild(make(kind));
      const row = block.appendChild(make("li"));
      if (number) row.value = Number(number);
      addInline(row, words);
    } else if (!line.trim()) {
      block = null;
    } else {
      if (block?.tagName === "P") block.append(make("br"));
      else block = parent.appendChild(make("p"));
      addInline(block, line);
    }
  }
}
