import { CommandError, EXIT_USAGE } from "../verb.js";

/** The bytes of keys as Docker writes them: characters and ctrl-X, separated by commas. Throws `CommandError`. */
export function keysOfText(text: string): Buffer {
  if (text === "") return Buffer.alloc(0);
  return Buffer.from(text.split(",").map((key) => keyOf(key, text)));
}

/** a to z, and the five other characters that have a control character. */
const CONTROL = /^ctrl-([a-z@[\\\]^_])$/i;

function keyOf(key: string, text: string): number {
  const control = CONTROL.exec(key)?.[1];
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
  if (/^[!-~]$/.test(key)) return key.charCodeAt(0);
  throw new CommandError(
    `cannot use option "--detach-keys": "${text}" holds "${key}", which is neither a character nor ctrl- and one of a to z, @, [, \\, ], ^ and _`,
    { exitCode: EXIT_USAGE, hint: "--detach-keys ctrl-a,d" },
  );
}
