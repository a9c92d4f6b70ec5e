import { inspectProcesses } from "@supervise/process";
import type { InspectSource } from "@supervise/process";
import { maskWords } from "./inspect-secrets.js";
import type { Shown, ShownSubject } from "./inspect-shown.js";
import { variableOf } from "./inspect-json.js";

/** The subjects with command lines that may be shown: what a process has as a secret in its environment often stands there too. `patterns` is the configuration's `mask`. */
export function withMaskedCommands(
  source: InspectSource,
  subjects: readonly ShownSubject[],
  patterns: readonly string[],
): readonly ShownSubject[] {
  return subjects.map((subject) => ({
    ...subject,
    members: subject.members.map((member) => ({
      ...member,
      process: maskCommand(source, member.process, patterns),
    })),
  }));
}

function maskCommand(source: InspectSource, process: Shown, patterns: readonly string[]): Shown {
  const { command, pid } = process;
  if (command?.known !== true) return process;
  const [found] = inspectProcesses(source, [pid], { groups: ["environment"] });
  const environment = found?.outcome === "read" ? found.process.environment : undefined;
  const entries = environment?.known === true ? environment.value : [];
  const variables = entries.map((entry) => variableOf(entry, null));
  const words = maskWords(command.value.words, variables, patterns);
  return { ...process, command: { known: true, value: { ...command.value, words } } };
}
