export { createCore } from "./supervisor.js";
export type { Core, SupervisorOptions } from "./supervisor.js";
export { createTarget } from "./target.js";
export type { Target, TargetPort } from "./target.js";
export { handleSignals } from "./signals.js";
export type { SignalPort } from "./signals.js";
