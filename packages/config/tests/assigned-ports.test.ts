import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadRequest } from "@supervise/config";
import { good, loadFiles, loadText, messages } from "./support/load.js";

const portsOf = async (
  text: string,
  files: Record<string, string> = {},
  options: Partial<LoadRequest> = {},
): Promise<unknown[]> =>
  good(await loadFiles({ "/app/supervise.yaml": text, ...files }, options)).services.map(
    ({ name, process }) => [name, process.environment["PORT"]],
  );

test("only who asks for a port is given PORT", async () => {
  assert.deepEqual(
    await portsOf("services: { a: { command: x }, b: { command: x, port: 8000 } }"),
    [
      ["a", undefined],
      ["b", "8000"],
    ],
  );
});

test("with auto they are numbered as a Procfile's process types, and replicas count on", async () => {
  const text =
    "services: { a: { command: x, port: auto }, b: { command: x }, c: { command: x, port: auto, scale: 2 } }";
  assert.deepEqual(await portsOf(text), [
    ["a", "5000"],
    ["b", undefined],
    ["c-1", "5100"],
    ["c-2", "5101"],
  ]);
  const environment = { PORT: "7000" };
  assert.deepEqual((await portsOf(text, {}, { environment }))[0], ["a", "7000"]);
  assert.deepEqual((await portsOf(text, { "/app/.env": "PORT=8000" }, { environment }))[0], [
    "a",
    "8000",
  ]);
});

test("it wins over env_file, and environment over it", async () => {
  const files = { "/app/web.env": "PORT=1" };
  const web = (more: string): string =>
    `services: { web: { command: x, env_file: web.env, port: 8000${more} } }`;
  assert.deepEqual(await portsOf(web(""), files), [["web", "8000"]]);
  assert.deepEqual(await portsOf(web(", environment: { PORT: 2 }"), files), [["web", "2"]]);
});

test("merged over a Procfile it gives a process type another port; the others keep theirs", async () => {
  const result = await loadFiles(
    {
      "/app/Procfile": "a: x\nb: x",
      "/app/more.yaml":
        "services: { a: { port: 80, scale: 2 }, b: { port: auto }, c: { command: x, port: auto } }",
    },
    { files: ["Procfile", "more.yaml"] },
  );
  assert.deepEqual(
    good(result).services.map(({ name, process }) => [name, process.environment["PORT"]]),
    [
      ["a-1", "80"],
      ["a-2", "81"],
      ["b", "5100"],
      ["c", "5200"],
    ],
  );
});

test("what is no port is refused, and so is one without room for all replicas", async () => {
  for (const port of ["0", "65536", "any", "1.5"])
    assert.deepEqual(messages(await loadText(`services: { a: { command: x, port: ${port} } }`)), [
      `cannot read "supervise.yaml", line 1, column 36: port must be auto or a port from 1 to 65535, found ${port === "any" ? '"any"' : port}`,
    ]);
  assert.deepEqual(
    messages(await loadText("services: { a: { command: x, port: 65535, scale: 2 } }")),
    [
      'cannot read "supervise.yaml", line 1, column 36: port 65535 leaves no room for 2 replicas, each with a port of its own',
    ],
  );
});
