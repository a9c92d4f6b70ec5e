// @ts-check
// The least that a supervisor in Node can be, with nothing but child_process:
// what Node itself costs, against which the figures of a Node program are held.
//
//   node bare-node.mjs COUNT PROGRAM FILE
import { spawn } from "node:child_process";

const [count = "0", program = "", file = ""] = process.argv.slice(2);
/** @type {Map<number, import("node:child_process").ChildProcess>} */
const running = new Map();
let stopping = false;

/** @param {number} index */
function run(index) {
  const child = spawn(program, [file, String(index)], { stdio: "ignore", detached: true });
  running.set(index, child);
  child.on("exit", () => {
    running.delete(index);
    if (!stopping) run(index);
    else if (running.size === 0) process.exit(0);
  });
}

process.on("SIGTERM", () => {
  stopping = true;
  for (const child of running.values()) child.kill("SIGTERM");
});

for (let index = 0; index < Number(count); index++) run(index);
