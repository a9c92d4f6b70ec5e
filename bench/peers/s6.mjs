// @ts-check
import { missingPackage } from "./peer.mjs";
import { makeServiceDirectories } from "./service-directories.mjs";

/**
 * It takes 500 services unless told otherwise. Without `-t` it never scans again.
 *
 * @type {import("./peer.mjs").Peer}
 */
export const s6 = {
  name: "s6",
  missing: () => missingPackage("s6", "s6-svscan"),
  prepare: (ground) => ({
    command: ["s6-svscan", "-c", "1100", makeServiceDirectories(ground)],
    directory: ground.directory,
    stop: { signal: "SIGTERM" },
  }),
};
