export type * from "./spec.js";
export type * from "./state.js";
export type * from "./event.js";
export type * from "./status.js";
export type * from "./request.js";
