// npm start: installs, builds, and runs the demo. Ctrl-C ends it in order.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { install } from "./install.mjs";
import { ifMain, root } from "./workspace.mjs";

/** The same signal from npm and from the group arrives within this time. */
const ECHO_MS = 200;

await ifMain(import.meta.url, () => {
  install();
  build({ tests: false });
  console.log("start: supervise up -f examples/demo/supervise.yaml (Ctrl-C ends it)");
  runDemo(process.argv.slice(2));
});

function runDemo(more) {
  // At a terminal the kernel gives the demo each Ctrl-C itself, and npm passes it on to us a second time: we only have to outlive it.
  // Without one, a signal for the whole process group would reach the demo from two sides, and two mean "at once": there it gets a
  // session of its own, and from us each signal once.
  const atTerminal = process.stdin.isTTY === true;
  const command = [
    join(root, "apps/supervise/bin/supervise.js"),
    "up",
    "-f",
    "examples/demo/supervise.yaml",
    ...more,
  ];
  const demo = spawn(process.execPath, command, {
    cwd: root,
    stdio: "inherit",
    detached: !atTerminal,
  });
  const lastMs = new Map();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (atTerminal && signal !== "SIGTERM") return;
      const nowMs = performance.now();
      if (nowMs - (lastMs.get(signal) ?? -Infinity) > ECHO_MS) demo.kill(signal);
      lastMs.set(signal, nowMs);
    });
  }
  demo.on("error", (error) => {
    console.error(`cannot start the demo: ${error.message}`);
    process.exitCode = 1;
  });
  demo.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
