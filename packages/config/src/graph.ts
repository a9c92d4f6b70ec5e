import type { Dependency } from "@supervise/model";
import type { DiagnosticList } from "./diagnostics.js";
import type { Draft } from "./draft.js";
import { receiverPosition } from "./receivers.js";
import { suggestion } from "./suggest.js";
import { keyPosition, valueAt } from "./tree.js";
import type { Position } from "./tree.js";

/** Name of a replica: the service's own where there is one copy. */
export function replicaName(draft: Draft, replica: number): string {
  return draft.fields.scale === 1 ? draft.name : `${draft.name}-${replica}`;
}

/** Where the edge from a service to what it depends on stands. */
function edgePosition(draft: Draft, dependency: string): Position {
  const sending = receiverPosition(draft, dependency);
  if (sending !== null) return sending;
  const value = valueAt(draft.tree, ["depends_on"]);
  if (value.kind !== "list") return keyPosition(draft.tree, ["depends_on"], dependency);
  return (
    value.items.find((item) => item.kind === "scalar" && String(item.value) === dependency)?.at ??
    value.at
  );
}

/** The edges of a service, each to every replica of what it names. What cannot stand is reported and left out. */
export function resolveDependencies(
  draft: Draft,
  drafts: ReadonlyMap<string, Draft>,
  diagnostics: DiagnosticList,
): readonly Dependency[] {
  const edges: Dependency[] = [];
  for (const [name, { condition, required, restart }] of Object.entries(draft.fields.depends_on)) {
    const at = edgePosition(draft, name);
    const target = drafts.get(name);
    if (name === draft.name) diagnostics.error(at, `service "${name}" depends on itself`);
    else if (target === undefined)
      diagnostics.error(
        at,
        `service "${draft.name}" depends on "${name}", which is not defined`,
        suggestion(name, drafts.keys()),
      );
    else if (!draft.enabled) continue;
    else if (!target.enabled) {
      const profiles = target.fields.profiles;
      if (required) {
        diagnostics.error(
          at,
          `service "${draft.name}" depends on "${name}", whose profiles are not active`,
          `activate ${profiles.length === 1 ? `the profile "${profiles[0]}"` : `one of its profiles: ${profiles.join(", ")}`}, or say required: false`,
        );
      }
    } else if (target.fields.scale === 0) {
      if (required)
        diagnostics.error(at, `service "${draft.name}" depends on "${name}", which has scale 0`);
    } else {
      checkCondition(condition, target, at, diagnostics);
      for (let replica = 1; replica <= target.fields.scale; replica++)
        edges.push({ name: replicaName(target, replica), condition, required, restart });
    }
  }
  return edges;
}

function checkCondition(
  condition: Dependency["condition"],
  target: Draft,
  at: Position,
  diagnostics: DiagnosticList,
): void {
  const { fields, broken, name } = target;
  if (
    condition === "service_completed_successfully" &&
    fields.type !== "oneshot" &&
    !broken.has("type")
  ) {
    diagnostics.error(
      at,
      `service_completed_successfully needs a service that ends, but "${name}" has type ${fields.type}`,
      `give "${name}" type: oneshot`,
    );
  }
  const probed = fields.ready !== undefined || broken.has("ready") || broken.has("healthcheck");
  const health = fields.healthcheck;
  const checked =
    health !== undefined &&
    !health.disable &&
    !(Array.isArray(health.test) && health.test[0] === "NONE");
  if (condition === "service_healthy" && !probed && !checked) {
    diagnostics.error(
      at,
      `service_healthy needs a service that shows its health, but "${name}" has neither healthcheck nor ready`,
    );
  }
}

/** Reports each cycle once, at the edge that closes it. */
export function reportCycles(
  drafts: ReadonlyMap<string, Draft>,
  diagnostics: DiagnosticList,
): void {
  const finished = new Set<string>();
  for (const start of drafts.keys()) {
    // Iterative, because a chain of dependencies may be longer than the stack is deep.
    const path: { readonly name: string; readonly rest: string[] }[] = [];
    const onPath = new Set<string>();
    const enter = (name: string): void => {
      onPath.add(name);
      path.push({ name, rest: Object.keys(drafts.get(name)?.fields.depends_on ?? {}) });
    };
    if (!finished.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.shift();
      if (next === undefined) {
        finished.add(top.name);
        onPath.delete(top.name);
        path.pop();
      } else if (onPath.has(next)) {
        if (next === top.name) continue;
        const names = path.map(({ name }) => name);
        const cycle = [...names.slice(names.indexOf(next)), next];
        const draft = drafts.get(top.name);
        if (draft !== undefined)
          diagnostics.error(
            edgePosition(draft, next),
            `services depend on each other in a cycle: ${cycle.join(" -> ")}`,
          );
      } else if (!finished.has(next) && drafts.has(next)) enter(next);
    }
  }
}
