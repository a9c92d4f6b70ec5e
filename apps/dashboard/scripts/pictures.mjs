// Makes what docs/dashboard.md shows: the pictures of a real run, as text and as SVG, and the table of all keys; and the picture of the screen of `supervise up`. It starts a
// supervisor of its own with a few services in a terminal, opens the built dashboard in another, presses keys, and takes what a screen model shows.
//
//   node apps/dashboard/scripts/pictures.mjs [--keys]     --keys: the table alone
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createScreenModel } from "@supervise/testkit";
import { keyTable } from "../dist/view/key-table.js";
import { screenPicture } from "./screen-picture.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = join(root, "docs/dashboard.md");
const command = join(root, "apps/supervise/bin/supervise.js");
/** A screen that has not come by then never will, in milliseconds. */
const limitMs = 15_000;

const configuration = `name: shop
services:
  migrate: { type: oneshot, command: [/bin/true] }
  cache:
    command: [node, -e, 'require("node:net").createServer(() => {}).listen(16380)']
    depends_on: { migrate: { condition: service_completed_successfully } }
  web:
    command: 'i=0; while :; do i=$$((i+1)); echo "GET /cart $$i 200 [{bold}日本語{/bold}]"; [ $$((i % 7)) = 0 ] && echo "slow query: 31$$i ms" >&2; sleep 0.5; done'
    shell: true
    environment: { MODE: production, DB_PASSWORD: hunter2 }
    depends_on: { cache: { condition: service_started } }
  worker: { command: [sleep, "600"], scale: 2 }
  crash: { command: 'echo reading the queue; sleep 3; echo "no route to the queue" >&2; exit 3', shell: true, restart: on-failure, restart_delay: 8s }
  mailer: { command: [/bin/false], restart: on-failure, restart_delay: 1m }
  report: { command: [sleep, "5"], depends_on: { import: { condition: service_completed_successfully } } }
  import: { type: oneshot, command: [sleep, "600"] }
`;

/** Name, size, keys, and what must stand on the screen then. */
const pictures = [
  { name: "overview", columns: 80, rows: 24, keys: "Gkk", shows: /web {2}U up for/ },
  { name: "descriptors", columns: 150, rows: 46, keys: "l2", shows: /tcp .*:16380 listen/ },
  { name: "logs", columns: 100, rows: 24, keys: "Gkk8\tz/slow\r", shows: /search "slow"/ },
  { name: "history", columns: 100, rows: 24, keys: "j7", shows: /run 1 .*ended/ },
  { name: "environment", columns: 100, rows: 30, keys: "Gkk5", shows: /supervise.yaml:\d+ +MODE/ },
  { name: "dependencies", columns: 100, rows: 24, keys: "Gkkk9", shows: /import .*blocks/ },
  { name: "changes", columns: 100, rows: 24, keys: "E", shows: /apply the edit/ },
];

/** Those that stand on the page as text, too. */
const INLINE = new Set(["overview", "descriptors", "logs", "changes"]);

/** The edit of the picture "changes". */
const edit = `#!/bin/sh
sed -i 's/MODE: production/MODE: staging/; s/scale: 2/scale: 3/; s/restart_delay: 1m/restart_delay: 30s/' "$1"
`;

if (!process.argv.includes("--keys")) await takePictures();
replace("keys", keyTable());

async function takePictures() {
  const directory = mkdtempSync(join(tmpdir(), "shop-"));
  const file = join(directory, "supervise.yaml");
  writeFileSync(file, configuration);
  const editor = join(directory, "editor");
  writeFileSync(editor, edit, { mode: 0o755 });
  const env = {
    PATH: `/usr/local/bin:/usr/bin:/bin:${dirname(process.execPath)}`,
    HOME: directory,
    XDG_CACHE_HOME: directory,
    SUPERVISE_INIT: "",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    VISUAL: editor,
  };
  const run = join(directory, "run");
  const [columns, rows] = [100, 24];
  const up = open(["up", "-f", file, "--runtime-dir", run], { columns, rows, env, directory });
  try {
    await until(up.screen, /web +up/);
    for (const picture of pictures) await take(picture, join(run, "control"), env);
    await until(up.screen, /report waits for import/);
    draw("up", up.screen, columns, rows);
  } finally {
    up.terminal.stdin.write("q");
    await once(up.terminal, "exit");
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The command in a terminal of its own, and what that shows. */
function open(words, { columns, rows, env, directory }) {
  const screen = createScreenModel(columns, rows);
  const terminal = spawn(
    join(root, "packages/testkit/build/in-terminal"),
    [String(columns), String(rows), process.execPath, command, ...words],
    { stdio: ["pipe", "pipe", "ignore", "pipe"], env, cwd: directory },
  );
  terminal.stdout.setEncoding("utf8").on("data", (text) => screen.write(text));
  return { screen, terminal };
}

function draw(name, screen, columns, rows) {
  writeFileSync(join(root, "docs/pictures", `${name}.svg`), screenPicture(screen, columns, rows));
}

async function take({ name, columns, rows, keys, shows }, socket, env) {
  const words = ["dashboard", "--socket", socket];
  const { screen, terminal } = open(words, { columns, rows, env, directory: tmpdir() });
  await until(screen, /web +U up/);
  for (const key of keys) {
    terminal.stdin.write(key);
    await delay(300);
  }
  await until(screen, shows);
  // A second look brings the measured values.
  await delay(2_500);
  if (INLINE.has(name)) replace(name, `\`\`\`text\n${screen.lines().join("\n")}\n\`\`\``);
  draw(`dashboard-${name}`, screen, columns, rows);
  // Whatever lies over the panes closes first.
  terminal.stdin.write("n");
  await delay(300);
  terminal.stdin.write("q");
  await once(terminal, "exit");
}

async function until(screen, pattern) {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    if (pattern.test(screen.lines().join("\n"))) return;
    await delay(50);
  }
  throw new Error(`${pattern} did not come:\n${screen.lines().join("\n")}`);
}

/** Puts a text between its two marks on the page. */
function replace(name, text) {
  const before = readFileSync(page, "utf8");
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [start, stop] = [before.indexOf(begin), before.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`docs/dashboard.md lacks "${begin}"`);
  writeFileSync(page, `${before.slice(0, start)}${begin}\n\n${text}\n\n${before.slice(stop)}`);
}
