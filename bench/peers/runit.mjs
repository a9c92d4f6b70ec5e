// @ts-check
import { missingPackage } from "./peer.mjs";
import { makeServiceDirectories } from "./service-directories.mjs";

/**
 * As Debian runs it, `runsvdir -P`. SIGTERM would leave every runsv and its service
 * alone; SIGHUP is how runsvdir is told to end them.
 *
 * @type {import("./peer.mjs").Peer}
 */
export const runit = {
  name: "runit",
  missing: () => missingPackage("runit", "runsvdir"),
  prepare: (ground) => ({
    command: ["runsvdir", "-P", makeServiceDirectories(ground)],
    directory: ground.directory,
    stop: { signal: "SIGHUP" },
  }),
};
