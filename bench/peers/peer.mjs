// @ts-check
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * @typedef {object} Ground what a peer may build on
 * @property {string} directory its own, empty
 * @property {number} count of services
 * @property {string} stamp the service's program; it takes the stamps file and an index
 * @property {string} stamps the file
 * @property {string} cLoop the compiled C loop
 * @property {string} node a copy of the Node executable that no other process shares
 *
 * @typedef {object} Peer
 * @property {string} name
 * @property {() => string | undefined} missing why it cannot be run here, with the remedy
 * @property {(ground: Ground) => import("../life.mjs").Plan} prepare writes its configuration
 * @property {boolean} [startOnly] whether only its start is of interest
 */

/**
 * Why a Debian package cannot be used: a program of it is not in PATH.
 *
 * @param {string} packageName
 * @param {string} program
 */
export function missingPackage(packageName, program) {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return undefined;
    } catch {
      // Not in this directory: the next one may have it.
    }
  }
  return `${program} is not installed: apt-get install --no-install-recommends ${packageName}`;
}
