import type { ReloadResult } from "@supervise/model";

/** The outcome of a reload in one line. */
export function reloadText({ applied, generation, changes, diagnostics }: ReloadResult): {
  readonly text: string;
  readonly good: boolean;
} {
  if (!applied) {
    const first = diagnostics.find(({ severity }) => severity === "error");
    const where = first === undefined ? "" : `: ${first.file}:${first.line}: ${first.message}`;
    return { text: `nothing was changed: the configuration has mistakes${where}`, good: false };
  }
  const changed = changes.filter(({ kind }) => kind !== "same");
  const names = changed.map(({ name, kind }) => `${name} (${kind})`).join(", ");
  return {
    text: `generation ${generation}: ${names === "" ? "nothing changed" : names}`,
    good: true,
  };
}
