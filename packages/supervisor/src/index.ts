export { createCore } from "./supervisor.js";
export type { Core } from "./supervisor.js";
export type { SupervisorOptions } from "./supervisor-options.js";
export type { LoadAsked } from "./reloading.js";
export { createTarget } from "./target.js";
export type { Target, TargetPort } from "./target.js";
export { createEndRequests } from "./end-requests.js";
export { handleSignals } from "./signals.js";
export type { SignalPort } from "./signals.js";
