export type * from "./spec.js";
export type * from "./state.js";
export type * from "./event.js";
export type * from "./status.js";
export { createEngine } from "./engine.js";
export type { Engine, EngineOptions } from "./engine.js";
export { findCycle, formatCycle, startOrder } from "./graph.js";
export type { GraphNode } from "./graph.js";
export { describeCause, describeEnd, describeExit, formatDuration } from "./describe.js";
