import { RequestError } from "./request-error.js";

/** Reads a request's query and refuses parameters that mean nothing there. */
export interface Query {
  /** All values of a repeatable parameter. */
  list(name: string): readonly string[];
  /** A whole number from 0; `otherwise` where it is not given. */
  number(name: string): number | null;
  /** `?follow`, `?follow=1` or `=true`; not given, `0` or `false`: no. */
  flag(name: string): boolean;
}

export function readQuery(parameters: URLSearchParams, allowed: readonly string[]): Query {
  for (const name of parameters.keys()) {
    if (!allowed.includes(name)) {
      throw new RequestError(400, "unknown-parameter", `unknown parameter "${name}"; allowed: ${allowed.length === 0 ? "none" : allowed.join(", ")}`);
    }
  }
  return {
    list: (name) => parameters.getAll(name),
    number: (name) => {
      const text = parameters.get(name);
      if (text === null) return null;
      if (!/^[0-9]{1,15}$/.test(text)) throw new RequestError(400, "bad-value", `"${name}" must be a whole number, found "${text}"`);
      return Number(text);
    },
    flag: (name) => {
      const text = parameters.get(name);
      if (text === null || text === "0" || text === "false") return false;
      if (text === "" || text === "1" || text === "true") return true;
      throw new RequestError(400, "bad-value", `"${name}" must be true or false, found "${text}"`);
    },
  };
}
