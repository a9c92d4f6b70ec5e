import { deepEqual, equal, match } from "node:assert/strict";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { ProjectStatus, ActionRequest, EventEntry, LogLine } from "@supervise/model";
import { atEnd, start, temporaryDirectory, until } from "@supervise/testkit";
import { COMMAND } from "./harness.js";
import { run, serviceStatus, serveTarget } from "./cli-run.js";

const TIME = "2026-01-02T03:04:05.000Z";
const event = (seq: number, service: string | null, message: string): EventEntry => ({
  seq,
  time: TIME,
  service,
  kind: "state",
  message,
  state: null,
  pid: null,
  run: null,
});
const line = (service: string, text: string, more: Partial<LogLine> = {}): LogLine => ({
  service,
  run: 1,
  stream: "stdout",
  seq: 1,
  time: TIME,
  text,
  partial: false,
  ...more,
});
async function* all<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
/** Goes on until it is aborted. */
async function* pending(signal: AbortSignal): AsyncGenerator<never> {
  yield* [];
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
}

test("status prints names alone, as lines and as JSON, and passes on what was asked", async (t) => {
  const asked: string[] = [];
  const socket = await serveTarget(t, {
    services: (names) => {
      asked.push(names.join(" "));
      return [serviceStatus("web-1"), serviceStatus("web-2")];
    },
  });
  deepEqual(await run(["status", "--socket", socket, "--names", "web*", "db"]), {
    code: 0,
    out: "web-1\nweb-2\n",
    err: "",
  });
  deepEqual(await run(["status", "--socket", socket, "--names", "--json"]), {
    code: 0,
    out: '{"names":["web-1","web-2"]}\n',
    err: "",
  });
  deepEqual(asked, ["web* db", ""]);
});

test("status is cut to the terminal's width, and only there", async (t) => {
  const socket = await serveTarget(t, {
    services: () => [serviceStatus("web", { reason: "x".repeat(200) })],
  });
  const columns = (): number => 80;
  const cut = await run(["status", "--socket", socket], { outIsTerminal: true, columns });
  equal(Math.max(...cut.out.split("\n").map(({ length }) => length)), 80);
  const whole = await run(["status", "--socket", socket], { columns });
  match(whole.out, /x{200}\n/);
});

test("why tells of every service that a pattern means", async (t) => {
  const socket = await serveTarget(t, {
    services: (names) => {
      deepEqual(names, ["web*"]);
      return [serviceStatus("web-1"), serviceStatus("web-2")];
    },
    why: (name) => [`service "${name}" is up`, "it is wanted up"],
  });
  const { code, out } = await run(["why", "--socket", socket, "web*"]);
  deepEqual(
    [code, out],
    [0, 'service "web-1" is up\nit is wanted up\n\nservice "web-2" is up\nit is wanted up\n'],
  );
  const json = await run(["why", "--socket", socket, "--json", "web*"]);
  deepEqual(JSON.parse(json.out), {
    services: ["web-1", "web-2"].map((name) => ({
      name,
      sentences: [`service "${name}" is up`, "it is wanted up"],
    })),
  });
});

test("events left out are counted, and do not count as events of the services asked for", async (t) => {
  const socket = await serveTarget(t, {
    services: () => [serviceStatus("web")],
    events: () =>
      all([
        event(1, "web", "one"),
        event(2, "db", "two"),
        event(3, null, "three"),
        event(7, "web", "seven"),
      ]),
  });
  deepEqual(await run(["events", "--socket", socket, "web"]), {
    code: 0,
    out: `${TIME} state         one\n${TIME} state         seven\n`,
    err: "supervise: 3 events were not read in time and are left out here\n",
  });
});

test("the first row of logs stands where those of longer names will, and lines left out are counted", async (t) => {
  const socket = await serveTarget(t, {
    project: () => PROJECT,
    services: () => [serviceStatus("db"), serviceStatus("cache")],
    logs: (query) => {
      deepEqual(query, { names: ["db", "cache"], lines: 3, follow: false });
      return all([line("db", "one"), line("cache", "two", { skipped: 12 })]);
    },
  });
  deepEqual(await run(["logs", "--socket", socket, "-n3", "db", "--", "cache"]), {
    code: 0,
    out: "db    | one\ncache | two\n",
    err: "supervise: 12 lines were not read in time and are left out here\n",
  });
});

