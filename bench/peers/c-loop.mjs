// @ts-check

/** @type {import("./peer.mjs").Peer} */
export const cLoop = {
  name: "C loop",
  missing: () => undefined,
  prepare: ({ directory, count, stamp, stamps, cLoop: program }) => ({
    command: [program, String(count), stamp, stamps],
    directory,
    stop: { signal: "SIGTERM" },
  }),
};
