// @ts-check
// Reads the file that the services stamp; programs/slots.h describes its layout.
import { readFileSync } from "node:fs";

const lineBytes = 64;

/**
 * @typedef {object} Stamps
 * @property {number[]} pids one per service, of its newest run
 * @property {bigint} firstNs when the first service ran its first instruction
 * @property {bigint} lastNs when the last one did
 */

/**
 * @param {string} path
 * @returns {Stamps}
 */
export function readStamps(path) {
  const file = readFileSync(path);
  const pids = [];
  let firstNs = 1n << 62n;
  let lastNs = 0n;
  for (let at = lineBytes; at < file.length; at += lineBytes) {
    const stampNs = file.readBigInt64LE(at);
    if (stampNs < firstNs) firstNs = stampNs;
    if (stampNs > lastNs) lastNs = stampNs;
    pids.push(file.readInt32LE(at + 8));
  }
  return { pids, firstNs, lastNs };
}
