import type { ServiceSpec } from "@supervise/model";

const marks = new WeakMap<ServiceSpec, string>();

/**
 * Names what a process was started as: all of its spec for whose change a reload would restart it. Two specs with the same mark ask for no restart. No part of
 * the spec can be read from it, secrets of the environment neither.
 */
export function specMark(spec: ServiceSpec): string {
  let mark = marks.get(spec);
  if (mark === undefined) {
    const { type, ready, watchdogMs, pidfile, readsLogs } = spec;
    const { environment, tty, stdinOpen, ...process } = spec.process;
    const variables = Object.entries(environment).toSorted(([one], [other]) =>
      one < other ? -1 : 1,
    );
    const fields = [type, ready, watchdogMs, pidfile, process, variables];
    // Left out where they say nothing: then the mark is what it was before these words were known.
    const input = tty || stdinOpen ? [tty, stdinOpen] : [];
    const text = JSON.stringify([...fields, ...(readsLogs ? [readsLogs] : []), ...input]);
    marks.set(spec, (mark = digest(text)));
  }
  return mark;
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
