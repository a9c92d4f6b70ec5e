import { accessSync, constants, statSync } from "node:fs";
import type { LoadResult } from "@supervise/config";
import type { CommandSpec, Configuration, Diagnostic, ServiceSpec } from "@supervise/model";
import { DEFAULT_PATH, searchCandidates } from "@supervise/process";
import { SystemCallError } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";

/** Of the kernel, only who is known here. */
export type Accounts = Pick<Kernel, "lookupUser" | "lookupGroup">;

/**
 * What a good configuration names and this machine does not have: users, groups, directories, commands. Nothing is started or changed.
 * One mistake for each place, however many replicas make it, and none that only follows from another.
 */
export function preflight(
  accounts: Accounts,
  configuration: Configuration,
  places: Pick<LoadResult, "locate">,
  environment: NodeJS.ProcessEnv,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const seen = new Set<string>();
  for (const spec of configuration.services) {
    const tell: Tell = (field, message) => {
      const key = `${spec.service} ${field} ${message}`;
      if (seen.has(key)) return;
      seen.add(key);
      const place = places.locate(spec.name, field) ?? { file: "", line: 0, column: 0 };
      const { file, line, column } = place;
      const text = `service "${spec.service}": ${message}`;
      found.push({ severity: "error", file, line, column, message: text, hint: null });
    };
    checkAccounts(accounts, spec, tell);
    checkFiles(spec, environment, tell);
  }
  return found;
}

type Tell = (field: string, message: string) => void;

function checkAccounts(accounts: Accounts, { process: wanted }: ServiceSpec, tell: Tell): void {
  const [user = "", group = ""] = (wanted.user ?? "").split(":");
  const ask = (field: string, kind: "user" | "group", name: string): void => {
    // A number needs no entry.
    if (/^[0-9]*$/.test(name)) return;
    try {
      const entry = kind === "user" ? accounts.lookupUser(name) : accounts.lookupGroup(name);
      if (entry === null) tell(field, `no such ${kind} "${name}"`);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      tell(field, `cannot look up ${kind} "${name}": ${error.message}`);
    }
  };
  ask("user", "user", user);
  ask("user", "group", group);
  for (const name of wanted.groupAdd) ask("group_add", "group", name);
}

function checkFiles(spec: ServiceSpec, environment: NodeJS.ProcessEnv, tell: Tell): void {
  const { rootDirectory, workingDirectory } = spec.process;
  if (rootDirectory !== null) {
    // What is behind another root is not looked at: its links lead elsewhere from here.
    if (!isDirectory(rootDirectory)) tell("root", `no such directory "${rootDirectory}" (ENOENT)`);
    return;
  }
  const hasDirectory = isDirectory(workingDirectory);
  if (!hasDirectory) tell("working_dir", `no such directory "${workingDirectory}" (ENOENT)`);
  for (const [field, command] of commandsOf(spec)) {
    const word = command.words[0] ?? "";
    const relative = word.includes("/") && !word.startsWith("/");
    if (!relative || hasDirectory)
      checkCommand(spec, word, environment, (text) => tell(field, text));
  }
}

/** Every command of the service, and the field that it stands in. */
function commandsOf(
  spec: ServiceSpec,
): readonly (readonly [field: string, command: CommandSpec])[] {
  const { ready, health, stop, reload } = spec;
  return [
    ["command", spec.process.command],
    ...(ready?.check.kind === "command" ? [["ready.command", ready.check.command] as const] : []),
    ...(health === null ? [] : [["healthcheck.test", health.test] as const]),
    ...(stop.command === null ? [] : [["stop_command", stop.command] as const]),
    ...(reload?.kind === "command" ? [["reload_command", reload.command] as const] : []),
  ];
}

function checkCommand(
  { process: wanted }: ServiceSpec,
  word: string,
  environment: NodeJS.ProcessEnv,
  tell: (message: string) => void,
): void {
  const inherited = wanted.inheritEnvironment ? environment["PATH"] : undefined;
  const path = wanted.environment["PATH"] ?? inherited ?? DEFAULT_PATH;
  const files = searchCandidates(word, path, wanted.workingDirectory);
  const states = files.map(executable);
  if (states.includes("ok")) return;
  if (word.includes("/")) {
    const why = states[0] === "missing" ? "no such file (ENOENT)" : "not executable (EACCES)";
    tell(`cannot execute "${files[0]}": ${why}`);
    return;
  }
  tell(
    states.includes("refused")
      ? `command "${word}" is not executable (EACCES)`
      : `command "${word}" was not found in PATH "${path}" (ENOENT)`,
  );
}

function executable(path: string): "ok" | "missing" | "refused" {
  try {
    if (!statSync(path).isFile()) return "refused";
    accessSync(path, constants.X_OK);
    return "ok";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "refused" : "missing";
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // ENOENT, or no permission on the way: it can't be entered either way.
    return false;
  }
}
