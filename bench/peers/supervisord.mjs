// @ts-check
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { missingPackage } from "./peer.mjs";

/** @type {import("./peer.mjs").Peer} */
export const supervisord = {
  name: "supervisord",
  missing: () => missingPackage("supervisor", "supervisord"),
  prepare: ({ directory, count, stamp, stamps }) => {
    const file = join(directory, "supervisord.conf");
    // Three pipes for each service, and some to spare.
    const descriptors = 4 * count + 256;
    let text = `[supervisord]\nnodaemon=true\nuser=root\nlogfile=/dev/null\nlogfile_maxbytes=0\n`;
    text += `pidfile=${join(directory, "pid")}\nminfds=${descriptors}\nminprocs=1\n`;
    for (let index = 0; index < count; index++) {
      text += `[program:s${index}]\ncommand=${stamp} ${stamps} ${index}\nautorestart=true\nstartsecs=0\n`;
      text += `stdout_logfile=NONE\nstderr_logfile=NONE\n`;
    }
    writeFileSync(file, process.getuid?.() === 0 ? text : text.replace("user=root\n", ""));
    return { command: ["supervisord", "-c", file], directory, stop: { signal: "SIGTERM" } };
  },
};
