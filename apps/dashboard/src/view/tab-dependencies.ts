import type { ServiceStatus } from "@supervise/model";
import type { Model } from "../model/model.js";
import { selectedName } from "../model/selection.js";
import { STATE_LETTERS } from "./glyphs.js";
import { line } from "./lines.js";
import type { Line } from "./lines.js";
import { styleOfState } from "./state-style.js";

const CONDITIONS: Readonly<Record<string, string>> = {
  service_started: "started",
  service_healthy: "healthy",
  service_completed_successfully: "completed",
};

/** What the selected service needs, and what needs it, each down to the end; what is not yet there is told. */
export function dependencyLines(model: Model): readonly Line[] {
  const name = selectedName(model);
  const status = name === null ? undefined : model.services.get(name);
  if (status === undefined) return [line("no service is selected", "dim")];
  const needs = branch(model, status, (one) => needed(model, one), 0, new Set());
  const dependents = branch(model, status, (one) => dependentsOf(model, one), 0, new Set());
  return [
    line("needs", "dim"),
    ...(needs.length === 0 ? [line("  nothing")] : needs),
    line(""),
    line("is needed by", "dim"),
    ...(dependents.length === 0 ? [line("  nothing")] : dependents),
  ];
}

interface Edge {
  readonly status: ServiceStatus;
  readonly condition: string;
  readonly blocks: boolean;
}

function branch(
  model: Model,
  status: ServiceStatus,
  next: (status: ServiceStatus) => readonly Edge[],
  depth: number,
  seen: ReadonlySet<string>,
): readonly Line[] {
  const { glyphs } = model;
  const known = new Set([...seen, status.name]);
  const edges = next(status);
  return edges.flatMap(({ status: one, condition, blocks }, index): Line[] => {
    const twig = index === edges.length - 1 ? glyphs.lastBranch : glyphs.branch;
    return [
      [
        { text: `  ${"  ".repeat(depth)}${twig}`, style: "dim" },
        { text: one.name, style: "strong" },
        { text: ` ${STATE_LETTERS[one.state]} ${one.state}`, style: styleOfState(one.state) },
        { text: ` ${condition}`, style: "dim" },
        { text: blocks ? ` ${glyphs.arrow} blocks` : "", style: "bad" },
      ],
      ...(known.has(one.name) ? [] : branch(model, one, next, depth + 1, known)),
    ];
  });
}

function needed(model: Model, status: ServiceStatus): readonly Edge[] {
  return status.dependsOn.flatMap(({ name, condition }) => {
    // A configured name stands for all replicas.
    const found = [...model.services.values()].filter(
      (one) => one.name === name || one.service === name,
    );
    return found.map((one) => edge(status, one, condition));
  });
}

function dependentsOf(model: Model, status: ServiceStatus): readonly Edge[] {
  return [...model.services.values()].flatMap((one) => {
    const condition = one.dependsOn.find(
      ({ name }) => name === status.name || name === status.service,
    )?.condition;
    return condition === undefined ? [] : [{ ...edge(one, status, condition), status: one }];
  });
}

/** Does the dependent wait, and is this what it waits for? */
function edge(dependent: ServiceStatus, status: ServiceStatus, condition: string): Edge {
  const there =
    condition === "service_completed_successfully"
      ? status.state === "done"
      : condition === "service_healthy"
        ? status.health === "healthy" || (status.health === "none" && status.ready)
        : status.ready || status.state === "up";
  return {
    status,
    condition: CONDITIONS[condition] ?? condition,
    blocks: dependent.state === "waiting" && !there,
  };
}
