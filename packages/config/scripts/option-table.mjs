// Writes the tables of options in docs/configuration.md from the schema that validates. `--check` only compares, and fails on drift.
import { readFile, writeFile } from "node:fs/promises";
import { jsonSchema } from "@supervise/config";

const page = new URL("../../../docs/configuration.md", import.meta.url);
const schema = await jsonSchema();
const tables = {
  file: table(schema.properties, ["services", "version"]),
  service: table(schema.$defs.service.properties, []),
};

const before = await readFile(page, "utf8");
const after = Object.entries(tables).reduce(replace, before);
if (plain(before) === plain(after)) process.exit(0);
if (process.argv.includes("--check")) {
  console.error(
    "docs/configuration.md is not what the schema says; run packages/config/scripts/option-table.mjs",
  );
  process.exit(1);
}
await writeFile(page, after);

/** Without the blanks by which the formatter lines up tables. */
function plain(text) {
  return text.replaceAll(/ +\|/g, " |").replaceAll(/-{3,}/g, "---");
}

function replace(text, [name, rows]) {
  const [begin, end] = [`<!-- begin ${name} options -->`, `<!-- end ${name} options -->`];
  const start = text.indexOf(begin);
  const stop = text.indexOf(end);
  if (start === -1 || stop < start) throw new Error(`docs/configuration.md lacks "${begin}"`);
  return `${text.slice(0, start)}${begin}\n\n${rows}\n\n${text.slice(stop)}`;
}

function table(properties, left) {
  const rows = Object.entries(properties)
    .filter(([key]) => !left.includes(key))
    .flatMap(([key, value]) => rowsOf(key, value));
  return ["| Key | Value | Default | Meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** The row of a key, and those of the keys inside it. */
function rowsOf(key, value) {
  const cells = [code(key), form(value), defaultOf(value), value.description ?? ""];
  const row = `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [row, ...innerShapes(key, value).flatMap(([path, shape]) => inner(path, shape))];
}

function inner(path, shape) {
  return Object.entries(shape.properties).flatMap(([key, value]) =>
    rowsOf(`${path}.${key}`, value),
  );
}

/** Maps with keys of their own, somewhere inside a value. */
function innerShapes(path, value) {
  if (value.properties !== undefined) return [[path, value]];
  if (value.anyOf !== undefined)
    return different(value.anyOf.flatMap((one) => innerShapes(path, one)));
  if (value.items !== undefined) return innerShapes(`${path}[]`, value.items);
  if (typeof value.additionalProperties === "object")
    return innerShapes(`${path}.NAME`, value.additionalProperties);
  return [];
}

/** One map, or a list of such maps: its keys stand once. */
function different(shapes) {
  const texts = shapes.map(([, shape]) => JSON.stringify(shape.properties));
  return shapes.filter((_, index) => texts.indexOf(texts[index]) === index);
}

/** What can be written, in a few words. */
function form(value) {
  if (value.title !== undefined) return value.title;
  if (value.anyOf !== undefined) {
    const forms = value.anyOf.filter((one) => !isVariable(one)).map(form);
    return [...new Set(forms)].join(", or ");
  }
  if (value.enum !== undefined) return value.enum.map(code).join(", ");
  if (value.const !== undefined) return code(value.const);
  if (value.examples !== undefined) return `such as ${value.examples.map(code).join(", ")}`;
  if (value.properties !== undefined) return "map";
  if (value.additionalProperties !== undefined)
    return `map (name: ${form(value.additionalProperties)})`;
  if (value.items !== undefined) return list(form(value.items));
  if (value.type === "integer" || value.type === "number") return bounds(value);
  if (Array.isArray(value.type))
    return value.type.includes("null") ? "string or nothing" : "string";
  return value.type ?? "";
}

/** A branch that is there only because a variable may stand for the value. */
function isVariable(one) {
  return one.pattern?.endsWith("\\$") === true && one.examples === undefined;
}

function bounds({ type, minimum, maximum }) {
  const what = type === "integer" ? "whole number" : "number";
  if (minimum === undefined) return what;
  return maximum >= 1_000_000
    ? `${what}, ${minimum} or more`
    : `${what} from ${minimum} to ${maximum}`;
}

function defaultOf({ default: value }) {
  if (value === undefined) return "";
  if (typeof value === "object") return "";
  return code(value);
}

function list(item) {
  return /^map|^list| or /.test(item) ? `list (${item})` : `list of ${item.replace(/y$/, "ie")}s`;
}

function code(value) {
  return `\`${String(value)}\``;
}
