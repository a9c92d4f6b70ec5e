// Writes usage and options of every verb into its page in docs/commands, and the list of verbs into the index there, from what the command
// itself uses. `--check` only compares, and fails on drift: a page that is missing, left over, or differs.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { optionsOf } from "../dist/common-options.js";
import { optionForm, usageOf } from "../dist/help.js";
import { VERBS } from "../dist/verbs.js";

const folder = new URL("../../../docs/commands/", import.meta.url);
const verbs = await Promise.all(VERBS.map((entry) => entry.load()));
const pages = new Map(verbs.map((verb) => [`${verb.name}.md`, usagePart(verb)]));
pages.set("README.md", verbsPart());

// The init is a program of its own, and no verb.
const others = new Set(["supervise-init.md"]);
const drift = (await readdir(folder)).filter((name) => !pages.has(name) && !others.has(name));
for (const [name, part] of pages) {
  const page = new URL(name, folder);
  const before = await readFile(page, "utf8").catch(() => "");
  const after = replace(name, before, part);
  if (plain(before) === plain(after)) continue;
  if (process.argv.includes("--check")) drift.push(name);
  else await writeFile(page, after);
}
if (drift.length > 0) {
  console.error(
    `docs/commands is not what the command says (${drift.join(", ")}); run apps/supervise/scripts/command-pages.mjs`,
  );
  process.exit(1);
}

function usagePart(verb) {
  const rows = optionsOf(verb).map((spec) => [`\`${optionForm(spec)}\``, spec.help]);
  return `\`\`\`\n${usageOf(verb)}\n\`\`\`\n\n${table(["option", "meaning"], rows)}`;
}

function verbsPart() {
  const rows = verbs.map(({ name, summary }) => [`[${name}](${name}.md)`, summary]);
  return table(["verb", "what for"], rows);
}

function table(headings, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map(line)].join("\n");
}

function replace(name, text, part) {
  const [begin, end] = ["<!-- begin generated -->", "<!-- end generated -->"];
  const start = text.indexOf(begin);
  const stop = text.indexOf(end);
  if (start === -1 || stop < start) throw new Error(`docs/commands/${name} lacks "${begin}"`);
  return `${text.slice(0, start)}${begin}\n\n${part}\n\n${text.slice(stop)}`;
}

/** Without the blanks by which the formatter lines up tables. */
function plain(text) {
  return text.replaceAll(/ +\|/g, " |").replaceAll(/-{3,}/g, "---");
}
