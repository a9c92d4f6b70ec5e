// @ts-check
import { bareNode } from "./bare-node.mjs";
import { cLoop } from "./c-loop.mjs";
import { daemontools } from "./daemontools.mjs";
import { pm2 } from "./pm2.mjs";
import { runit } from "./runit.mjs";
import { s6 } from "./s6.mjs";
import { supervise, superviseCold } from "./supervise.mjs";
import { supervisord } from "./supervisord.mjs";

/** In the order of the tables' rows. */
export const allPeers = [
  supervise,
  superviseCold,
  cLoop,
  bareNode,
  runit,
  s6,
  daemontools,
  supervisord,
  pm2,
];