test("an action ends with 1 where any outcome is not good, and says each", async (t) => {
  const requests: ActionRequest[] = [];
  const socket = await serveTarget(t, {
    act: (request) => {
      requests.push(request);
      const outcome = (name: string, ok: boolean, message: string) =>
        ({ type: "outcome", outcome: { name, ok, message, unchanged: false } }) as const;
      return all([
        outcome("web", true, "stopped"),
        outcome("db", false, "still running (pid 7)"),
        { type: "end", ok: false } as const,
      ]);
    },
  });
  const err = "supervise: db: still running (pid 7)\n";
  deepEqual(await run(["stop", "--socket", socket, "*"]), { code: 1, out: "web: stopped\n", err });
  deepEqual(await run(["restart", "--socket", socket, "-q", "*"]), { code: 1, out: "", err });
  const json = await run(["signal", "--socket", socket, "--json", "HUP", "web"]);
  deepEqual(
    [json.code, json.err, (JSON.parse(json.out) as { outcomes: unknown[] }).outcomes.length],
    [1, "", 2],
  );
  deepEqual(requests, [
    { action: "stop", names: ["*"], wait: true },
    { action: "restart", names: ["*"], wait: true },
    { action: "signal", names: ["web"], wait: true, signal: "HUP" },
  ]);
});

test("without a supervisor every verb that asks one ends with 1 and says how to start it", async (t) => {
  const socket = join(temporaryDirectory(t), "control");
  for (const words of [
    ["status"],
    ["ps"],
    ["logs"],
    ["events"],
    ["down"],
    ["reload"],
    ["why", "web"],
    ["wait"],
    ["stop", "web"],
    ["exec", "web", "env"],
  ]) {
    const { code, out, err } = await run([...words, "--socket", socket]);
    deepEqual([code, out], [1, ""], words.join(" "));
    match(
      err,
      /^supervise: cannot connect to control socket ".*": no such socket \(ENOENT\)\n {2}hint: /,
      words.join(" "),
    );
  }
});

test("a wait that is over at the first look asks for nothing more", async (t) => {
  const socket = await serveTarget(t, {
    services: () => [serviceStatus("web"), serviceStatus("db")],
    events: ({ follow }, signal) => (follow ? pending(signal) : all([])),
  });
  deepEqual(await run(["wait", "--socket", socket]), { code: 0, out: "web, db: ready\n", err: "" });
  deepEqual(await run(["wait", "--socket", socket, "-q", "--for", "up"]), {
    code: 0,
    out: "",
    err: "",
  });
  const { code, out } = await run(["wait", "--socket", socket, "--json", "--for", "healthy"]);
  const { goal, reached, services } = JSON.parse(out) as {
    goal: string;
    reached: boolean;
    services: { name: string }[];
  };
  deepEqual(
    [code, goal, reached, services.map(({ name }) => name)],
    [0, "healthy", true, ["web", "db"]],
  );
});

test("a wait misses nothing that happens between its first look and its ear for events", async (t) => {
  let looks = 0;
  const happened = [event(1, "web", "starting")];
  let told: () => void = () => undefined;
  const socket = await serveTarget(t, {
    services: () => {
      looks += 1;
      if (looks === 1) {
        // It becomes ready right after the first look, whether anybody listens yet or not.
        happened.push(event(2, "web", "ready"));
        told();
      }
      return [serviceStatus("web", { ready: looks > 1 })];
    },
    events: async function* events({ after, follow }, signal) {
      for (let read = after; ; read += 1) {
        while (read === happened.length) {
          if (!follow || signal.aborted) return;
          await new Promise<void>((resolve) => {
            told = resolve;
            signal.addEventListener("abort", () => resolve());
          });
        }
        yield* happened.slice(read, read + 1);
      }
    },
  });
  deepEqual(await run(["wait", "--socket", socket]), { code: 0, out: "web: ready\n", err: "" });
  equal(looks, 2);
});

