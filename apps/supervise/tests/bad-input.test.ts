import { equal, match, ok } from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { atEnd, isAlive, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { identity, project, type Project } from "./harness.js";

const STAY = { command: ["sleep", "60"] };

test("a spawn that fails says stage and cause, and the others go on", async (t) => {
  const it = project(t, {
    stay: STAY,
    missing: { command: ["/no/such/command"] },
    nowhere: { ...STAY, working_dir: "/no/such/directory" },
    plain: { command: ["./plain"] },
    folder: { command: ["/etc"] },
    user: { ...STAY, user: "nosuchuser" },
    group: { ...STAY, group_add: ["nosuchgroup"] },
    interpreter: { command: ["./interpreter"] },
    long: { command: ["true", "x".repeat(200_000)] },
  });
  writeFileSync(join(it.directory, "plain"), "text");
  writeFileSync(join(it.directory, "interpreter"), "#!/no/such/interpreter\n", { mode: 0o755 });
  const { events } = await it.up();
  await events.state("stay", "up");
  const expected = {
    missing: /"\/no\/such\/command".*no such.*\(ENOENT\)/,
    nowhere: /"\/no\/such\/directory".*no such.*\(ENOENT\)/,
    plain: /plain".*\(EACCES\)/,
    folder: /"\/etc".*\(EACCES\)/,
    user: /nosuchuser/,
    group: /nosuchgroup/,
    interpreter: /interpreter.*\((ENOENT|ENOEXEC)\)/,
    long: /\(E2BIG\)/,
  };
  for (const [name, pattern] of Object.entries(expected)) {
    await events.state(name, "failed");
    const { stdout } = await it.run("why", name);
    match(stdout, pattern, name);
  }
  equal((await it.client.service("stay")).state, "up");
});

test(
  "a runtime directory that cannot be written is refused with its cause",
  { skip: process.getuid?.() === 0 ? false : "needs root for a file in the way" },
  async (t) => {
    const it = project(t, { web: STAY });
    writeFileSync(join(it.directory, "file"), "");
    for (const place of ["file", "file/below", "/proc/supervise"]) {
      const { code, stderr } = await it.run("up", "--runtime-dir", place);
      equal(code, 1);
      match(
        stderr,
        /cannot use runtime directory ".*": .* \((ENOTDIR|EEXIST|ENOENT|EROFS|EACCES|EPERM)\)/,
        place,
      );
    }
  },
);

test(
  "without a writable place it runs without files, and ends cleanly",
  { skip: process.getuid?.() === 0 ? false : "only root can become another user" },
  async (t) => {
    const it = project(t, { web: { command: ["sh", "-c", "echo hello; exec sleep 60"] } });
    chmodSync(it.directory, 0o755);
    mkdirSync(join(it.directory, "closed"), { mode: 0o755 });
    const { start } = await import("@supervise/testkit");
    const { COMMAND } = await import("./harness.js");
    const closed = join(it.directory, "closed");
    const supervisor = start(
      t,
      "setpriv",
      [
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        process.execPath,
        COMMAND,
        "up",
        "--file",
        it.file,
      ],
      {
        cwd: it.directory,
        env: { PATH: process.env["PATH"], HOME: closed, TMPDIR: closed, XDG_RUNTIME_DIR: closed },
      },
    );
    await supervisor.stdout.match(/hello/);
    process.kill(supervisor.pid, "SIGTERM");
    equal((await supervisor.exit()).code, 0);
  },
);

async function answerTo(t: TestScope, it: Project, bytes: string | Buffer): Promise<string> {
  const socket = connect(join(it.runtimeDirectory, "control"));
  atEnd(t, () => void socket.destroy());
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
  socket.on("error", () => {});
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write(bytes);
  await ended;
  return answer;
}

test("garbage on the control socket is answered or cut, and the supervisor goes on", async (t) => {
  const it = project(t, { web: STAY });
  const { events } = await it.up();
  await events.state("web", "up");
  const web = identity(await it.pid("web"));
  match(await answerTo(t, it, "hello\r\n\r\n"), /^HTTP\/1\.1 400 |^$/);
  match(
    await answerTo(t, it, Buffer.from([0, 255, 1, 2, 10, 13, 10, 13, 10])),
    /^HTTP\/1\.1 400 |^$/,
  );
  match(
    await answerTo(t, it, `GET /${"x".repeat(100_000)} HTTP/1.1\r\n\r\n`),
    /^HTTP\/1\.1 4\d\d |^$/,
  );
  match(
    await answerTo(
      t,
      it,
      "POST /v1/actions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\n{bad}",
    ),
    /^HTTP\/1\.1 400 [\s\S]*bad-json|JSON/,
  );
  match(
    await answerTo(
      t,
      it,
      'POST /v1/actions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 34\r\n\r\n{"action":"explode","names":["we"]}',
    ),
    /^HTTP\/1\.1 4\d\d /,
  );
  match(
    await answerTo(t, it, "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    /^HTTP\/1\.1 404 /,
  );
  equal(identity(await it.pid("web")), web);
});

test("a client that hangs in the middle of a request holds up nobody", async (t) => {
  const it = project(t, { web: STAY });
  const { events } = await it.up();
  await events.state("web", "up");
  const sockets = Array.from({ length: 20 }, () => connect(join(it.runtimeDirectory, "control")));
  atEnd(t, () => sockets.forEach((socket) => socket.destroy()));
  for (const socket of sockets) {
    socket.on("error", () => {});
    socket.write("POST /v1/actions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
  }
  equal((await it.run("stop", "web")).code, 0);
  equal((await it.run("down")).code, 0);
});

test("without free descriptors a start backs off and is made good once there are some; the others go on", async (t) => {
  const it = project(t, {
    stay: STAY,
    ...Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`s${index}`, { ...STAY, restart_delay: "100ms" }]),
    ),
  });
  const supervisor = await it.up({ through: ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"] });
  const backoff = await supervisor.events.find(
    "a start that backs off",
    (entry) => entry.state === "backoff",
  );
  const name = backoff.service ?? "";
  match((await it.run("why", name)).stdout, /EMFILE/);
  const stay = identity(await it.pid("stay"));
  // Others make room.
  const running = (await it.client.services([]))
    .filter(({ state, name: one }) => state === "up" && one !== "stay")
    .map(({ name: one }) => one);
  equal((await it.run("stop", ...running.slice(0, 5))).code, 0);
  await supervisor.events.find(
    "the start to be made good",
    (entry) => entry.state === "up" && entry.seq > backoff.seq,
  );
  equal(identity(await it.pid("stay")), stay);
  equal((await it.run("down")).code, 0);
});

test("a service that writes nothing and one that dies at once for ever leave the others alone", async (t) => {
  const it = project(t, {
    stay: STAY,
    mute: { command: ["sh", "-c", "exec >&- 2>&-; exec sleep 60"] },
    dies: { command: ["false"], restart: "always", restart_delay: "1ms" },
  });
  const { events } = await it.up();
  await events.find("the tenth run", (entry) => entry.service === "dies" && (entry.run ?? 0) >= 10);
  equal((await it.client.service("stay")).state, "up");
  equal((await it.client.service("mute")).state, "up");
  const stop = await it.run("stop", "dies");
  equal(stop.code, 0);
  equal((await it.client.service("dies")).state, "down");
});

test("a missing or unreadable configuration is said with its name", async (t) => {
  const it = project(t, { web: STAY });
  const missing = await it.run("up", "--file", "nothing.yaml");
  equal(missing.code, 78);
  match(missing.stderr, /"nothing\.yaml".*no such file.*\(ENOENT\)/);
  it.write({ web: { ...STAY, env_file: "nothing.env" } });
  const variables = await it.run("up");
  equal(variables.code, 78);
  match(variables.stderr, /nothing\.env.*ENOENT/);
  ok(!existsSync(join(it.runtimeDirectory, "control")));
  ok(isAlive(process.pid));
  await until(() => it.processes().length === 0, { what: "nothing to run" });
});
