import type { Diagnostic, SpecChange } from "@supervise/model";
import type { Effect, Model, Overlay, Step } from "./model.js";
import { say } from "./actions.js";

/** A text that a person made of a configuration file. */
export interface Edit {
  /** Absolute. */
  readonly path: string;
  /** What the file held when the edit began. */
  readonly before: string;
  readonly text: string;
}

/** A configuration that was compared with the one in force, and may be applied. */
export interface Proposal {
  /** Null: the files as they are. */
  readonly edit: Edit | null;
  /** What becomes of each service. */
  readonly changes: readonly SpecChange[];
  /** Mistakes and warnings of the configuration. */
  readonly diagnostics: readonly Diagnostic[];
  /** Why it could not even be compared; null: it was. */
  readonly problem: string | null;
}

/** Can it be applied? */
export function isSound({ diagnostics, problem }: Proposal): boolean {
  return problem === null && diagnostics.every(({ severity }) => severity !== "error");
}

/** Asks for an editor, and first which file where there are several. */
export function beginEdit(model: Model): Step {
  if (model.link.kind !== "connected") return say(model, "the supervisor is away");
  const paths = model.project?.configurationFiles ?? [];
  const [path] = paths;
  if (path === undefined) return say(model, "the supervisor has no configuration file");
  if (paths.length === 1) return [model, [{ type: "edit", path, edit: null }]];
  return [{ ...model, overlay: { kind: "files", paths, index: 0, top: 0 } }, []];
}

/** Shows what a proposal would do; what a person has begun meanwhile goes on. */
export function proposed(model: Model, proposal: Proposal): Model {
  const left = new Map([...model.acting].filter(([, what]) => what !== COMPARING));
  if (model.overlay !== null && proposal.edit === null) return { ...model, acting: left };
  return { ...model, acting: left, overlay: { kind: "changes", proposal, top: 0 } };
}

/** What is told while the supervisor compares. */
export const COMPARING = "compare the configuration with the one in force";

type ChangesOverlay = Extract<Overlay, { kind: "changes" }>;

/** A key while a proposal is shown, but for those that scroll. */
export function proposalKey(model: Model, overlay: ChangesOverlay, key: string): Step {
  const { proposal } = overlay;
  const { edit } = proposal;
  const closed: Model = { ...model, overlay: null };
  if ((key === "y" || key === "Y") && isSound(proposal)) {
    if (model.link.kind !== "connected")
      return [{ ...model, notice: { text: "the supervisor is away", tone: "bad" } }, []];
    const effect: Effect =
      edit === null ? { type: "reloadConfiguration" } : { type: "apply", edit };
    return [closed, [effect]];
  }
  if (key === "e" && edit !== null) return [closed, [{ type: "edit", path: edit.path, edit }]];
  if (!["n", "N", "q", "escape"].includes(key)) return [model, []];
  const text = edit === null ? "nothing was applied" : "the edit was thrown away";
  return [{ ...closed, notice: { text, tone: "plain" } }, []];
}
