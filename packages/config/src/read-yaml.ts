import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from "yaml";
import type { Alias, Document, Node, Scalar, YAMLError, YAMLMap } from "yaml";
import type { DiagnosticList } from "./diagnostics.js";
import { LineIndex } from "./line-index.js";
import { scalar } from "./tree.js";
import type {
  ListValue,
  MapEntry,
  MapValue,
  MergeTag,
  Position,
  ScalarValue,
  Value,
} from "./tree.js";

/** Deeper than anything a person writes, and far from the end of the stack. */
const MAX_DEPTH = 64;
/** Tags of the core schema, which say nothing new. */
const CORE_TAG = /^!$|^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq|merge)$/;
/** Against a few lines of aliases that unfold to billions of values. */
const MAX_VALUES = 1_000_000;

/**
 * Reads one YAML 1.2 document into values with places. Anchors, aliases and `<<` merge keys are resolved; a value that came
 * by an alias keeps the place where it is written. Null: nothing usable, and the reason is in `diagnostics`.
 */
export function readYaml(file: string, text: string, diagnostics: DiagnosticList): Value | null {
  const lines = new LineIndex(file, text);
  const at = (offset: number): Position => lines.at(offset);
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      prettyErrors: false,
      merge: true,
      logLevel: "error",
    });
  } catch (error) {
    // It reports what is wrong in the text; it throws only where nesting goes beyond the stack.
    diagnostics.error(
      { file, line: 1, column: 1 },
      `the YAML cannot be parsed: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
  for (const error of document.errors)
    diagnostics.error(at(error.pos[0]), sentence(error, text), hintFor(error));
  // A key that stands twice leaves a tree that can be read on, so that its other mistakes are told in the same run.
  if (document.errors.some(({ code }) => code !== "DUPLICATE_KEY")) return null;
  const converter = new Converter(text, at, diagnostics);
  const start: Position = { file, line: 1, column: 1 };
  const value = converter.convert(document.contents, 0, start);
  return converter.failed ? null : value;
}

class Converter {
  readonly #text: string;
  readonly #at: (offset: number) => Position;
  readonly #diagnostics: DiagnosticList;
  readonly #open = new Set<Node>();
  readonly #anchors = new Map<string, Node>();
  #aliasesOpen = 0;
  #count = 0;
  /** True: a value is missing from the tree, and has been reported. */
  failed = false;

  constructor(text: string, at: (offset: number) => Position, diagnostics: DiagnosticList) {
    this.#text = text;
    this.#at = at;
    this.#diagnostics = diagnostics;
  }

  /** `fallback` is the place of a value that is not written, such as that of `key:`. */
  convert(node: Node | null, depth: number, fallback: Position): Value {
    if (node === null || (isScalar(node) && node.value === null && node.source === ""))
      return scalar(null, fallback);
    const at = node.range ? this.#at(node.range[0]) : fallback;
    if (depth > MAX_DEPTH)
      return this.#fail(at, `values are nested deeper than ${MAX_DEPTH} levels`);
    if (++this.#count > MAX_VALUES)
      return this.#fail(at, `aliases unfold to more than ${MAX_VALUES} values`);
    if (isAlias(node)) return this.#alias(node, depth, at);
    // An alias means the anchor before it, and the tree is walked in the order of the text.
    if (node.anchor !== undefined && this.#aliasesOpen === 0) this.#anchors.set(node.anchor, node);
    const tag = this.#tag(node, at);
    if (isScalar(node)) return this.#scalar(node, at, tag);
    if (this.#open.has(node)) return this.#fail(at, "this value contains itself by an alias");
    this.#open.add(node);
    const result = isMap(node) ? this.#map(node, at, tag, depth) : this.#list(node, at, tag, depth);
    this.#open.delete(node);
    return result;
  }

  /** Only the first failure is said: what follows from it is not the author's mistake. */
  #fail(at: Position, message: string): Value {
    if (!this.failed) this.#diagnostics.error(at, message);
    this.failed = true;
    return scalar(null, at);
  }

  #alias(node: Alias, depth: number, at: Position): Value {
    const target = this.#anchors.get(node.source);
    if (target === undefined)
      return this.#fail(at, `no anchor before it is named "${node.source}"`);
    this.#aliasesOpen++;
    const value = this.convert(target, depth + 1, at);
    this.#aliasesOpen--;
    return value;
  }

  #list(node: Node, at: Position, tag: MergeTag, depth: number): ListValue {
    const items = isSeq(node) ? node.items : [];
    return {
      kind: "list",
      at,
      tag,
      items: items.map((item) => this.convert(item as Node | null, depth + 1, at)),
    };
  }

  #map(node: YAMLMap, at: Position, tag: MergeTag, depth: number): MapValue {
    const entries = new Map<string, MapEntry>();
    const merged: Value[] = [];
    for (const pair of node.items) {
      if (!isPair(pair)) continue;
      const key = pair.key as Node;
      const keyAt = key.range ? this.#at(key.range[0]) : at;
      if (!isScalar(key)) {
        this.#diagnostics.error(keyAt, "a key must be a plain word");
        continue;
      }
      const text = keyText(key);
      if (text === "__proto__") this.#fail(keyAt, 'a key cannot be "__proto__"');
      const value = this.convert(pair.value as Node | null, depth + 1, keyAt);
      if (isMergeKey(key)) merged.push(value);
      else entries.set(text, { keyAt, value });
    }
    for (const source of merged) this.#mergeInto(entries, source);
    return { kind: "map", at, tag, entries };
  }

  /** Keys of the map itself win over merged ones, and earlier merged maps over later ones (YAML merge key, yaml.org/type/merge). */
  #mergeInto(entries: Map<string, MapEntry>, source: Value): void {
    for (const map of source.kind === "list" ? source.items : [source]) {
      if (map.kind !== "map") {
        this.#diagnostics.error(
          map.at,
          '"<<" must be an alias of a map, or a list of such aliases',
        );
        continue;
      }
      for (const [key, entry] of map.entries) if (!entries.has(key)) entries.set(key, entry);
    }
  }

  #tag(node: Node, at: Position): MergeTag {
    const { tag } = node;
    if (tag === undefined || CORE_TAG.test(tag)) return null;
    if (tag === "!reset") return "reset";
    if (tag === "!override") return "override";
    this.#diagnostics.error(
      at,
      `the tag "${tag.replace(/^tag:yaml\.org,2002:/, "!!")}" is not known`,
      "!reset and !override are",
    );
    return null;
  }

  #scalar(node: Scalar, at: Position, tag: MergeTag): ScalarValue {
    const start = node.range?.[0] ?? 0;
    const value = scalarValue(node);
    const written = typeof value === "string" ? value : "";
    const quoted = node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE" ? 1 : 0;
    const positionOf = (offset: number): Position =>
      this.#text.startsWith(written.slice(0, offset), start + quoted)
        ? this.#at(start + quoted + offset)
        : at;
    return { kind: "scalar", value, at, tag, positionOf };
  }
}

function keyText(key: Scalar): string {
  return key.type === "PLAIN" && key.source !== undefined ? key.source : String(key.value);
}

function isMergeKey(key: Scalar): boolean {
  return key.source === "<<" && key.type === "PLAIN";
}

function scalarValue(node: Scalar): ScalarValue["value"] {
  const { value, source } = node;
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean")
    return source === undefined || String(value) === source ? value : source;
  return typeof value === "string" ? value : (source ?? JSON.stringify(value));
}

const SENTENCES: Readonly<Partial<Record<YAMLError["code"], string>>> = {
  TAB_AS_INDENT: "a tab is used for indentation",
  MULTIPLE_DOCS: "a second document begins here; only one is allowed",
  MULTILINE_IMPLICIT_KEY: "a key must stand on one line",
  BLOCK_IN_FLOW: "a block of lines cannot stand inside [ ] or { }",
  BAD_ALIAS: "an alias needs the name of an anchor",
  MULTIPLE_ANCHORS: "a value can have only one anchor",
};

function sentence(error: YAMLError, text: string): string {
  if (error.code === "DUPLICATE_KEY") {
    const key = /^["']?([^\s:"']+)/.exec(text.slice(error.pos[0]))?.[1] ?? "";
    return `the key "${key}" stands twice in one map`;
  }
  const known = SENTENCES[error.code];
  if (known !== undefined) return known;
  // It may quote the rest of the text.
  const message = (error.message.split("\n", 1)[0] ?? "").slice(0, 120);
  return `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}

function hintFor(error: YAMLError): string | null {
  return error.code === "TAB_AS_INDENT" ? "use spaces" : null;
}
