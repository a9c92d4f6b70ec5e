// @ts-check
import { missingPackage } from "./peer.mjs";
import { makeServiceDirectories } from "./service-directories.mjs";

/**
 * svscan only ever ends alone; `svc -dx` is what its manual tells to end the
 * services and their supervise processes with.
 *
 * @type {import("./peer.mjs").Peer}
 */
export const daemontools = {
  name: "daemontools",
  missing: () => missingPackage("daemontools", "svscan"),
  prepare: (ground) => ({
    command: ["svscan", makeServiceDirectories(ground)],
    directory: ground.directory,
    stop: { signal: "SIGTERM", command: "exec svc -dx services/*" },
  }),
};
