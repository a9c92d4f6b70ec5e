import { equal, ok, rejects } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { serveControl, SocketInUseError, type ControlServer } from "@supervise/control";
import { assertNoLeaks, atEnd, temporaryDirectory, type TestScope } from "@supervise/testkit";
import { fakeTarget } from "./fake-target.js";
import { ask } from "./serving.js";

async function listen(t: TestScope, path: string): Promise<ControlServer> {
  const server = await serveControl(fakeTarget(), {
    path,
    peer: () => ({ pid: 1, uid: 0, gid: 0 }),
    ownUid: 0,
    onWarning: (message) => {
      throw new Error(message);
    },
  });
  atEnd(t, () => server.close());
  return server;
}

/** Leaves the socket of a process that was killed. */
function leaveDeadSocket(path: string): void {
  const script = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  equal(spawnSync(process.execPath, ["-e", script, path]).signal, "SIGKILL");
  ok(lstatSync(path).isSocket());
}

test("the socket is the owner's alone, nothing else is left beside it, and the mask of files stays", async (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  const mask = process.umask(0o022);
  atEnd(t, () => void process.umask(mask));
  await listen(t, join(directory, "control"));
  equal(lstatSync(join(directory, "control")).mode & 0o7777, 0o600);
  equal(readdirSync(directory).join(), "control");
  equal(process.umask(0o022), 0o022);
});

test("closing removes the socket, and may be asked twice", async (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  const server = await listen(t, join(directory, "control"));
  await Promise.all([server.close(), server.close()]);
  equal(readdirSync(directory).length, 0);
});

test("a socket that a dead server left is replaced", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "control");
  leaveDeadSocket(path);
  await listen(t, path);
  equal((await ask(path, "GET /v1/project")).status, 200);
});

test("a socket where another server answers is left to it", async (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  const path = join(directory, "control");
  await listen(t, path);
  await rejects(listen(t, path), (error) => {
    ok(error instanceof SocketInUseError);
    equal(error.code, "socket-in-use");
    equal(
      error.message,
      `cannot listen on "${path}": another server is listening there (EADDRINUSE)`,
    );
    return true;
  });
  equal((await ask(path, "GET /v1/project")).status, 200);
  equal(readdirSync(directory).join(), "control");
});

test("a file that is no socket is an error, and stays as it is", async (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  const path = join(directory, "control");
  writeFileSync(path, "precious");
  const message = `cannot listen on "${path}": there is a file that is not a socket (EEXIST)`;
  await rejects(listen(t, path), { message });
  equal(readFileSync(path, "utf8"), "precious");
  equal(readdirSync(directory).join(), "control");
});

test("a link to a file is not followed", async (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "file"), "precious");
  symlinkSync("file", join(directory, "control"));
  await rejects(listen(t, join(directory, "control")), /not a socket \(EEXIST\)$/);
  ok(lstatSync(join(directory, "control")).isSymbolicLink());
});

test("closing leaves a file alone that has taken the socket's place", async (t) => {
  assertNoLeaks(t);
  const path = join(temporaryDirectory(t), "control");
  const server = await listen(t, path);
  unlinkSync(path);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(path, resolve));
  atEnd(t, () => new Promise<void>((resolve) => void other.close(() => resolve())));
  await server.close();
  ok(lstatSync(path).isSocket());
});

test("closing leaves a socket alone that was moved away", async (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  const server = await listen(t, join(directory, "control"));
  renameSync(join(directory, "control"), join(directory, "moved"));
  await server.close();
  ok(existsSync(join(directory, "moved")));
});

test("where the socket can't be made the error says why", async (t) => {
  assertNoLeaks(t);
  const directory = temporaryDirectory(t);
  const missing = join(directory, "nowhere", "control");
  await rejects(listen(t, missing), {
    message: `cannot listen on "${missing}": no such directory (ENOENT)`,
  });
  const long = join(directory, "c".repeat(107));
  await rejects(listen(t, long), /: the path must be at most \d+ bytes \(ENAMETOOLONG\)$/);
  const file = join(directory, "file");
  writeFileSync(file, "");
  await rejects(listen(t, join(file, "control")), /ENOTDIR/);
  equal(readdirSync(directory).join(), "file");
});
