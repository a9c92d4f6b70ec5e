import type { DiagnosticList } from "./diagnostics.js";
import { quote } from "./explain.js";
import { scalar } from "./tree.js";
import type { MapEntry, MapValue, Position } from "./tree.js";

const LINE = /^([A-Za-z0-9_-]+)(:[ \t]*)(\S.*?)[ \t\r]*$/;

/** Whether a file is a Procfile: by its name, else by what stands in it. */
export function isProcfile(path: string, text: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (/\.ya?ml$/i.test(name)) return false;
  if (/^Procfile(\.|$)|\.procfile$/i.test(name)) return true;
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return lines.length > 0 && lines.every((line) => LINE.test(line));
}

/**
 * Reads a Procfile (`name: command`, one to a line; `#` begins a comment line) as if it were written in YAML: each process type
 * is a service whose command is given to a shell. `types` gets the names in their order, which decides their ports.
 */
export function readProcfile(
  file: string,
  text: string,
  diagnostics: DiagnosticList,
  types: string[],
): MapValue {
  const services = new Map<string, MapEntry>();
  const start: Position = { file, line: 1, column: 1 };
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const at: Position = { file, line: index + 1, column: 1 };
    const match = LINE.exec(line);
    const [, name = "", separator = "", command = ""] = match ?? [];
    if (match === null)
      diagnostics.error(at, `a line must be "name: command", found ${quote(line.trim())}`);
    else if (services.has(name)) diagnostics.error(at, `the process type "${name}" stands twice`);
    else {
      const commandAt = { ...at, column: name.length + separator.length + 1 };
      services.set(name, { keyAt: at, value: service(at, command, commandAt) });
      types.push(name);
    }
  }
  const value: MapValue = { kind: "map", at: start, tag: null, entries: services };
  return {
    kind: "map",
    at: start,
    tag: null,
    entries: new Map([["services", { keyAt: start, value }]]),
  };
}

function service(at: Position, command: string, commandAt: Position): MapValue {
  const entries = new Map<string, MapEntry>([
    [
      "command",
      {
        keyAt: at,
        value: {
          ...scalar(command, commandAt),
          positionOf: (offset) => ({ ...commandAt, column: commandAt.column + offset }),
        },
      },
    ],
    ["shell", { keyAt: at, value: scalar(true, at) }],
  ]);
  return { kind: "map", at, tag: null, entries };
}
