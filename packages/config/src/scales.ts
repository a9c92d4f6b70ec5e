import type { Configuration, Scales } from "@supervise/model";
import type { Draft } from "./draft.js";

/** Services with the numbers of replicas that an operator asked for in place of the file's, and which of those are in force: the file still has the number that each was asked for instead of. */
export function scaleDrafts(
  drafts: readonly Draft[],
  asked: Scales,
): { readonly drafts: readonly Draft[] } & Pick<Configuration, "scales"> {
  const scales: Record<string, Scales[string]> = {};
  const scaled = drafts.map((draft): Draft => {
    const own = Object.hasOwn(asked, draft.name) ? asked[draft.name] : undefined;
    if (own === undefined || !draft.enabled || draft.fields.scale !== own.instead) return draft;
    scales[draft.name] = own;
    return { ...draft, fields: { ...draft.fields, scale: own.scale } };
  });
  return { drafts: scaled, ...(Object.keys(scales).length === 0 ? {} : { scales }) };
}
