import { diffSpecs, type Configuration, type ScaleResult, type Scales } from "@supervise/model";
import type { Loaded, ReloadingPort } from "./reloading.js";

export interface ScalingPort {
  readonly load: ReloadingPort["load"];
  /** The one in force. */
  readonly configuration: Configuration;
  readonly generation: number;
}

/** What a change of numbers of replicas comes to: what is to be applied, or why nothing is. */
export type ScalePlan =
  | { readonly loaded: Loaded & { readonly configuration: Configuration } }
  | { readonly result: ScaleResult };

/**
 * The configuration with so many replicas of each named service (configured names). The files are read for it, but nothing else that has changed in them
 * since is taken over with it: then nothing is done at all. The number of the file itself takes the asked one back.
 */
export async function planScale(
  port: ScalingPort,
  counts: Readonly<Record<string, number>>,
): Promise<ScalePlan> {
  const { configuration, generation } = port;
  const stay = (more: Partial<ScaleResult>): ScalePlan => ({
    result: { applied: false, generation, changes: [], diagnostics: [], refused: null, ...more },
  });
  const asked = configuration.scales ?? {};
  const load = (scales: Scales): Promise<Loaded> => port.load({ scales, texts: null });
  const base = await load(asked);
  if (base.configuration === null) return stay({ diagnostics: base.diagnostics });
  const changed = diffSpecs(configuration, base.configuration).some(({ kind }) => kind !== "same");
  if (changed)
    return stay({ refused: `the configuration has changed since generation ${generation}` });
  const others = Object.fromEntries(
    Object.entries(asked).filter(([name]) => !Object.hasOwn(counts, name)),
  );
  const alone = Object.keys(others).length === Object.keys(asked).length;
  const plain = alone ? base : await load(others);
  if (plain.configuration === null) return stay({ diagnostics: plain.diagnostics });
  const scales: Record<string, Scales[string]> = { ...others };
  for (const [name, scale] of Object.entries(counts)) {
    const instead = plain.configuration.services.filter((one) => one.service === name).length;
    if (instead !== scale || instead === 0) scales[name] = { scale, instead };
  }
  const loaded = await load(scales);
  const next = loaded.configuration;
  if (next === null) return stay({ diagnostics: loaded.diagnostics });
  const unknown = Object.keys(scales).find((name) => next.scales?.[name] === undefined);
  if (unknown !== undefined) return stay({ refused: `no service is called "${unknown}"` });
  return { loaded: { ...loaded, configuration: next } };
}
