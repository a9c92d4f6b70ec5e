import type { Verb } from "./verb.js";

/** What the list of verbs needs; the verb itself is loaded when it is called, so that `up` pays for no other. */
export interface VerbEntry {
  readonly name: string;
  readonly load: () => Promise<Verb>;
}

export const VERBS: readonly VerbEntry[] = [
  { name: "up", load: async () => (await import("./up/verb.js")).verb },
  { name: "down", load: async () => (await import("./verbs/down.js")).verb },
  { name: "start", load: async () => (await import("./verbs/service-actions.js")).start },
  { name: "stop", load: async () => (await import("./verbs/service-actions.js")).stop },
  { name: "restart", load: async () => (await import("./verbs/service-actions.js")).restart },
  { name: "reload", load: async () => (await import("./verbs/reload.js")).verb },
  { name: "scale", load: async () => (await import("./verbs/scale.js")).verb },
  { name: "upgrade", load: async () => (await import("./verbs/upgrade.js")).verb },
  { name: "signal", load: async () => (await import("./verbs/service-actions.js")).signal },
  { name: "status", load: async () => (await import("./verbs/status.js")).verb },
  { name: "ps", load: async () => (await import("./verbs/ps.js")).verb },
  { name: "inspect", load: async () => (await import("./verbs/inspect.js")).verb },
  { name: "logs", load: async () => (await import("./verbs/logs.js")).verb },
  { name: "events", load: async () => (await import("./verbs/events.js")).verb },
  { name: "why", load: async () => (await import("./verbs/why.js")).verb },
  { name: "wait", load: async () => (await import("./verbs/wait.js")).verb },
  { name: "dashboard", load: async () => (await import("./verbs/dashboard.js")).verb },
  { name: "exec", load: async () => (await import("./verbs/exec.js")).verb },
  { name: "run", load: async () => (await import("./verbs/run.js")).verb },
  { name: "daemonize", load: async () => (await import("./verbs/daemonize.js")).verb },
  { name: "pidfile", load: async () => (await import("./verbs/pidfile.js")).verb },
  { name: "new", load: async () => (await import("./verbs/new.js")).verb },
  { name: "check", load: async () => (await import("./verbs/check.js")).verb },
  { name: "graph", load: async () => (await import("./verbs/graph.js")).verb },
  { name: "schema", load: async () => (await import("./verbs/schema.js")).verb },
  { name: "completion", load: async () => (await import("./verbs/completion.js")).verb },
];
