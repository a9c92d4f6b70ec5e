import type { IncomingMessage } from "node:http";
import { RequestError } from "./request-error.js";

/** The request's body as a JSON object; no body is an empty one. Throws `RequestError`. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new RequestError(413, "too-large", `the body must be at most ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8").trim();
  if (text === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RequestError(400, "bad-json", `the body must be JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new RequestError(400, "bad-body", "the body must be a JSON object");
  return value as Record<string, unknown>;
}

/** Refuses keys that mean nothing here. */
export function onlyKeys(body: Readonly<Record<string, unknown>>, allowed: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (!allowed.includes(key)) throw new RequestError(400, "unknown-key", `unknown key "${key}"; allowed: ${allowed.length === 0 ? "none" : allowed.join(", ")}`);
  }
}

export function booleanOf(body: Readonly<Record<string, unknown>>, key: string, otherwise: boolean): boolean {
  const value = body[key];
  if (value === undefined) return otherwise;
  if (typeof value !== "boolean") throw new RequestError(400, "bad-value", `"${key}" must be true or false, found ${JSON.stringify(value)}`);
  return value;
}

export function textOf(body: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = body[key];
  if (value === undefined) return null;
  if (typeof value !== "string") throw new RequestError(400, "bad-value", `"${key}" must be a string, found ${JSON.stringify(value)}`);
  return value;
}

export function namesOf(body: Readonly<Record<string, unknown>>): readonly string[] {
  const value = body["names"];
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((name) => typeof name === "string")) {
    throw new RequestError(400, "bad-value", `"names" must be a list of strings, found ${JSON.stringify(value)}`);
  }
  return value as readonly string[];
}
