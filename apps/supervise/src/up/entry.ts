import type { VerbEntry } from "../verb.js";

/** Apart from the other verbs: its start-up image knows no other. */
export const UP: VerbEntry = { name: "up", load: async () => (await import("./verb.js")).verb };
