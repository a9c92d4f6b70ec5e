import type { ProcessSpec, ServiceSpec } from "@supervise/model";

const marks = new WeakMap<ServiceSpec, string>();
/** Of parts of specs: those of many services are mostly the same object. */
const digests = new WeakMap<object, string>();

/** In one order: a spec that was compiled before has another than one that was just read. */
let fields: readonly (keyof ProcessSpec)[] | null = null;

/**
 * Names what a process was started as: all of its spec for whose change a reload would restart it. Two specs with the same mark ask for no restart. No part of
 * the spec can be read from it, secrets of the environment neither. What says nothing (null, false, an empty list) is left out, so that a mark holds where
 * a later version knows more words.
 */
export function specMark(spec: ServiceSpec): string {
  let mark = marks.get(spec);
  if (mark === undefined) {
    const { process } = spec;
    fields ??= (Object.keys(process) as (keyof ProcessSpec)[]).toSorted();
    let text = `${partOf("type", spec.type)}${partOf("ready", spec.ready)}${partOf("watchdog", spec.watchdogMs)}`;
    text += `${partOf("pidfile", spec.pidfile)}${partOf("reads", spec.readsLogs)}`;
    for (const field of fields)
      text += field === "environment" ? variablesOf(process[field]) : partOf(field, process[field]);
    marks.set(spec, (mark = digest(text)));
  }
  return mark;
}

/** An object by its digest. */
function partOf(field: string, value: unknown): string {
  if (value === null || value === undefined || value === false) return "";
  if (Array.isArray(value) && value.length === 0) return "";
  if (typeof value === "string") return `${field}=${value.length}:${value},`;
  if (typeof value !== "object") return `${field}=${JSON.stringify(value)},`;
  return `${field}=${remembered(value, () => JSON.stringify(value))}`;
}

/** In whatever order they stand. */
function variablesOf(environment: Readonly<Record<string, string>>): string {
  return remembered(environment, () =>
    JSON.stringify(
      Object.entries(environment).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    ),
  );
}

function remembered(value: object, text: () => string): string {
  let known = digests.get(value);
  if (known === undefined) digests.set(value, (known = digest(text())));
  return known;
}

const FIRST_PRIME = 0x01000193;
const SECOND_PRIME = 0x85ebca6b;

/**
 * 64 bits: two hashes in the manner of FNV-1a. Nobody gains by two texts with the same one, and loading node:crypto would cost a start 5 ms.
 */
export function digest(text: string): string {
  let one = 0x811c9dc5;
  let other = 0x9747b28c;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, FIRST_PRIME);
    other = Math.imul(other ^ code ^ (one >>> 15), SECOND_PRIME);
  }
  return `${hex(one)}${hex(other ^ (other >>> 13))}`;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
