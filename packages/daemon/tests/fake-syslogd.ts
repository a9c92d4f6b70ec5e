import { equal, ok } from "node:assert/strict";
import { unlinkSync } from "node:fs";
import { createKernel, pollEvents } from "@supervise/sys";
import type { Datagram } from "@supervise/sys";
import { atEnd } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";

export const kernel = createKernel();

/** A datagram socket where syslog would listen, read only when asked. */
export interface FakeSyslogd {
  /** What has come and was not yet asked for. */
  read(): readonly Datagram[];
  /** The texts of the next `count` datagrams. */
  next(count: number): Promise<string[]>;
  /** Ends it and takes its name away, as a syslog daemon that is stopped. */
  stop(): void;
}

export function fakeSyslogd(t: TestScope, path: string): FakeSyslogd {
  const fd = kernel.datagramSocket(path, 0o666);
  ok(fd >= 0, `cannot bind "${path}": ${fd}`);
  let stopped = false;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    equal(kernel.close(fd), 0);
    unlinkSync(path);
  };
  atEnd(t, stop);
  const read = (): readonly Datagram[] => {
    const found: Datagram[] = [];
    for (;;) {
      const datagram = kernel.receive(fd, 65_536);
      if (typeof datagram === "number") return found;
      found.push(datagram);
    }
  };
  return {
    read,
    stop,
    next(count) {
      return new Promise((resolve) => {
        const found: string[] = [];
        const poller = kernel.createPoller(() => {
          found.push(...read().map(({ data }) => Buffer.from(data).toString()));
          if (found.length < count) return;
          poller.close();
          resolve(found);
        });
        equal(poller.add(fd, 0, pollEvents.input), 0);
      });
    },
  };
}
