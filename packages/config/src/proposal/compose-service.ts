import { serviceShape } from "../schema.js";
import { entry, plain } from "../tree.js";
import type { MapValue, Value } from "../tree.js";
import { splitWords } from "../words.js";
import { hostDirectory } from "./compose-mounts.js";
import type { ProposedService } from "./proposal.js";

/** What becomes of a service of a compose file. */
export type ComposeOutcome =
  | {
      readonly kind: "taken";
      readonly name: string;
      readonly propose: (place: ComposePlace) => ProposedService;
    }
  | { readonly kind: "left"; readonly name: string; readonly why: string };

/** Where a service stands among the others. */
export interface ComposePlace {
  /** Services that are taken over. */
  readonly names: readonly string[];
  /** With those that are not. */
  readonly all: readonly string[];
  /** Another one waits for its success. */
  readonly ends: boolean;
}

/** Keys that mean the same without a container, as far as their values do. */
const TAKEN = [
  "environment",
  "env_file",
  "healthcheck",
  "restart",
  "stop_signal",
  "stop_grace_period",
  "ulimits",
  "oom_score_adj",
  "profiles",
  "scale",
  "tty",
  "develop",
] as const;
/** Looked at by themselves. */
const APART = new Set(["command", "entrypoint", "working_dir", "depends_on"]);

/** `filled`: with its variables replaced, to judge by. */
export function composeService(name: string, value: Value, filled: Value): ComposeOutcome {
  if (value.kind !== "map" || filled.kind !== "map")
    return { kind: "left", name, why: "it is no map" };
  const program = commandOf(value);
  if ("why" in program) return { kind: "left", name, why: program.why };
  return {
    kind: "taken",
    name,
    propose: (place) => propose(name, value, filled, program.command, place),
  };
}

function propose(
  name: string,
  value: MapValue,
  filled: MapValue,
  command: unknown,
  { names, all, ends }: ComposePlace,
): ProposedService {
  const keys: Record<string, unknown> = { ...(ends ? { type: "oneshot" } : {}), command };
  const left = new Set<string>();
  const directory = hostDirectory(value);
  if (directory !== null) keys["working_dir"] = directory;
  else if (value.entries.has("working_dir")) left.add("working_dir");
  for (const key of value.entries.keys()) {
    if (APART.has(key) || key.startsWith("x-")) continue;
    if (isTaken(key) && fits(key, filled)) keys[key] = plain(entry(value, key) ?? value);
    else left.add(key);
  }
  const dependencies = dependenciesOf(value, names);
  if (dependencies.taken !== null) keys["depends_on"] = dependencies.taken;
  const comments = [
    ...(left.size === 0 ? [] : [`not taken over: ${[...left].join(", ")}`]),
    ...dependencies.gone.map((other) => `does not wait for ${other}, which is left out`),
    ...hostsIn(value, all).map(
      ([variable, host]) => `${variable} names the host "${host}", which is 127.0.0.1 here`,
    ),
  ];
  return { name, keys, comments };
}

function isTaken(key: string): boolean {
  return (TAKEN as readonly string[]).includes(key) && Object.hasOwn(serviceShape, key);
}

/** Whether what stands there is allowed here too. */
function fits(key: string, filled: MapValue): boolean {
  const shape = serviceShape[key as keyof typeof serviceShape];
  return shape.safeParse(plain(entry(filled, key) ?? filled)).success;
}

/** The program with its arguments, as Compose puts it together; or why there is none. */
function commandOf(value: MapValue): { readonly command: unknown } | { readonly why: string } {
  const image = entry(value, "image");
  const built = entry(value, "build") !== undefined;
  const from = built ? "its Dockerfile" : image === undefined ? "nothing" : "its image";
  const entrypoint = wordsOf(entry(value, "entrypoint"));
  const command = wordsOf(entry(value, "command"));
  if (entrypoint === "bad" || command === "bad")
    return { why: "its command cannot be split into words" };
  if (entrypoint !== null && entrypoint.length > 0)
    return { command: [...entrypoint, ...(command ?? [])] };
  if (command === null || command.length === 0)
    return {
      why:
        from === "nothing"
          ? "it has no command"
          : `it has no command, only ${built ? "a build" : `the image ${String(plain(image ?? value))}`}; what runs is written in ${from}`,
    };
  if (command[0]?.startsWith("-") === true)
    return {
      why: `its command has only options (${command[0]}); the program is written in ${from}`,
    };
  return { command: plain(entry(value, "command") ?? value) };
}

function wordsOf(value: Value | undefined): readonly string[] | null | "bad" {
  const found = value === undefined ? null : plain(value);
  if (found === null) return null;
  if (Array.isArray(found)) return found.map(String);
  if (typeof found !== "string") return "bad";
  const split = splitWords(found);
  return split.ok ? split.words : "bad";
}

function dependenciesOf(
  value: MapValue,
  names: readonly string[],
): { readonly taken: unknown; readonly gone: readonly string[] } {
  const found = entry(value, "depends_on");
  if (found === undefined) return { taken: null, gone: [] };
  const written: unknown = plain(found);
  const wanted = Array.isArray(written)
    ? written.map(String)
    : typeof written === "object" && written !== null
      ? Object.keys(written)
      : [];
  const kept = wanted.filter((name) => names.includes(name));
  const gone = wanted.filter((name) => !names.includes(name));
  if (kept.length === 0) return { taken: null, gone };
  if (Array.isArray(written)) return { taken: kept, gone };
  const map = written as Readonly<Record<string, unknown>>;
  return { taken: Object.fromEntries(kept.map((name) => [name, map[name]])), gone };
}

/** Variables that name another service as a host: in the network of Compose that is a name, here it is none. */
function hostsIn(value: MapValue, all: readonly string[]): readonly (readonly [string, string])[] {
  const found = entry(value, "environment");
  const written: unknown = found === undefined ? {} : plain(found);
  const pairs: readonly (readonly [string, string])[] = Array.isArray(written)
    ? written.map((pair) => {
        const [name = "", ...rest] = String(pair).split("=");
        return [name, rest.join("=")] as const;
      })
    : Object.entries(written as object).map(([name, text]) => [name, String(text ?? "")] as const);
  return pairs.flatMap(([name, text]) => {
    const host = all.find((one) => namesHost(text, one));
    return host === undefined ? [] : [[name, host] as const];
  });
}

/** "db", "db:5432", "postgres://user@db/shop". */
function namesHost(text: string, host: string): boolean {
  const at = RegExp(`(?:^|//|@)${host.replaceAll(".", "\\.")}(?::\\d+)?(?:[/?,]|$)`);
  return at.test(text);
}
