import type { DiagnosticList } from "./diagnostics.js";
import type { Draft } from "./draft.js";
import type { DependencyFields } from "./fields.js";
import { sinkPath } from "./logging-spec.js";
import { suggestion } from "./suggest.js";
import { valueAt } from "./tree.js";
import type { Position } from "./tree.js";

/** It starts before those whose lines it reads and ends after them; where it has failed they do without. */
const EDGE: DependencyFields = { condition: "service_started", required: false, restart: false };

interface Sending {
  readonly to: string;
  readonly at: Position;
}

export interface Receivers {
  /** The services, with an edge from each one whose log goes to another's standard input to that other. */
  readonly drafts: readonly Draft[];
  /** Those that read the lines of others. */
  readonly names: ReadonlySet<string>;
}

/** Finds the services whose standard input gets the lines of others (`driver: service`). What cannot stand is reported and left out. */
export function findReceivers(drafts: readonly Draft[], diagnostics: DiagnosticList): Receivers {
  if (!drafts.some((draft) => sendings(draft).length > 0)) return { drafts, names: new Set() };
  const byName = new Map(drafts.map((draft) => [draft.name, draft]));
  const names = new Set<string>();
  const linked = drafts.map((draft): Draft => {
    const own = new Set<string>();
    for (const sending of sendings(draft)) {
      if (own.has(sending.to))
        diagnostics.error(
          sending.at,
          `service "${draft.name}" sends its log to "${sending.to}" twice`,
        );
      else if (stands(draft, sending, byName, diagnostics)) own.add(sending.to);
    }
    if (draft.enabled) for (const name of own) names.add(name);
    const edges = Object.fromEntries([...own].map((name) => [name, EDGE]));
    const depends_on = { ...edges, ...draft.fields.depends_on };
    return { ...draft, fields: { ...draft.fields, depends_on } };
  });
  return { drafts: linked, names };
}

/** Where the log of a service is sent to another's standard input; null: it is not. */
export function receiverPosition(draft: Draft, receiver: string): Position | null {
  return sendings(draft).find(({ to }) => to === receiver)?.at ?? null;
}

function sendings(draft: Draft): readonly Sending[] {
  if (draft.broken.has("logging")) return [];
  return draft.fields.logging.flatMap(({ driver, options }, index) => {
    const to = options?.service;
    if (driver !== "service" || to === undefined) return [];
    const path = [...sinkPath(draft, index), "options", "service"];
    return { to, at: valueAt(draft.tree, path).at };
  });
}

function stands(
  { name, enabled }: Draft,
  { to, at }: Sending,
  drafts: ReadonlyMap<string, Draft>,
  diagnostics: DiagnosticList,
): boolean {
  const target = drafts.get(to);
  const sends = `service "${name}" sends its log to`;
  if (target === undefined) {
    diagnostics.error(at, `${sends} "${to}", which is not defined`, suggestion(to, drafts.keys()));
    return false;
  }
  const { fields, broken } = target;
  const problem =
    to === name
      ? `${sends} itself`
      : enabled && !target.enabled
        ? `${sends} "${to}", whose profiles are not active`
        : fields.scale !== 1
          ? `${sends} "${to}", which has scale ${fields.scale}; its lines can go to one copy only`
          : fields.type !== "service" && !broken.has("type")
            ? `${sends} "${to}", which has type ${fields.type}; a service that runs on is needed`
            : null;
  if (problem !== null) diagnostics.error(at, problem);
  return problem === null;
}
