import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspectProcess, inspectProcesses, openInspectSource } from "@supervise/process";
import type { Descriptor, DescriptorKind } from "@supervise/process";
import { createKernel } from "@supervise/sys";
import { start, temporaryDirectory } from "@supervise/testkit";
import type { Started, TestScope } from "@supervise/testkit";

const source = openInspectSource(createKernel());
const room = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

interface Held {
  readonly started: Started;
  readonly directory: string;
  readonly port: number;
  /** The descriptor that the fixture calls so, which must be of this kind. */
  readonly of: <Kind extends DescriptorKind>(
    name: string,
    kind: Kind,
  ) => Extract<Descriptor, { readonly kind: Kind }>;
  readonly fd: (name: string) => number;
}

async function hold(t: TestScope): Promise<Held> {
  const directory = temporaryDirectory(t);
  const started = start(t, join(room, "build/fixtures/hold-each"), [directory]);
  await started.stdout.match(/^ready$/, { log: () => started.stderr.all.join("\n") });
  const said = new Map(
    started.stdout.all.flatMap((line) => {
      const match = /^(.+) (\d+)$/.exec(line);
      return match === null ? [] : [[match[1] ?? "", Number(match[2])] as const];
    }),
  );
  const read = inspectProcess(source, started.pid, {
    groups: ["descriptors", "openFiles"],
    ends: "everywhere",
  });
  assert.equal(read.outcome, "read");
  const { descriptors, openFiles } = read.process;
  assert.ok(descriptors.known && openFiles.known);
  assert.equal(openFiles.value.count, descriptors.value.length);
  const fd = (name: string): number => said.get(name) ?? assert.fail(`no "${name}"`);
  return {
    started,
    directory,
    port: fd("port"),
    fd,
    of: (name, kind) => {
      const found = descriptors.value.find((one) => one.fd === fd(name));
      assert.equal(found?.kind, kind, name);
      return found as never;
    },
  };
}

test("files are told with access, flags, offset, size, lock, and whether their name is gone", async (t) => {
  const { of, directory } = await hold(t);
  const file = of("file", "file");
  assert.deepEqual(
    [file.path, file.deleted, file.sizeBytes, file.offset, file.access, file.closeOnExec],
    [join(directory, "file"), false, 7, 7, "read-write", true],
  );
  assert.deepEqual(file.flags, ["O_APPEND"]);
  assert.match(file.locks.join(), /FLOCK +ADVISORY +WRITE/);
  const gone = of("gone", "file");
  assert.deepEqual(
    [gone.path, gone.deleted, gone.access, gone.flags, gone.closeOnExec],
    [join(directory, "gone"), true, "write", ["O_NONBLOCK"], false],
  );
  const named = of("named (deleted)", "file");
  assert.deepEqual([named.path, named.deleted], [join(directory, "named (deleted)"), false]);
  assert.deepEqual(
    [of("directory", "directory").path, of("directory", "directory").flags],
    [directory, ["O_DIRECTORY"]],
  );
  assert.equal(of("path", "directory").access, "path");
  assert.deepEqual(
    [of("device", "device").device, of("device", "device").type],
    ["1:3", "character"],
  );
  assert.deepEqual(
    [of("memfd", "memfd").name, of("memfd", "memfd").sizeBytes],
    ["some memory", 4096],
  );
  assert.equal(of("namespace", "namespace").name, "uts");
});

test("event descriptors say what they count, when they go off and what they watch", async (t) => {
  const { of, fd, directory, started } = await hold(t);
  assert.deepEqual(
    [of("eventfd", "eventfd").count, of("eventfd", "eventfd").semaphore],
    ["7", true],
  );
  const timer = of("timerfd", "timerfd");
  assert.deepEqual([timer.clock, timer.intervalMs, timer.ticks], ["CLOCK_BOOTTIME", 2500, 0]);
  assert.ok(timer.nextMs !== null && timer.nextMs > 900_000 && timer.nextMs <= 1_000_000);
  const idle = of("idle timerfd", "timerfd");
  assert.deepEqual([idle.clock, idle.intervalMs, idle.nextMs], ["CLOCK_MONOTONIC", null, null]);
  assert.deepEqual(
    [...of("epoll", "epoll").watches].toSorted((one, other) => one.fd - other.fd),
    [
      { fd: fd("eventfd"), events: ["EPOLLIN", "EPOLLET"] },
      { fd: fd("timerfd"), events: ["EPOLLIN", "EPOLLOUT"] },
    ],
  );
  const [watch, ...others] = of("inotify", "inotify").watches;
  assert.deepEqual(others, []);
  const { ino, dev } = statSync(directory);
  assert.equal(watch?.inode, ino);
  assert.equal(watch?.device, `${(dev >>> 8) & 0xfff}:${(dev & 0xff) | ((dev >>> 12) & 0xfff00)}`);
  assert.deepEqual(watch?.events, ["IN_CREATE", "IN_DELETE"]);
  assert.deepEqual(of("signalfd", "signalfd").signals, ["SIGUSR1", "SIGRTMIN+1"]);
  assert.equal(of("pidfd", "pidfd").pid, process.pid);
  assert.equal(started.child.exitCode, null);
});

