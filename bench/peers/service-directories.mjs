// @ts-check
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * The layout that runit, s6 and daemontools share: a directory per service with
 * a program `run`. It is the service's program itself, so that no shell is paid for.
 *
 * @param {import("./peer.mjs").Ground} ground
 * @returns {string} the directory of service directories
 */
export function makeServiceDirectories({ directory, count, stamp }) {
  const services = join(directory, "services");
  for (let index = 0; index < count; index++) {
    mkdirSync(join(services, `s${index}`), { recursive: true });
    symlinkSync(stamp, join(services, `s${index}`, "run"));
  }
  return services;
}