test("a wait for what can't come any more ends at once with 1", async (t) => {
  const failed = serviceStatus("web", {
    state: "failed",
    ready: false,
    reason: "6 runs ended within 10 s",
  });
  const socket = await serveTarget(t, {
    services: () => [failed, serviceStatus("db", { ready: false })],
    events: ({ follow }, signal) => (follow ? pending(signal) : all([])),
  });
  deepEqual(await run(["wait", "--socket", socket]), {
    code: 1,
    out: "",
    err: 'supervise: service "web" cannot become ready any more: it is failed: 6 runs ended within 10 s\n',
  });
});

test("a wait with a time limit ends with 1 and says what is still open", async (t) => {
  const socket = await serveTarget(t, {
    services: () => [
      serviceStatus("web"),
      serviceStatus("db", { state: "starting", ready: false, reason: "run 3" }),
    ],
    events: ({ follow }, signal) => (follow ? pending(signal) : all([])),
  });
  deepEqual(await run(["wait", "--socket", socket, "-t", "1s"]), {
    code: 1,
    out: "",
    err: 'supervise: service "db" is not ready in time: it is starting: run 3\n',
  });
  const { code, out } = await run(["wait", "--socket", socket, "-t", "1.5s", "--json"]);
  deepEqual([code, (JSON.parse(out) as { reached: boolean }).reached], [1, false]);
});

test("a wait with a time limit does not hang on a supervisor that hangs", async (t) => {
  const path = join(temporaryDirectory(t), "control");
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  atEnd(t, () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  deepEqual(await run(["wait", "--socket", path, "-t", "30ms"]), {
    code: 1,
    out: "",
    err: 'supervise: cannot wait for "ready": the supervisor did not answer in time\n',
  });
  await until(() => sockets.length, { is: (count) => count === 1, what: "its one connection" });
});

test("a supervisor that ends has everything down, and nothing else is reached any more", async (t) => {
  const socket = await serveTarget(t, {
    services: () => [serviceStatus("web", { state: "stopping", ready: false })],
    events: () => all([]),
  });
  deepEqual(await run(["wait", "--socket", socket, "--for", "down"]), {
    code: 0,
    out: "web: down\n",
    err: "",
  });
  deepEqual(await run(["wait", "--socket", socket, "--for", "ready"]), {
    code: 1,
    out: "",
    err: 'supervise: cannot wait for "ready": the supervisor has ended\n',
  });
});

test("a supervisor that ends between an event and the look after it has everything down all the same", async (t) => {
  let end: () => Promise<void> = () => Promise.resolve();
  let look: () => void = () => undefined;
  const looked = new Promise<void>((resolve) => (look = resolve));
  const socket = await serveTarget(
    t,
    {
      services: () => {
        look();
        return [serviceStatus("web", { state: "stopping", ready: false })];
      },
      events: async function* events({ follow }) {
        if (!follow) return;
        await looked;
        // No new connection is taken from here on; this stream ends in good order.
        void end();
        yield event(2, "web", "down");
      },
    },
    (close) => (end = close),
  );
  const waited = await run(["wait", "--socket", socket, "--for", "down"]);
  deepEqual(waited, { code: 0, out: "web: down\n", err: "" });
});

const PROJECT: ProjectStatus = {
  name: "shop",
  pid: process.pid,
  version: "0",
  startedAt: "2026-01-02T03:04:05.000Z",
  generation: 1,
  runtimeDirectory: null,
  configurationFiles: [],
  shuttingDown: false,
  keeperPid: null,
};

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  test(`${signal} ends a follower with ${code}, and not the supervisor`, async (t) => {
    const socket = await serveTarget(t, {
      project: () => PROJECT,
      services: () => [serviceStatus("web")],
      logs: async function* logs(_, abort) {
        yield line("web", "first");
        yield* pending(abort);
      },
    });
    const follower = start(t, process.execPath, [COMMAND, "logs", "-f", "--socket", socket]);
    equal(await follower.stdout.next(), "web | first");
    process.kill(follower.pid, signal);
    equal((await follower.exit()).code, code);
    equal((await run(["status", "--names", "--socket", socket])).out, "web\n");
  });
}
