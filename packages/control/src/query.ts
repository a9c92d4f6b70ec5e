import { badValue, shown } from "./body.js";
import { RequestError } from "./request-error.js";

/** The parameters of a request. */
export interface Query {
  /** All values of a repeatable parameter. */
  list(name: string): readonly string[];
  /** A whole number from 0; null where it is not given. Throws `RequestError`. */
  number(name: string): number | null;
  /** `?follow`, `?follow=1` or `=true`; not given, `0` or `false`: no. Throws `RequestError`. */
  flag(name: string): boolean;
}

/** Throws `RequestError` for a parameter that means nothing there. */
export function readQuery(parameters: URLSearchParams, allowed: readonly string[]): Query {
  for (const name of parameters.keys()) {
    if (allowed.includes(name)) continue;
    const known = allowed.length === 0 ? "none" : allowed.join(", ");
    const message = `unknown parameter ${shown(name)}; allowed: ${known}`;
    throw new RequestError(400, "unknown-parameter", message);
  }
  const single = (name: string): string | null => {
    const values = parameters.getAll(name);
    if (values.length > 1) throw new RequestError(400, "bad-value", `"${name}" is given twice`);
    return values[0] ?? null;
  };
  return {
    list: (name) => parameters.getAll(name),
    number: (name) => {
      const text = single(name);
      if (text === null) return null;
      if (!/^[0-9]{1,15}$/.test(text)) throw badValue(name, "a whole number", text);
      return Number(text);
    },
    flag: (name) => {
      const text = single(name);
      if (text === null || text === "0" || text === "false") return false;
      if (text === "" || text === "1" || text === "true") return true;
      throw badValue(name, "true or false", text);
    },
  };
}
