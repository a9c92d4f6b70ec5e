import assert from "node:assert/strict";
import { test } from "node:test";
import {
  proposalSource,
  proposalSources,
  proposeConfiguration,
  type Proposal,
  type ProposalRequest,
} from "@supervise/config";
import { good, loadFiles, loadText } from "./support/load.js";

const make = (
  file: string,
  text: string,
  more: Partial<ProposalRequest> = {},
): Promise<Proposal> => {
  const source = proposalSource(file);
  if (source === null) throw new Error(file);
  return proposeConfiguration({
    source,
    text,
    exists: () => false,
    environment: {},
    scripts: null,
    ...more,
  });
};

test("of each kind the first file counts", () => {
  const all = ["Procfile.dev", "compose.yml", "docker-compose.yml", "package.json"];
  assert.deepEqual(
    proposalSources((name) => all.includes(name)),
    [
      { kind: "procfile", file: "Procfile.dev" },
      { kind: "compose", file: "compose.yml" },
      { kind: "package", file: "package.json" },
    ],
  );
});

test("made from a Procfile, services are what the Procfile itself would give", async () => {
  const text = "web: serve -p $PORT && echo '$$' # x\nworker: work\n";
  const files = { "/app/.env": "A=1\nB=two" };
  const { text: made, services } = await make("Procfile.dev", text, {
    exists: (name) => name === ".env",
  });
  const itself = await loadFiles({ "/app/Procfile": text, ...files }, { files: ["Procfile"] });
  const written = await loadFiles({ "/app/supervise.yaml": made, ...files });
  assert.deepEqual(services, ["web", "worker"]);
  assert.deepEqual(
    good(written).services.map(({ process }) => process),
    good(itself).services.map(({ process }) => process),
  );
});

test("a mistake in a Procfile is told, and nothing is made", async () => {
  const { text, diagnostics } = await make("Procfile", "web x\n");
  assert.equal(text, "");
  assert.match(diagnostics[0]?.message ?? "", /a line must be "name: command"/);
});

test("what has a program is told apart from what has only an image", async () => {
  const { text, services, left } = await make(
    "compose.yaml",
    `services:
  web: { image: node, command: "npm start" }
  cache: { image: redis, entrypoint: redis-server, command: "--port 6379" }
  db: { image: "postgres:16" }
  api: { build: . }
  options: { image: postgres, command: ["-c", "fsync=off"] }
  empty: {}
`,
  );
  assert.deepEqual(services, ["web", "cache"]);
  assert.deepEqual(left, [
    "db is left out: it has no command, only the image postgres:16; what runs is written in its image",
    "api is left out: it has no command, only a build; what runs is written in its Dockerfile",
    "options is left out: its command has only options (-c); the program is written in its image",
    "empty is left out: it has no command",
  ]);
  for (const line of left) assert.ok(text.includes(`# ${line}\n`), line);
  const specs = good(await loadText(text)).services;
  assert.deepEqual(
    specs.map(({ process }) => process.command.words),
    [
      ["npm", "start"],
      ["redis-server", "--port", "6379"],
    ],
  );
});

test("what means the same here is taken over, and whatever does not is named", async () => {
  const { text } = await make(
    "compose.yaml",
    `x-usual: &usual { restart: unless-stopped, user: "1000" }
services:
  web:
    <<: *usual
    command: serve --port \${PORT:-3000}
    working_dir: /app/web
    volumes: [".:/app", "modules:/app/node_modules"]
    environment: ["DATABASE=postgres://u@db:5432/x", MODE=dbx]
    depends_on: { db: { condition: service_healthy }, job: { condition: service_completed_successfully } }
    healthcheck: { test: [CMD, curl, localhost], interval: 5s }
    stop_grace_period: 3s
    logging: { driver: json-file }
    ports: ["3000:3000"]
  job: { command: work, working_dir: /srv }
  db: { image: postgres }
volumes: { modules: {} }
`,
    { exists: (name) => name === "compose.override.yaml" },
  );
  for (const comment of [
    "# not taken over: volumes\n",
    "# compose.override.yaml is not read\n",
    "# not taken over: volumes, logging, ports, user\n",
    "# does not wait for db, which is left out\n",
    '# DATABASE names the host "db", which is 127.0.0.1 here\n',
    "# not taken over: working_dir\n",
  ])
    assert.ok(text.includes(comment), `${comment} in ${text}`);
  assert.ok(!text.includes("MODE names"));
  const [web, job] = good(await loadText(text)).services;
  assert.equal(job?.type, "oneshot", "web waits for its end");
  assert.equal(web?.process.workingDirectory, "/app/web");
  assert.deepEqual(web?.process.command.words, ["serve", "--port", "3000"]);
  assert.deepEqual(
    web?.dependencies.map(({ name, condition }) => [name, condition]),
    [["job", "service_completed_successfully"]],
  );
  assert.equal(web?.stop.gracePeriodMs, 3000);
  assert.equal(web?.restart.kind, "unless-stopped");
});

test("a value that only a variable makes right is taken over with the variable", async () => {
  const compose = "services: { web: { command: x, restart: $POLICY, scale: $COUNT } }";
  const { text } = await make("compose.yaml", compose, { environment: { POLICY: "always" } });
  assert.match(text, /restart: \$POLICY/);
  assert.match(text, /# not taken over: scale\n/);
});

test("nothing in a value ends its comment", async () => {
  const { text } = await make(
    "package.json",
    JSON.stringify({ scripts: { dev: "x\nservices: { evil: { command: y } }" } }),
  );
  assert.deepEqual(
    good(await loadText(text)).services.map(({ name }) => name),
    ["dev"],
  );
});

for (const [scripts, expected] of [
  [["build", "start", "dev"], ["dev"]],
  [
    ["dev:web", "dev:api", "start"],
    ["dev-web", "dev-api"],
  ],
  [["test"], []],
] as const)
  test(`of the scripts ${scripts.join(", ")} these are to run: ${expected.join(", ")}`, async () => {
    const all = Object.fromEntries(scripts.map((name) => [name, "x"]));
    const { services } = await make("package.json", JSON.stringify({ scripts: all }));
    assert.deepEqual(services, expected);
  });

for (const [more, lock, manager] of [
  [{}, "", "npm"],
  [{}, "yarn.lock", "yarn"],
  [{ packageManager: "pnpm@9.1.0" }, "yarn.lock", "pnpm"],
  [{ packageManager: "other" }, "bun.lock", "bun"],
] as const)
  test(`scripts are run by ${manager} with ${JSON.stringify(more)} and ${lock || "no lock file"}`, async () => {
    const { text } = await make(
      "package.json",
      JSON.stringify({ ...more, scripts: { dev: "x" } }),
      {
        exists: (name) => name === lock,
      },
    );
    assert.deepEqual(good(await loadText(text)).services[0]?.process.command.words, [
      manager,
      "run",
      "dev",
    ]);
  });

for (const [what, text, scripts] of [
  ["no JSON", "{", null],
  ["no object", "[]", null],
  ["a script that is not there", '{"scripts":{"a":"x"}}', ["b"]],
  ["two scripts that would be one service", '{"scripts":{"a:b":"x","a-b":"y"}}', ["a:b", "a-b"]],
] as const)
  test(`${what} is a mistake in package.json`, async () => {
    const proposal = await make("package.json", text, { scripts });
    assert.equal(proposal.text, "");
    assert.equal(proposal.diagnostics.length, 1);
  });
