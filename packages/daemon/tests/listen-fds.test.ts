import { deepEqual, equal } from "node:assert/strict";
import { openSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createKernel } from "@supervise/sys";
import { atEnd } from "@supervise/testkit";
import { listenFds, listenFdsWithNames } from "@supervise/daemon";

/** A kernel in which the descriptors below `open` are open. */
function kernelWith(open: number): {
  readonly closed: number[];
  setCloseOnExec(fd: number, on: boolean): number;
} {
  const closed: number[] = [];
  return {
    closed,
    setCloseOnExec(fd, on) {
      if (fd >= open) return -9;
      equal(on, true);
      closed.push(fd);
      return 0;
    },
  };
}

const mine = { LISTEN_PID: "77", LISTEN_FDS: "3" };

test("passed descriptors begin at 3 and carry their names; those without are unknown", () => {
  const kernel = kernelWith(100);
  const environment = { ...mine, LISTEN_FDNAMES: "http::admin" };
  deepEqual(listenFdsWithNames({ environment, pid: 77, kernel }), [
    { fd: 3, name: "http" },
    { fd: 4, name: "unknown" },
    { fd: 5, name: "admin" },
  ]);
  deepEqual(kernel.closed, [3, 4, 5]);
  deepEqual(listenFds({ environment: { ...mine }, pid: 77, kernel }), [3, 4, 5]);
});

test("the variables are removed, even where they are meant for another process", () => {
  for (const pid of [77, 78]) {
    const environment = {
      ...mine,
      LISTEN_FDNAMES: "a:b:c",
      LISTEN_PIDFDID: "9",
      OTHER: "stays",
    };
    listenFds({ environment, pid, kernel: kernelWith(100) });
    deepEqual(environment, { OTHER: "stays" });
  }
  const kept = { ...mine };
  listenFds({ environment: kept, pid: 77, kernel: kernelWith(100), keepEnvironment: true });
  deepEqual(kept, mine);
});

test("what was not passed to this process is not taken", () => {
  const kernel = kernelWith(100);
  for (const environment of [
    {},
    { LISTEN_FDS: "1" },
    { LISTEN_PID: "77" },
    { LISTEN_PID: "78", LISTEN_FDS: "1" },
    { LISTEN_PID: "77", LISTEN_FDS: "-1" },
    { LISTEN_PID: "77", LISTEN_FDS: "1 " },
    { LISTEN_PID: "77", LISTEN_FDS: "99999999" },
    { LISTEN_PID: "0x4d", LISTEN_FDS: "1" },
  ])
    deepEqual(listenFds({ environment, pid: 77, kernel }), [], JSON.stringify(environment));
  deepEqual(kernel.closed, []);
});

test("a number that is not open ends the list", () => {
  deepEqual(listenFds({ environment: { ...mine }, pid: 77, kernel: kernelWith(5) }), [3, 4]);
});

test("the kernel has close-on-exec set on what was passed", (t) => {
  const kernel = createKernel();
  const fd = openSync("/dev/null", "r");
  atEnd(t, () => void kernel.close(fd));
  kernel.setCloseOnExec(fd, false);
  const flags = (): string =>
    /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1] ?? "";
  const closeOnExec = 0o2000000;
  equal(Number.parseInt(flags(), 8) & closeOnExec, 0);
  const environment = { LISTEN_PID: String(process.pid), LISTEN_FDS: String(fd - 2) };
  const descriptors = listenFds({ environment });
  equal(descriptors.at(-1), fd);
  equal(Number.parseInt(flags(), 8) & closeOnExec, closeOnExec);
});
