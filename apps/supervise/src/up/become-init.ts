import {
  openProc,
  originalOpenFiles,
  readOwnEnvironment,
  type LimitPair,
  type Proc,
} from "@supervise/process";
import { errnoName, errnoText, type Kernel } from "@supervise/sys";
import { CommandError } from "../verb.js";
import { findInit, whereInit, type InitPlace } from "./init-place.js";

/** As a shell has it: it is there and can't be run; it is not there. */
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

/** Executes the init with these words in place of this process. Throws a `CommandError` where it can't. */
export function becomeInit(
  kernel: Kernel,
  environment: NodeJS.ProcessEnv,
  words: readonly (string | Uint8Array)[],
): never {
  const place = findInit(environment);
  if (place === null)
    throw new CommandError(`cannot execute "supervise-init": ${whereInit(environment)} (ENOENT)`, {
      exitCode: EXIT_NOT_FOUND,
      hint: "build it with npm run build:native in packages/init, or name it with SUPERVISE_INIT",
    });
  const proc = openProc(kernel);
  const errno = kernel.execute({
    file: place.path,
    argv: ["supervise-init", ...words],
    // For a command of its own the init needs none of us.
    env: initEnvironment(proc, environment, words[0] === "up" ? place : null),
    openFiles: originalOpenFiles(proc),
  });
  throw new CommandError(
    `cannot execute "${place.path}": ${errnoText(errno)} (${errnoName(errno)})`,
    { exitCode: errnoName(errno) === "ENOENT" ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE },
  );
}

/** Ours as we got it, byte for byte where /proc shows it, and what the init has to be told. */
export function initEnvironment(
  proc: Proc,
  environment: NodeJS.ProcessEnv,
  place: InitPlace | null,
): readonly (string | Uint8Array)[] {
  const own = readOwnEnvironment(proc);
  const shown = Object.entries(environment).map(([key, value]) => `${key}=${value ?? ""}`);
  return [...(own.length > 0 ? own : shown), ...(place?.variables ?? [])];
}

/** What the kernel's limit of open files was before Node raised it, for a spawn. */
export function openFilesLimit(kernel: Kernel): LimitPair | null {
  return originalOpenFiles(openProc(kernel));
}
