import { deepEqual, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { assertNoLeaks, start, temporaryDirectory, until } from "@supervise/testkit";
import { socketDescriptor } from "@supervise/sys";
import { kernel } from "./fake-syslogd.js";

const program = join(import.meta.dirname, "programs/serve-inherited.js");

/** What the program says to one who connects. */
async function answer(at: { readonly path: string } | { readonly port: number }): Promise<unknown> {
  return JSON.parse(await text(connect(at)));
}

const expected = (name: string) => ({ passed: [{ fd: 3, name }], again: [], inherited: false });

for (const mode of ["stay", "detach"]) {
  test(`a passed socket is served; neither it nor the variables reach a child (${mode})`, async (t) => {
    assertNoLeaks(t);
    const ours = createServer().listen(0, "127.0.0.1");
    await once(ours, "listening");
    const address = ours.address();
    ok(typeof address === "object" && address !== null);
    const fd = kernel.duplicate(socketDescriptor(ours) ?? -1);
    ours.close();
    await once(ours, "close");
    // The shell becomes the program, so that its own PID is the right one; and 3 is the first that can be passed.
    const script = `LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec "$@"`;
    const result = kernel.spawn({
      files: ["/bin/sh"],
      argv: ["sh", "-c", script, "sh", process.execPath, program, mode],
      env: ["PATH=/usr/bin:/bin"],
      descriptors: [0, 1, 2, fd],
      session: "inherit",
    });
    kernel.close(fd);
    deepEqual(Object.keys(result), ["pid"], JSON.stringify(result));
    const ended = () =>
      until(() => kernel.reap(() => false)[0], { what: "the end of the program" });
    // Detached it is another process that serves, and its starter has ended by then.
    const starter = mode === "detach" ? await ended() : null;
    deepEqual(await answer({ port: address.port }), expected("web"));
    const { code, signal } = starter ?? (await ended());
    deepEqual([code, signal], [0, null]);
  });
}

const activator = "systemd-socket-activate";
const installed = spawnSync(activator, ["--version"], { stdio: "ignore" }).status === 0;

test(
  "systemd-socket-activate(1) passes a socket as a service manager does",
  { skip: installed ? false : `${activator} is not installed` },
  async (t) => {
    const path = join(temporaryDirectory(t), "socket");
    const args = [`--listen=${path}`, "--fdname=web", process.execPath, program];
    const activated = start(t, activator, args);
    await activated.stderr.match(/Listening on/);
    deepEqual(await answer({ path }), expected("web"));
    deepEqual(await activated.exit(), { code: 0, signal: null });
  },
);
