import { equal, rejects } from "node:assert/strict";
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { atEnd, temporaryDirectory } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { findSocket } from "#supervise/locate.js";
import { CommandError } from "#supervise/verb.js";
import type { OptionValues, VerbIo } from "#supervise/verb.js";

const uid = process.geteuid?.() ?? 0;
const PROJECT = "shop";
const OTHER = "zoo";

interface Place {
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** In $XDG_RUNTIME_DIR, and in the folder below $TMPDIR. */
  xdg(project: string): string;
  tmp(project: string): string;
  find(options?: OptionValues): Promise<string>;
}

function place(t: TestScope): Place {
  const directory = temporaryDirectory(t);
  for (const name of ["here", "run", "xdg", "tmp"]) mkdirSync(join(directory, name));
  const environment = {
    XDG_RUNTIME_DIR: join(directory, "xdg"),
    TMPDIR: join(directory, "tmp"),
    XDG_CACHE_HOME: join(directory, "cache"),
  };
  const io: VerbIo = {
    out: () => undefined,
    err: () => undefined,
    outIsTerminal: false,
    errIsTerminal: false,
    columns: () => null,
    environment,
    workingDirectory: join(directory, "here"),
    openDialog: () => null,
  };
  return {
    directory,
    environment,
    xdg: (project) => join(directory, "xdg/supervise", project, "control"),
    tmp: (project) => join(directory, `tmp/supervise-${uid}`, project, "control"),
    find: (options = {}) =>
      findSocket({ io, options, version: "0", runRoot: join(directory, "run") }),
  };
}

/** Something listens at this path until the test ends. */
async function listen(t: TestScope, path: string): Promise<string> {
  mkdirSync(dirname(path), { recursive: true });
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  atEnd(t, () => new Promise<void>((resolve) => server.close(() => resolve())));
  return path;
}

/** A socket that nothing listens on any more: a second name of one that was closed. */
async function leave(path: string): Promise<string> {
  mkdirSync(dirname(path), { recursive: true });
  const server = createServer();
  const aside = `${path}-aside`;
  await new Promise<void>((resolve) => server.listen(aside, resolve));
  linkSync(aside, path);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return path;
}

const configure = ({ directory }: Place, name: string): void =>
  writeFileSync(
    join(directory, "here/supervise.yaml"),
    `name: ${name}\nservices:\n  web: { command: [sleep, "1"] }\n`,
  );

const refusal =
  (message: string | RegExp, exitCode = 1) =>
  (error: unknown): boolean => {
    if (!(error instanceof CommandError)) throw error;
    equal(error.exitCode, exitCode);
    if (typeof message === "string") equal(error.message, message);
    else equal(message.test(error.message), true, error.message);
    return true;
  };

test("a socket that is named is taken as it is, relative to the working directory", async (t) => {
  const it = place(t);
  configure(it, PROJECT);
  await listen(t, it.xdg(PROJECT));
  equal(
    await it.find({ socket: "s", "runtime-dir": "run", "project-name": OTHER }),
    join(it.directory, "here/s"),
  );
  equal(await it.find({ socket: "/a/b" }), "/a/b");
});

test("a runtime directory that is named comes before the project", async (t) => {
  const it = place(t);
  configure(it, PROJECT);
  await listen(t, it.xdg(PROJECT));
  equal(
    await it.find({ "runtime-dir": "run", "project-name": OTHER }),
    join(it.directory, "here/run/control"),
  );
  equal(await it.find({ "runtime-dir": "/r" }), "/r/control");
});

test("a project that is named comes before the configuration here", async (t) => {
  const it = place(t);
  configure(it, PROJECT);
  await listen(t, it.xdg(PROJECT));
  const other = await listen(t, it.xdg(OTHER));
  equal(await it.find({ "project-name": OTHER }), other);
});

test("the configuration here names the project, though another runs", async (t) => {
  const it = place(t);
  configure(it, PROJECT);
  await listen(t, it.xdg(OTHER));
  const own = await listen(t, it.tmp(PROJECT));
  equal(await it.find(), own);
});

test("a configuration elsewhere that is named counts as one here", async (t) => {
  const it = place(t);
  writeFileSync(
    join(it.directory, "far.yaml"),
    `name: ${PROJECT}\nservices:\n  web: { command: [sleep, "1"] }\n`,
  );
  const own = await listen(t, it.xdg(PROJECT));
  await listen(t, it.xdg(OTHER));
  equal(await it.find({ file: ["../far.yaml"] }), own);
});

test("of a project that has no socket, the place where it would be is taken", async (t) => {
  const it = place(t);
  const first =
    uid === 0 ? join(it.directory, "run/supervise", PROJECT, "control") : it.xdg(PROJECT);
  equal(await it.find({ "project-name": PROJECT }), first);
});

test("of two sockets of one project the one that answers is taken, else the first", async (t) => {
  const it = place(t);
  const left = await leave(it.xdg(PROJECT));
  const second = await leave(it.tmp(OTHER));
  await leave(it.xdg(OTHER));
  equal(await it.find({ "project-name": OTHER }), it.xdg(OTHER));
  const live = await listen(t, it.tmp(PROJECT));
  equal(await it.find({ "project-name": PROJECT }), live);
  equal(left !== live && second !== live, true);
});

test("what is no socket, or a link to one, is not taken for a control socket", async (t) => {
  const it = place(t);
  mkdirSync(dirname(it.xdg(PROJECT)), { recursive: true });
  writeFileSync(it.xdg(PROJECT), "");
  const live = await listen(t, join(it.directory, "elsewhere"));
  mkdirSync(dirname(it.tmp(OTHER)), { recursive: true });
  symlinkSync(live, it.tmp(OTHER));
  const own = await listen(t, it.tmp(PROJECT));
  equal(await it.find({ "project-name": PROJECT }), own);
  equal((await it.find({ "project-name": OTHER })) === it.tmp(OTHER), false);
});

test("a configuration that was named and is not there is an error, whatever runs", async (t) => {
  const it = place(t);
  await listen(t, it.xdg(PROJECT));
  await rejects(
    it.find({ file: ["absent.yaml"] }),
    refusal("cannot tell the project: the configuration has mistakes", 78),
  );
});

test("a configuration with mistakes does not name the project", async (t) => {
  const it = place(t);
  await listen(t, it.xdg(PROJECT));
  writeFileSync(join(it.directory, "here/supervise.yaml"), "services: 3\n");
  await rejects(it.find(), refusal("cannot tell the project: the configuration has mistakes", 78));
  equal(await it.find({ "project-name": PROJECT }), it.xdg(PROJECT));
});

test("without configuration and without supervisor there is none to be found", async (t) => {
  await rejects(
    place(t).find(),
    refusal("cannot find a supervisor: no project runs, and there is no configuration here"),
  );
});

test("without configuration the only project that runs is meant", async (t) => {
  const it = place(t);
  await leave(it.xdg(OTHER));
  const own = await listen(t, it.tmp(PROJECT));
  equal(await it.find(), own);
});

test("without configuration one of several projects must be chosen", async (t) => {
  const it = place(t);
  await listen(t, it.xdg(OTHER));
  await listen(t, it.tmp(PROJECT));
  await rejects(it.find(), refusal(`cannot choose a supervisor: "${PROJECT}", "${OTHER}" run`));
});
