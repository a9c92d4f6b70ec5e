import { readFileSync, statSync } from "node:fs";
import { errnoNumber, errnoText } from "@supervise/daemon";
import { parseConf } from "./parse-conf.js";
import { DEFAULTS } from "./settings.js";
import type { Settings } from "./settings.js";

/** A configuration that can't be used; one message for each mistake, each on its own line. */
export class ConfError extends Error {
  readonly messages: readonly string[];

  constructor(messages: readonly string[]) {
    super(messages.join("; "));
    this.name = "ConfError";
    this.messages = messages;
  }
}

/** Nobody writes that much by hand: it is the wrong file. */
const MOST_BYTES = 65_536;

export interface ConfFile {
  readonly path: string;
  /** False: the default file, which need not be there. */
  readonly named: boolean;
}

/** The settings of this file over the defaults. Throws a {@link ConfError} with all mistakes. */
export function readConf({ path, named }: ConfFile): Settings {
  const text = readText(path, named);
  if (text === null) return DEFAULTS;
  const { settings, mistakes } = parseConf(text);
  if (mistakes.length > 0)
    throw new ConfError(
      mistakes.map(
        ({ line, column, what }) =>
          `cannot read "${path}", line ${line}, column ${column}: ${what}`,
      ),
    );
  return { ...DEFAULTS, ...settings };
}

/** Null: the default file, which is not there. */
function readText(path: string, named: boolean): string | null {
  let bytes: Buffer;
  try {
    const stat = statSync(path);
    // A FIFO or a device would be waited for, or would never end.
    if (!stat.isFile()) throw new ConfError([`cannot read "${path}": it is not a file`]);
    if (stat.size > MOST_BYTES)
      throw new ConfError([
        `cannot read "${path}": it has ${stat.size} bytes, and at most ${MOST_BYTES} are allowed`,
      ]);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof ConfError) throw error;
    const code = String(Reflect.get(Object(error), "code"));
    if (code === "ENOENT" && !named) return null;
    throw new ConfError([`cannot read "${path}": ${errnoText(errnoNumber(code) ?? -5)} (${code})`]);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ConfError([`cannot read "${path}": it must be UTF-8 text`]);
  }
}
