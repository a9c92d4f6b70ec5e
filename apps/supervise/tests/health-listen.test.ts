import { deepEqual, equal, match } from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { atEnd, until, type TestScope } from "@supervise/testkit";
import { finish, kill, project } from "./harness.js";
import { keep, needsInit } from "./keeper-harness.js";

const STAY = { command: ["sleep", "60"] };

/** A port that is taken until the test's end. */
async function takenPort(t: TestScope): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  atEnd(
    t,
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
      }),
  );
  return (server.address() as AddressInfo).port;
}

async function ask(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url, { headers: { connection: "close" } });
  return { status: response.status, text: await response.text() };
}

test("a kubelet is told 200 while nothing fails, then 503 and why, on loopback alone", async (t) => {
  const it = project(t, { web: STAY, later: { command: ["false"], restart: "no" } });
  const supervisor = await it.up({ words: ["--health-listen", "0", "web"] });
  const [, url = ""] = await supervisor.stdout.match(/Health is served on (\S+)/);
  match(url, /^http:\/\/127\.0\.0\.1:\d+\/v1\/health$/);
  deepEqual(await ask(url), { status: 200, text: '{"healthy":true,"failing":[]}\n' });
  equal((await ask(url.replace("/v1/health", "/metrics"))).status, 200);
  equal((await ask(url.replace("/v1/health", "/v1/services"))).status, 404);
  await it.run("start", "later");
  await supervisor.events.state("later", "failed");
  const { status, text } = await ask(url);
  equal(status, 503);
  match(text, /"name":"later","state":"failed"/);
  equal((await it.run("down")).code, 0);
});

test("a port that is taken ends the start with 1, before anything is started", async (t) => {
  const it = project(t, { web: STAY });
  const port = await takenPort(t);
  const taken = new RegExp(
    `cannot serve health on 127\\.0\\.0\\.1:${port}: address already in use \\(EADDRINUSE\\)`,
  );
  for (const words of [["up"], ["up", "-d"]]) {
    const { code, stdout, stderr } = await finish(
      it.begin([...words, "--health-listen", String(port)]),
    );
    equal(code, 1);
    match(stderr, taken);
    equal(stdout, "");
  }
});

test("under a keeper a port that is taken ends the init with 1", { skip: needsInit }, async (t) => {
  const it = project(t, { web: STAY });
  const kept = keep(t, it, { words: ["--health-listen", String(await takenPort(t))] });
  const { code, stderr } = await finish(kept);
  equal(code, 1);
  match(stderr, /EADDRINUSE/);
});

test(
  "under a keeper the port stays open, and who asks while no supervisor lives is answered by the next",
  { skip: needsInit },
  async (t) => {
    const it = project(t, { web: STAY });
    const kept = keep(t, it, { words: ["--health-listen", "127.0.0.1:0"] });
    const urlOf = async (): Promise<string> =>
      (await kept.stdout.match(/Health is served on (\S+)/))[1] ?? "";
    const url = await urlOf();
    equal((await ask(url)).status, 200);
    const dead = await kept.supervisor();
    kill(dead, "SIGSTOP");
    const asked = ask(url);
    await kept.crash("SIGKILL");
    equal((await asked).status, 200);
    equal(await urlOf(), url);
    await until(async () => (await it.client.service("web")).state === "up", { what: "web" });
    equal((await kept.end()).code, 0);
  },
);

test("what is no port is wrong usage", async (t) => {
  const it = project(t, { web: STAY });
  for (const place of ["x", "70000", "a:b:1", "[::1]", ":80"])
    equal((await finish(it.begin(["up", "--health-listen", place]))).code, 64, place);
});
