/** A place in a file. Lines and columns count from 1, columns in UTF-16 code units. Line 0: the file as a whole. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * One value of a configuration file with its place. Every step after reading works on these, so that a message can
 * always say where the text stands, even when several files were merged.
 */
export type Value = ScalarValue | ListValue | MapValue;

/** Compose's `!reset` (take away what earlier files said) and `!override` (replace instead of merge). */
export type MergeTag = "reset" | "override" | null;

export interface ScalarValue {
  readonly kind: "scalar";
  /** A number or boolean only where it is written in its usual form; `1.10` and `0o17` stay as they were written. */
  readonly value: string | number | boolean | null;
  readonly at: Position;
  readonly tag: MergeTag;
  /** Place of the character at `offset` of a string value, as exactly as the way it was written allows. */
  readonly positionOf: (offset: number) => Position;
}

export interface ListValue {
  readonly kind: "list";
  readonly items: readonly Value[];
  readonly at: Position;
  readonly tag: MergeTag;
}

export interface MapEntry {
  readonly keyAt: Position;
  readonly value: Value;
}

export interface MapValue {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly at: Position;
  readonly tag: MergeTag;
}

/** A scalar that stands at one place as a whole. */
export function scalar(value: ScalarValue["value"], at: Position): ScalarValue {
  return { kind: "scalar", value, at, tag: null, positionOf: () => at };
}

/** The value as plain data. Keys never reach a prototype: `__proto__` is a key like any other. */
export function plain(value: Value): unknown {
  if (value.kind === "scalar") return value.value;
  if (value.kind === "list") return value.items.map(plain);
  const result: Record<string, unknown> = {};
  for (const [key, { value: inner }] of value.entries) {
    Object.defineProperty(result, key, {
      value: plain(inner),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return result;
}

/** The value at `path`, or the deepest one on the way to it that exists. */
export function valueAt(root: Value, path: readonly PropertyKey[]): Value {
  let value = root;
  for (const step of path) {
    const next =
      value.kind === "map"
        ? value.entries.get(String(step))?.value
        : value.kind === "list"
          ? value.items[Number(step)]
          : undefined;
    if (next === undefined) return value;
    value = next;
  }
  return value;
}

/** Place of the key `key` in the map at `path`, or of the deepest value on the way. */
export function keyPosition(root: Value, path: readonly PropertyKey[], key: string): Position {
  const value = valueAt(root, path);
  return (value.kind === "map" ? value.entries.get(key)?.keyAt : undefined) ?? value.at;
}

/** A value of the map, or undefined. */
export function entry(map: Value | undefined, key: string): Value | undefined {
  return map?.kind === "map" ? map.entries.get(key)?.value : undefined;
}
