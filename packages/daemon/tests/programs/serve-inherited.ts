/** Serves on the first descriptor that it was passed, tells what it has from its manager, and what a child of it has. Ends with its first connection. */
import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { listenFdsWithNames, notifyReady } from "@supervise/daemon";

const passed = listenFdsWithNames();
const child = spawnSync("sh", ["-c", "ls -l /proc/self/fd; env"], { encoding: "utf8" }).stdout;
const [first] = passed;
if (first === undefined) throw new Error("no descriptor was passed");
const server = createServer((socket) => {
  socket.end(
    JSON.stringify({
      passed,
      again: listenFdsWithNames(),
      inherited: /socket:|LISTEN_/.test(child),
    }),
  );
  server.close();
});
server.listen({ fd: first.fd }, () => notifyReady());
