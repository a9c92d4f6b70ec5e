import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultFiles } from "@supervise/config";
import type { LoadRequest } from "@supervise/config";
import { isProcfile } from "#config/procfile.js";
import { good, loadFiles, messages } from "./support/load.js";

const loadProcfile = (
  text: string,
  files: Record<string, string> = {},
  options: Partial<LoadRequest> = {},
): ReturnType<typeof loadFiles> =>
  loadFiles({ "/app/Procfile": text, ...files }, { files: ["Procfile"], ...options });

const ports = async (
  ...[text, files, options]: Parameters<typeof loadProcfile>
): Promise<unknown[]> =>
  good(await loadProcfile(text, files, options)).services.map(({ name, process }) => [
    name,
    process.environment["PORT"],
  ]);

test("each line is a service whose command a shell runs, as it is written", async () => {
  const result = await loadProcfile(
    '# all of it\nweb: node server.js -p $PORT  \n\nworker_1:echo "a: b" | cat # not a comment here\r\n',
  );
  const [web, worker] = good(result).services;
  assert.equal(good(result).services.length, 2);
  assert.deepEqual(web?.process.command.words, ["/bin/sh", "-c", "node server.js -p $PORT"]);
  assert.deepEqual(worker?.process.command.words, [
    "/bin/sh",
    "-c",
    'echo "a: b" | cat # not a comment here',
  ]);
  assert.deepEqual(web?.restart, { kind: "no" });
  assert.equal(web?.process.workingDirectory, "/app");
});

test("bad lines are all named, with what was found", async () => {
  const result = await loadProcfile("web: x\nno command\nweb: y\n: z\nworker:\n");
  assert.deepEqual(messages(result), [
    'cannot read "Procfile", line 2, column 1: a line must be "name: command", found "no command"',
    'cannot read "Procfile", line 3, column 1: the process type "web" stands twice',
    'cannot read "Procfile", line 4, column 1: a line must be "name: command", found ": z"',
    'cannot read "Procfile", line 5, column 1: a line must be "name: command", found "worker:"',
  ]);
});

test("an empty Procfile has no services", async () => {
  assert.deepEqual(messages(await loadProcfile("# nothing\n")), [
    'cannot read "Procfile", line 1, column 1: there are no services\n  hint: services: is a map from names to what they run',
  ]);
});

test("PORT is 5000, and 100 more for each process type", async () => {
  assert.deepEqual(await ports("a: x\nb: x\nc: x"), [
    ["a", "5000"],
    ["b", "5100"],
    ["c", "5200"],
  ]);
});

test("the base of PORT: asked for, else from .env, else from the environment", async () => {
  const environment = { PORT: "7000" };
  const files = { "/app/.env": "PORT=8000" };
  assert.deepEqual(await ports("a: x", {}, { environment }), [["a", "7000"]]);
  assert.deepEqual(await ports("a: x", files, { environment }), [["a", "8000"]]);
  assert.deepEqual(await ports("a: x", files, { environment, portBase: 9000 }), [["a", "9000"]]);
});

test("a PORT that is none is refused", async () => {
  for (const PORT of ["x", "0", "65500", "1.5"]) {
    const result = await loadProcfile("a: x", {}, { environment: { PORT } });
    assert.deepEqual(messages(result), [
      `cannot read "/app": PORT must be a port that leaves room for 100 ports for each process type, found "${PORT}"`,
    ]);
  }
});

test(".env is the environment of a Procfile's processes, over the supervisor's own", async () => {
  const result = await loadProcfile(
    "a: x",
    { "/app/.env": "A=1\nPORT=6000" },
    { environment: { A: "outer" } },
  );
  assert.deepEqual(good(result).services[0]?.process.environment, { A: "1", PORT: "6000" });
});

test("a YAML file merged over it adds what a Procfile cannot say, and replicas count their ports on", async () => {
  const files = {
    "/app/more.yaml":
      "services: { a: { scale: 2, restart: always }, b: { environment: { PORT: 80 }, scale: 2 } }",
  };
  const result = await loadProcfile("a: x\nb: y", files, { files: ["Procfile", "more.yaml"] });
  assert.deepEqual(
    good(result).services.map(({ name, process, restart }) => [
      name,
      process.environment["PORT"],
      restart.kind,
    ]),
    [
      ["a-1", "5000", "always"],
      ["a-2", "5001", "always"],
      ["b-1", "80", "no"],
      ["b-2", "80", "no"],
    ],
  );
});

for (const [path, text, expected] of [
  ["Procfile", "services: {}", true],
  ["Procfile.dev", "", true],
  ["x/my.procfile", "", true],
  ["Procfile.yaml", "web: x", false],
  ["supervise.yaml", "web: x", false],
  ["supervise.yml", "web: x", false],
  ["processes", "web: node x.js\n# c\n\nworker: y", true],
  ["processes", "services:\n  web: { command: x }", false],
  ["processes", "", false],
] as const) {
  test(`${path} with ${JSON.stringify(text)} is ${expected ? "a" : "no"} Procfile`, () =>
    assert.equal(isProcfile(path, text), expected));
}

test("without -f the first of supervise.yaml, supervise.yml and Procfile is taken", () => {
  const existing = new Set<string>();
  const look = (directory: string): readonly string[] =>
    defaultFiles(directory, (path) => existing.has(path));
  assert.deepEqual(look("/app"), []);
  existing.add("/app/Procfile");
  assert.deepEqual(look("/app"), ["/app/Procfile"]);
  existing.add("/app/supervise.yml");
  assert.deepEqual(look("/app"), ["/app/supervise.yml"]);
  existing.add("/app/supervise.yaml");
  assert.deepEqual(look("/app/"), ["/app/supervise.yaml"]);
});
