import type { IncomingMessage } from "node:http";
import { RequestError } from "./request-error.js";

/** A request's body: named values, none where no body was sent. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * The request's body as a JSON object; no body is an empty one. `begin` is called before the first byte is waited for, unless the head
 * says already that the body is too large. Throws `RequestError`; the rest of the body may still come then, see `discardBody`.
 */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
  begin: () => void,
): Promise<Fields> {
  if (Number(request.headers["content-length"] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  begin();
  const text = textIn(await readBytes(request, limitBytes));
  if (text === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RequestError(400, "bad-json", `the body must be JSON: ${why}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const message = `the body must be a JSON object, found ${shown(value)}`;
    throw new RequestError(400, "bad-body", message);
  }
  return value as Fields;
}

/**
 * Reads what is left of a body that nobody wants, up to so many bytes, and forgets it: a socket that is closed while bytes wait in it resets the
 * connection, and the client would lose its answer.
 */
export function discardBody(request: IncomingMessage, limitBytes: number): Promise<void> {
  return new Promise((resolve) => {
    let left = limitBytes;
    request.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) resolve();
    });
    request.once("end", resolve);
    request.once("close", resolve);
    request.resume();
  });
}

/** Refuses keys that mean nothing here. */
export function onlyKeys(body: Fields, allowed: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (allowed.includes(key)) continue;
    const known = allowed.length === 0 ? "none" : allowed.join(", ");
    throw new RequestError(400, "unknown-key", `unknown key ${shown(key)}; allowed: ${known}`);
  }
}

/** `otherwise` where the key is absent. */
export function booleanOf(body: Fields, key: string, otherwise: boolean): boolean {
  const value = body[key];
  if (value === undefined) return otherwise;
  if (typeof value !== "boolean") throw badValue(key, "true or false", value);
  return value;
}

/** Null where the key is absent. */
export function textOf(body: Fields, key: string): string | null {
  const value = body[key];
  if (value === undefined) return null;
  if (typeof value !== "string") throw badValue(key, "a string", value);
  return value;
}

/** `names`: empty where it is absent. */
export function namesOf(body: Fields): readonly string[] {
  const value = body["names"];
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw badValue("names", "a list of strings", value);
  const strange: unknown = value.find((name) => typeof name !== "string");
  if (strange !== undefined) throw badValue("names", "a list of strings", strange);
  return value as readonly string[];
}

/** The object under a key, whose values are all of one kind; empty where the key is absent. */
export function mapOf<T>(
  body: Fields,
  key: string,
  wanted: string,
  isOne: (value: unknown) => value is T,
): Readonly<Record<string, T>> {
  const value = body[key];
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badValue(key, `an object with ${wanted} under each name`, value);
  for (const [name, one] of Object.entries(value))
    if (!isOne(one)) throw badValue(`${key}.${name}`, wanted, one);
  return value as Readonly<Record<string, T>>;
}

/** `wanted` is allowed, and `found` was sent. */
export function badValue(key: string, wanted: string, found: unknown): RequestError {
  return new RequestError(400, "bad-value", `"${key}" must be ${wanted}, found ${shown(found)}`);
}

/** A value as a message shows it: short, however much was sent. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

/** By events: leaving a `for await` over a request would close the connection before it can be told what is wrong. */
function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(tooLarge(limitBytes));
      }
    });
    const cut = (): void => reject(new RequestError(400, "cut-short", "the request has no end"));
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", cut);
    request.once("close", cut);
  });
}

function textIn(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    throw new RequestError(400, "bad-json", "the body must be JSON: it is not UTF-8");
  }
}

function tooLarge(limitBytes: number): RequestError {
  return new RequestError(413, "too-large", `the body must be at most ${limitBytes} bytes`);
}
