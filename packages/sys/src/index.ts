export type * from "./kernel.js";
