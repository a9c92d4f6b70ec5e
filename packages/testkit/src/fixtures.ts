import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The fixture programs; the first lines of fixtures/NAME.c say what each does and which arguments it takes. */
export type FixtureName =
  | "call-syslog"
  | "crash"
  | "end-first-thread"
  | "end-numbered"
  | "exit-with"
  | "fork-away"
  | "fork-forever"
  | "fork-twice"
  | "go-background"
  | "hold-lock"
  | "ignore-term"
  | "listen-port"
  | "long-line"
  | "notify-fd"
  | "notify-ready"
  | "report-signals"
  | "write-binary"
  | "write-lines"
  | "write-numbered"
  | "write-tortured";

const directory = join(dirname(dirname(fileURLToPath(import.meta.url))), "build");

/** Absolute path of the compiled program. */
export function fixture(name: FixtureName): string {
  return nativeProgram(name);
}

/** Absolute path of a program of this package that is compiled from C. */
export function nativeProgram(name: string): string {
  const path = join(directory, name);
  if (!existsSync(path))
    throw new Error(
      `"${name}" is not compiled; run: node packages/testkit/scripts/build-native.mjs`,
    );
  return path;
}
