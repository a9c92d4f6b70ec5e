/** Serves on every socket that it was passed, and tells each client which it is and by what name; "die" ends it without a word. Ends itself after a minute. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const { LISTEN_FDS, LISTEN_FDNAMES = "", LISTEN_PID } = process.env;
const names = LISTEN_FDNAMES.split(":");
/** O_NONBLOCK of open(2), before Node has the socket. */
const nonBlocking = (fd: number): boolean =>
  (Number.parseInt(
    /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1] ?? "",
    8,
  ) &
    0o4000) !==
  0;
for (let index = 0; index < Number(LISTEN_FDS); index += 1) {
  const fd = 3 + index;
  const told = {
    pid: process.pid,
    fd,
    name: names[index],
    forUs: Number(LISTEN_PID) === process.pid,
    nonBlocking: nonBlocking(fd),
  };
  createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (bytes) => {
      if (bytes.toString() === "die\n") process.kill(process.pid, "SIGKILL");
      socket.end(JSON.stringify(told));
    });
  }).listen({ fd });
}
// oxlint-disable-next-line no-restricted-globals -- a program that is forgotten must end
setTimeout(() => process.exit(1), 60_000);