test("pipes, pairs and connections name who is at the other end", async (t) => {
  const { of, fd, started } = await hold(t);
  const { pid } = started;
  assert.deepEqual(of("pipe read", "pipe").ends, [{ pid, fd: fd("pipe write"), access: "write" }]);
  assert.deepEqual(of("pipe write", "pipe").ends, [{ pid, fd: fd("pipe read"), access: "read" }]);
  assert.deepEqual(of("fifo", "fifo").ends, []);
  assert.deepEqual(of("pair one", "socket").ends, [
    { pid, fd: fd("pair two"), access: "read-write" },
  ]);
  assert.deepEqual(of("client", "socket").ends, [{ pid, fd: fd("server"), access: "read-write" }]);
  assert.deepEqual(of("server", "socket").ends, [{ pid, fd: fd("client"), access: "read-write" }]);
});

test("what the test itself holds of a child's pipe is found among all processes, and not unasked", async (t) => {
  const { started } = await hold(t);
  const ends = (where?: "among" | "everywhere"): unknown => {
    const read = inspectProcess(source, started.pid, {
      groups: ["descriptors"],
      ...(where === undefined ? {} : { ends: where }),
    });
    assert.ok(read.outcome === "read" && read.process.descriptors.known);
    const output = read.process.descriptors.value.find((one) => one.fd === 1);
    // Node gives its children socket pairs.
    assert.equal(output?.kind, "socket");
    return output?.kind === "socket" ? output.ends : undefined;
  };
  assert.equal(ends(), null);
  assert.deepEqual(ends("among"), []);
  const [holder, ...others] = ends("everywhere") as { readonly pid: number }[];
  assert.deepEqual([holder?.pid, others], [process.pid, []]);
  const [both] = inspectProcesses(source, [started.pid, process.pid], {
    groups: ["descriptors"],
    ends: "among",
  });
  assert.ok(both?.outcome === "read" && both.process.descriptors.known);
  const output = both.process.descriptors.value.find((one) => one.fd === 1);
  assert.equal(output?.kind === "socket" ? output.ends?.[0]?.pid : null, process.pid);
});

test("sockets are told with addresses, state, queues and backlog", async (t) => {
  const { of, port } = await hold(t);
  const address = "127.0.0.1";
  const listener = of("listener", "socket").socket;
  assert.ok(listener.family === "ipv4");
  assert.deepEqual(
    [listener.protocol, listener.state, listener.local, listener.remote, listener.uid],
    ["tcp", "listen", { address, port }, null, process.getuid?.()],
  );
  assert.deepEqual(listener.queue, { kind: "backlog", waiting: 1, limit: 33 });
  const client = of("client", "socket").socket;
  assert.ok(client.family === "ipv4");
  assert.deepEqual([client.state, client.remote], ["established", { address, port }]);
  assert.deepEqual(client.queue, { kind: "data", receiveBytes: 5, sendBytes: 0 });
  const [one, two] = [of("pair one", "socket"), of("pair two", "socket")];
  assert.ok(one.socket.family === "unix" && two.socket.family === "unix");
  assert.deepEqual(
    [one.socket.protocol, one.socket.state, one.socket.peerInode, one.socket.path],
    ["seqpacket", "established", two.inode, null],
  );
  assert.deepEqual(
    [two.socket.queue?.kind, two.socket.queue?.kind === "data" && two.socket.queue.receiveBytes],
    ["data", 4],
  );
  const named = of("unix listener", "socket").socket;
  assert.ok(named.family === "unix");
  assert.deepEqual([named.path, named.state], ["socket", "listen"]);
  assert.deepEqual(named.queue, { kind: "backlog", waiting: 0, limit: 5 });
  assert.deepEqual(of("unbound", "socket").socket, { family: "other", protocol: "TCP" });
});

test("a datagram socket of IPv6 shows its address", { skip: ipv6Skip() }, async (t) => {
  const { of } = await hold(t);
  const datagrams = of("udp", "socket").socket;
  assert.ok(datagrams.family === "ipv6");
  assert.deepEqual(
    [datagrams.protocol, datagrams.local.address, datagrams.remote],
    ["udp", "::1", null],
  );
  assert.ok(datagrams.local.port > 0);
});

function ipv6Skip(): string | false {
  const path = "/proc/net/if_inet6";
  const there =
    existsSync(path) && readFileSync(path, "utf8").includes("00000000000000000000000000000001");
  return there ? false : "this machine has no ::1";
}

test("both sides of a pseudoterminal name it", async (t) => {
  const { of } = await hold(t);
  const { terminal } = of("pty", "pty");
  assert.match(terminal ?? "", /^pts\/\d+$/);
  assert.equal(of("terminal", "terminal").terminal, terminal);
});

test("without sock_diag the tables of /proc tell the same, but for limits and peers", async (t) => {
  const { of, started } = await hold(t);
  const kernel = createKernel();
  const blind = openInspectSource({ ...kernel, netlinkSocket: () => -93 });
  const read = inspectProcess(blind, started.pid, { groups: ["descriptors"] });
  assert.ok(read.outcome === "read" && read.process.descriptors.known);
  for (const name of ["listener", "client", "pair one", "unix listener"]) {
    const { fd, socket } = of(name, "socket");
    const seen: Descriptor | undefined = read.process.descriptors.value.find(
      (one) => one.fd === fd,
    );
    assert.ok(seen?.kind === "socket");
    const expected =
      socket.family === "unix"
        ? { ...socket, peerInode: null, queue: null }
        : "queue" in socket && socket.queue?.kind === "backlog"
          ? { ...socket, queue: { ...socket.queue, limit: null } }
          : socket;
    assert.deepEqual(seen.socket, expected, name);
  }
});
