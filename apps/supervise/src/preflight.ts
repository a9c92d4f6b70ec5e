import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import type { LoadResult } from "@supervise/config";
import type { Configuration, Diagnostic, ServiceSpec } from "@supervise/model";
import type { Kernel } from "@supervise/sys";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What a good configuration names and this machine does not have: users, groups, directories, commands. Nothing is started or changed. */
export function preflight(kernel: Kernel, configuration: Configuration, locate: LoadResult["locate"], environment: NodeJS.ProcessEnv): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const seen = new Set<string>();
  for (const spec of configuration.services) {
    const tell = (field: string, message: string, hint: string | null = null): void => {
      const place = locate(spec.name, field) ?? { file: "", line: 0, column: 0 };
      // Replicas stand at one place and make one mistake.
      const key = `${spec.service} ${field} ${message}`;
      if (seen.has(key)) return;
      seen.add(key);
      found.push({ severity: "error", ...place, message: `service "${spec.service}": ${message}`, hint });
    };
    checkUser(kernel, spec, tell);
    // Behind another root nothing here says what is there.
    if (spec.process.rootDirectory !== null) continue;
    if (!isDirectory(spec.process.workingDirectory)) tell("working_dir", `no such directory "${spec.process.workingDirectory}" (ENOENT)`);
    checkCommand(spec, environment, tell);
  }
  return found;
}

type Tell = (field: string, message: string, hint?: string | null) => void;

function checkUser(kernel: Kernel, { process: wanted }: ServiceSpec, tell: Tell): void {
  const isNumber = (text: string): boolean => /^[0-9]+$/.test(text);
  const [user = "", group = ""] = (wanted.user ?? "").split(":");
  if (user !== "" && !isNumber(user) && kernel.lookupUser(user) === null) tell("user", `no such user "${user}"`);
  if (group !== "" && !isNumber(group) && kernel.lookupGroup(group) === null) tell("user", `no such group "${group}"`);
  for (const name of wanted.groupAdd) if (!isNumber(name) && kernel.lookupGroup(name) === null) tell("group_add", `no such group "${name}"`);
}

function checkCommand({ process: wanted }: ServiceSpec, environment: NodeJS.ProcessEnv, tell: Tell): void {
  const word = wanted.command.words[0] ?? "";
  if (word.includes("/")) {
    const path = resolve(wanted.workingDirectory, word);
    const state = executable(path);
    if (state === "missing") tell("command", `no such file "${path}" (ENOENT)`);
    if (state === "refused") tell("command", `"${path}" is not executable (EACCES)`);
    return;
  }
  const inherited = wanted.inheritEnvironment ? environment["PATH"] : undefined;
  const path = wanted.environment["PATH"] ?? inherited ?? DEFAULT_PATH;
  const states = path.split(":").map((directory) => executable(resolve(wanted.workingDirectory, directory, word)));
  if (states.includes("ok")) return;
  tell("command", states.includes("refused") ? `command "${word}" is not executable (EACCES)` : `command "${word}" was not found in PATH "${path}"`);
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
