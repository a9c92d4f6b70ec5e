import { entry, scalar } from "./tree.js";
import type { ListValue, MapEntry, MapValue, Value } from "./tree.js";

/** Lists that a later file replaces instead of appending to them, as the Compose specification has it; and commands of ours. */
const REPLACED = new Set([
  "command",
  "healthcheck.test",
  "stop_command",
  "reload_command",
  "ready.command",
]);

/** Keys whose short forms are written out before merging, so that a list and a map merge by name. */
const READY_KINDS = new Set(["notify", "fd", "log", "tcp", "http", "unix", "file", "command"]);

/**
 * Merges a later file over an earlier one by the rules of the Compose specification: maps by key, scalars and commands
 * replaced, other lists appended without repeating; `!override` replaces, `!reset` takes away. Each value keeps its place.
 */
export function mergeFiles(base: Value, over: Value): Value {
  if (base.kind !== "map" || over.kind !== "map") return over;
  return mergeMaps(base, over, (key, below, above) =>
    key === "services" ? mergeServices(below, above) : mergeValues(below, above, key),
  );
}

/** The `logging` at the top level, which a service's own is merged over, is given to each service. */
export function spreadLogging(root: MapValue): MapValue {
  const all = root.entries.get("logging");
  const services = root.entries.get("services");
  if (all === undefined || services?.value.kind !== "map") return root;
  const spread = [...services.value.entries].map(([name, service]): [string, MapEntry] => {
    if (service.value.kind !== "map") return [name, service];
    const own = service.value.entries.get("logging");
    const given = withoutSelf(all.value, name);
    const value = own === undefined ? given : mergeValues(given, own.value, "logging");
    const entries = new Map(service.value.entries);
    entries.set("logging", { keyAt: own?.keyAt ?? all.keyAt, value });
    return [name, { ...service, value: { ...service.value, entries } }];
  });
  const entries = new Map(root.entries);
  entries.set("services", { ...services, value: { ...services.value, entries: new Map(spread) } });
  return { ...root, entries };
}

function mergeServices(base: Value, over: Value): Value {
  if (base.kind !== "map" || over.kind !== "map") return over;
  return mergeMaps(base, over, (_, below, above) => {
    if (below.kind !== "map" || above.kind !== "map") return above;
    return mergeMaps(below, above, (key, earlier, later) =>
      mergeValues(writtenOut(key, earlier), writtenOut(key, later), key),
    );
  });
}

function mergeValues(base: Value, over: Value, path: string): Value {
  if (over.tag === "override" || REPLACED.has(path)) return over;
  if (path === "logging" && base.kind === "list") return mergeSinks(base, over);
  if (base.kind === "list" && over.kind === "list") return appended(base, over);
  if (base.kind !== "map" || over.kind !== "map") return over;
  if (path === "logging" && !sameScalar(base, over, "driver")) return over;
  const below =
    path === "ready" && [...over.entries.keys()].some((key) => READY_KINDS.has(key))
      ? without(base, READY_KINDS)
      : base;
  return mergeMaps(below, over, (key, earlier, later) =>
    mergeValues(earlier, later, `${path}.${key}`),
  );
}

/** A list of sinks takes the place of another one; a map is merged over the sink with its driver, over the first one where it names none. */
function mergeSinks(base: ListValue, over: Value): Value {
  if (over.kind !== "map") return over;
  const index = base.items.findIndex(
    (item) => item.kind === "map" && sameScalar(item, over, "driver"),
  );
  const items = base.items.map((item, at) =>
    at === index ? mergeValues(item, over, "logging") : item,
  );
  return index < 0 ? over : { ...base, items };
}

/** What holds for all is not for a service that would read its own lines. */
function withoutSelf(logging: Value, name: string): Value {
  if (logging.kind === "list")
    return { ...logging, items: logging.items.filter((item) => !namesSelf(item, name)) };
  return namesSelf(logging, name) ? { ...logging, kind: "list", items: [] } : logging;
}

function namesSelf(sink: Value, name: string): boolean {
  const receiver = entry(entry(sink, "options"), "service");
  const driver = entry(sink, "driver");
  return (
    receiver?.kind === "scalar" &&
    receiver.value === name &&
    driver?.kind === "scalar" &&
    driver.value === "service"
  );
}

function mergeMaps(
  base: MapValue,
  over: MapValue,
  merge: (key: string, below: Value, above: Value) => Value,
): MapValue {
  if (over.tag === "override") return over;
  const entries = new Map<string, MapEntry>(base.entries);
  for (const [key, above] of over.entries) {
    const below = entries.get(key);
    if (above.value.tag === "reset") entries.delete(key);
    else
      entries.set(
        key,
        below === undefined
          ? above
          : { keyAt: above.keyAt, value: merge(key, below.value, above.value) },
      );
  }
  return { ...over, entries };
}

/** `!reset` in a file that has nothing below it, or below an `!override`. */
export function withoutResets(value: Value): Value {
  if (value.kind === "list")
    return {
      ...value,
      items: value.items.filter((item) => item.tag !== "reset").map(withoutResets),
    };
  if (value.kind === "scalar") return value;
  const kept = [...value.entries].filter(([, { value: inner }]) => inner.tag !== "reset");
  return {
    ...value,
    entries: new Map(
      kept.map(([key, { keyAt, value: inner }]) => [key, { keyAt, value: withoutResets(inner) }]),
    ),
  };
}

function without(map: MapValue, keys: ReadonlySet<string>): MapValue {
  return { ...map, entries: new Map([...map.entries].filter(([key]) => !keys.has(key))) };
}

function appended(base: ListValue, over: ListValue): ListValue {
  const items = [...base.items];
  const seen = new Set(
    base.items.filter((item) => item.kind === "scalar").map((item) => String(item.value)),
  );
  for (const item of over.items)
    if (item.kind !== "scalar" || !seen.has(String(item.value))) items.push(item);
  return { ...over, items };
}

function sameScalar(base: MapValue, over: MapValue, key: string): boolean {
  const above = over.entries.get(key)?.value;
  const below = base.entries.get(key)?.value;
  return (
    above === undefined ||
    (above.kind === "scalar" && below?.kind === "scalar" && above.value === below.value)
  );
}

function writtenOut(key: string, value: Value): Value {
  if (key === "env_file" && value.kind === "scalar")
    return { kind: "list", at: value.at, tag: value.tag, items: [value] };
  if (value.kind !== "list" || (key !== "environment" && key !== "depends_on")) return value;
  const entries = new Map<string, MapEntry>();
  for (const [index, item] of value.items.entries()) {
    const [name, inner] = key === "environment" ? variable(item) : [itemName(item), emptyMap(item)];
    // A wrong item keeps its place, for the schema to complain about: no name is empty, no value is a list.
    entries.set(item.kind === "scalar" ? name : String(index), {
      keyAt: item.at,
      value: item.kind === "scalar" ? inner : item,
    });
  }
  return { kind: "map", at: value.at, tag: value.tag, entries };
}

function itemName(item: Value): string {
  return item.kind === "scalar" && item.value !== null ? String(item.value) : "";
}

function variable(item: Value): [string, Value] {
  const text = itemName(item);
  const equals = text.indexOf("=");
  return equals === -1
    ? [text, scalar(null, item.at)]
    : [text.slice(0, equals), scalar(text.slice(equals + 1), item.at)];
}

function emptyMap(item: Value): MapValue {
  return { kind: "map", at: item.at, tag: null, entries: new Map() };
}
