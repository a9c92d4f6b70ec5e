import { equal, match, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "node:test";
import { atEnd } from "@supervise/testkit";
import { COMMAND, descriptors, place } from "./harness.js";

test("a bad configuration is told whole, with exit code 78, and starts nothing", async (t) => {
  const it = place(t);
  it.configure("port = x", "bindd = 1");
  for (const words of [[], ["--foreground"], ["--check"]]) {
    const { code, stderr } = await it.run("--config", it.conf, ...words);
    equal(code, 78);
    equal(
      stderr,
      `daemond: cannot read "${it.conf}", line 1, column 8: port must be a number from 0 to 65535, found "x"
daemond: cannot read "${it.conf}", line 2, column 1: the key must be one of port, bind, pid_file, log, idle_timeout, found "bindd"; did you mean "bind"?
`,
    );
  }
  ok(!existsSync(it.log) && !existsSync(it.pidfile));
});

test("a named file that is missing is a mistake", async (t) => {
  const it = place(t);
  const { code, stderr } = await it.run("--config", `${it.conf}.x`);
  equal(code, 78);
  match(stderr, /^daemond: cannot read ".*\.x": no such file or directory \(ENOENT\)\n$/);
});

const wrong: readonly (readonly [readonly string[], RegExp])[] = [
  [["--confg", "x"], /^daemond: unknown option "--confg"; did you mean "--config"\?\nusage: /],
  [["x"], /^daemond: unexpected word "x"\n/],
  [["--config"], /^daemond: --config needs a file\n/],
  [["--foreground=1"], /^daemond: --foreground takes no value, found "1"\n/],
  [["--measure", "0"], /^daemond: --measure must be a number from 1 to 10000, found "0"\n/],
];
for (const [words, text] of wrong)
  test(`"${words.join(" ")}" is wrong usage`, async (t) => {
    const { code, stderr } = await place(t).run(...words);
    equal(code, 64);
    match(stderr, text);
  });

test("a start that fails is told at the starter's terminal and in the log", async (t) => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  atEnd(t, () => void holder.close());
  const address = holder.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const it = place(t);
  it.configure(`port = ${port}`);
  const { code, stderr } = await it.run("--config", it.conf);
  equal(code, 1);
  const message = `cannot listen on "127.0.0.1:${port}": address already in use (EADDRINUSE)`;
  match(stderr, new RegExp(`^daemond: ${message.replaceAll(/[.()]/g, "\\$&")}\n`));
  equal(it.rows().at(-1), message);
  ok(!existsSync(it.pidfile), "the pidfile is left");
});

test("a log in a missing directory keeps it from starting", async (t) => {
  const it = place(t);
  it.configure(`log = ${it.directory}/missing/d.log`);
  const { code, stderr } = await it.run("--config", it.conf);
  equal(code, 1);
  match(stderr, /^daemond: cannot open log ".*": no such file or directory \(ENOENT\)\n/);
});

test("in the foreground it stays in its session, at the descriptors that it was given", async (t) => {
  const it = place(t);
  const child = spawn(process.execPath, [COMMAND, "--config", it.conf, "--foreground"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  atEnd(t, async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL"))
      await once(child, "exit");
  });
  await it.row(/^ready: /);
  const pid = child.pid ?? 0;
  equal(readFileSync(it.pidfile, "utf8"), `${pid}\n`);
  const open = descriptors(pid);
  match(open.get(1) ?? "", /^(pipe|socket):/);
  equal([...open.values()].filter((what) => what === it.log).length, 1);
  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  equal(code, 0);
  equal(it.rows().at(-1)?.startsWith("shut down in "), true);
});

test("--measure prints the medians of its figures, with the values that they are to be near", async (t) => {
  const { code, stdout, stderr } = await place(t).run("--measure", "1");
  equal(code, 0, stderr);
  for (const figure of [
    "start to listening",
    "one request cycle",
    "SIGHUP to reloaded",
    "shutdown, as logged",
    "SIGTERM to the last row",
    "SIGTERM to exit",
  ])
    match(
      stdout,
      new RegExp(`^${figure} +\\d+\\.\\d{3} +\\d+\\.\\d{3} +\\d+\\.\\d{3} +\\d\\.\\d{3}$`, "m"),
    );
  match(stdout, /^idle Node, to exit +\d+\.\d{3} +\d+\.\d{3} +\d+\.\d{3}$/m);
});

test("the version is that of the manifest", async (t) => {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  const { stdout } = await place(t).run("--version");
  equal(stdout, `daemond ${String(Reflect.get(Object(manifest), "version"))}\n`);
});
