// @ts-check
// What services write, and which loggers can do it.
import {
  concurrently,
  direct,
  multilog,
  pm2,
  raw,
  s6Log,
  shell,
  stamped,
  supervisord,
  svlogd,
  unstamped,
} from "./loggers.mjs";

const rotateBytes = 10_000_000;

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} title
 * @property {number} services
 * @property {boolean} stamps
 * @property {number | null} rotateBytes
 * @property {import("./loggers.mjs").Logger[]} loggers
 */

/** @type {Scenario[]} */
export const scenarios = [
  {
    name: "stamps",
    title: "one service, time stamps",
    services: 1,
    stamps: true,
    rotateBytes: null,
    loggers: [stamped, s6Log, concurrently, multilog, svlogd, pm2],
  },
  {
    name: "plain",
    title: "one service, no time stamps",
    services: 1,
    stamps: false,
    rotateBytes: null,
    loggers: [raw, unstamped, supervisord, s6Log],
  },
  {
    name: "rotation",
    title: "one service, a new file every 10 MB (supervisord: no stamps)",
    services: 1,
    stamps: true,
    rotateBytes,
    loggers: [raw, stamped, supervisord, s6Log],
  },
  {
    name: "hundred",
    title: "100 services at once, time stamps (supervisord: none)",
    services: 100,
    stamps: true,
    rotateBytes: null,
    loggers: [stamped, raw, s6Log, concurrently, supervisord, pm2],
  },
  {
    name: "direct",
    title: "one service that gets the file itself",
    services: 1,
    stamps: false,
    rotateBytes: null,
    loggers: [direct, shell],
  },
];
