// @ts-check
import { join } from "node:path";

const program = join(import.meta.dirname, "../programs/bare-node.mjs");

/** @type {import("./peer.mjs").Peer} */
export const bareNode = {
  name: "bare Node",
  missing: () => undefined,
  prepare: ({ directory, count, stamp, stamps, node }) => ({
    command: [node, program, String(count), stamp, stamps],
    directory,
    stop: { signal: "SIGTERM" },
  }),
};
