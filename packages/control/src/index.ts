export { createClient } from "./client.js";
export type { ControlClient, Health } from "./client.js";
export { ControlError } from "./control-error.js";
export { serveControl } from "./server.js";
export type { ControlOptions, ControlServer } from "./server.js";
export type { ControlLimits } from "./limits.js";
export type { Peer } from "./peer.js";
export { SocketInUseError } from "./socket-file.js";
export type { ControlTarget } from "./target.js";
