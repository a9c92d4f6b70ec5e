import type { Verb } from "./verb.js";

/** What the list of verbs needs; the verb itself is loaded when it is called, so that `up` pays for no other. */
export interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Verb>;
}

export const VERBS: readonly VerbEntry[] = [
  { name: "up", summary: "start the services and stand by them", load: async () => (await import("./up/verb.js")).verb },
];
