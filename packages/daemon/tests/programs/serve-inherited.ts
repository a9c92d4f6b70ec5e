/** Serves on the first descriptor that it was passed, with the word "detach" as a daemon; tells what it has from its manager, and whether a child of it has it too. Ends with its first connection. */
import { spawnSync } from "node:child_process";
import { fstatSync } from "node:fs";
import { createServer } from "node:net";
import { daemonize, listenFdsWithNames, notifyReady } from "@supervise/daemon";

const daemon = process.argv[2] === "detach" ? await daemonize({ reserve: 1 }) : null;
const passed = listenFdsWithNames();
const [first] = passed;
if (first === undefined) throw new Error("no descriptor was passed");
const child = spawnSync("sh", ["-c", "ls -l /proc/$$/fd; env"], { encoding: "utf8" }).stdout;
const inherited =
  child.includes(`socket:[${fstatSync(first.fd).ino}]`) || child.includes("LISTEN_");
const server = createServer((socket) => {
  socket.end(JSON.stringify({ passed, again: listenFdsWithNames(), inherited }));
  server.close();
});
server.listen({ fd: first.fd }, () => {
  notifyReady();
  daemon?.ready();
});
