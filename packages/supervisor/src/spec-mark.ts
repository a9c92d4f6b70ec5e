import { hash } from "node:crypto";
import type { ServiceSpec } from "@supervise/model";

const marks = new WeakMap<ServiceSpec, string>();

/**
 * Names what a process was started as: all of its spec for whose change a reload would restart it. Two specs with the same mark ask for no restart. No part of
 * the spec can be read from it, secrets of the environment neither.
 */
export function specMark(spec: ServiceSpec): string {
  let mark = marks.get(spec);
  if (mark === undefined) {
    const { type, ready, watchdogMs, pidfile } = spec;
    const { environment, ...process } = spec.process;
    const variables = Object.entries(environment).toSorted(([one], [other]) =>
      one < other ? -1 : 1,
    );
    const text = JSON.stringify([type, ready, watchdogMs, pidfile, process, variables]);
    marks.set(spec, (mark = hash("sha256", text, "base64url").slice(0, 22)));
  }
  return mark;
}
