import { deepEqual, equal, match } from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "@supervise/testkit";
import { assertLeft, atPrompt, attachTo, LEAVE, SHELL } from "./attach-harness.js";
import { environmentOf, gone, project } from "./harness.js";

function absent(...programs: readonly string[]): string | false {
  const path = (process.env["PATH"] ?? "").split(":");
  const missing = programs.find((name) => !path.some((folder) => existsSync(join(folder, name))));
  return missing === undefined ? false : `${missing} is not installed`;
}

test("a REPL of Node completes words and keeps its history", async (t) => {
  // Without its previews, which show what is not typed yet.
  const program = 'require("node:repl").start({ prompt: "> ", preview: false });';
  const it = project(t, { repl: { command: [process.execPath, "-e", program], tty: true } });
  await it.up();
  const shown = attachTo(t, it, ["repl"]);
  await shown.shows(/leaves it/);
  shown.type("1+1\r");
  await shown.sees(/^2$/m);
  shown.type("proces");
  await shown.sees(/> proces$/m);
  // By itself: a tab among others is taken for pasted text.
  shown.type("\t");
  await shown.sees(/> process$/m);
  shown.type(".title\r");
  await shown.sees(/> process\.title\n'.*node.*'/);
  shown.type("\x1b[A\x1b[A\r");
  await shown.sees((rows) => rows.filter((row) => row === "2").length === 2);
  shown.type(".exit\r");
  await assertLeft(shown, 0);
});

test(
  "a REPL of Python reads several lines, and Ctrl-C interrupts it",
  { skip: absent("python3") },
  async (t) => {
    const it = project(t, { repl: { command: ["python3", "-q"], tty: true } });
    await it.up();
    const shown = attachTo(t, it, ["repl"]);
    await shown.shows(/leaves it/);
    shown.type("for n in range(2):\r");
    await shown.sees(/^\.\.\. *$/m);
    shown.type("  print(n + 40)\r\r");
    await shown.sees(/^40\n41\n>>>/m);
    // It is in the loop, and has read all that was typed, once it says so.
    shown.type("while not print('looping'): __import__('time').sleep(60)\r\r");
    await shown.sees(/^looping$/m);
    shown.type("\x03");
    await shown.sees(/^KeyboardInterrupt\n>>>/m);
    shown.type("raise SystemExit(4)\r");
    await assertLeft(shown, 4);
  },
);

test(
  "a pager draws anew for each who attaches, in their size",
  { skip: absent("less") },
  async (t) => {
    const it = project(t, { pager: { command: ["less", "text"], tty: true } });
    const lines = Array.from({ length: 200 }, (_, at) => `line ${at + 1}`);
    writeFileSync(join(it.directory, "text"), `${lines.join("\n")}\n`);
    await it.up();
    const one = attachTo(t, it, ["pager"], { columns: 60, rows: 12 });
    await one.sees(
      (rows) => rows[0] === "line 1" && rows[10] === "line 11" && rows[11] !== "line 12",
    );
    one.type("G");
    await one.sees((rows) => rows[10] === "line 200");
    const other = attachTo(t, it, ["pager"], { columns: 60, rows: 12 });
    await other.sees((rows) => rows.includes("line 200"));
    other.type(LEAVE);
    await assertLeft(other, 0);
    one.type("q");
    equal((await one.exit()).code, 0);
    equal(await one.restored(), true);
  },
);

test(
  "an editor writes a file, and its end restores the terminal",
  { skip: absent("vi") },
  async (t) => {
    const it = project(t, {
      editor: { command: ["vi", "-u", "NONE", "-i", "NONE", "file"], tty: true },
    });
    await it.up();
    const shown = attachTo(t, it, ["editor"], { columns: 50, rows: 10 });
    await shown.sees(/~\n~\n~/);
    shown.type("ione\rtwo\x1b");
    await shown.sees(/^one\ntwo\n~/);
    shown.type("ggdd:wq\r");
    await assertLeft(shown, 0);
    equal(readFileSync(join(it.directory, "file"), "utf8"), "two\n");
  },
);

test("TERM names a terminal, and nothing else of another one's is inherited", async (t) => {
  const it = project(t, {
    plain: { command: ["cat"], tty: true },
    own: { command: ["cat"], tty: true, environment: { TERM: "vt100" } },
    none: { command: ["cat"], stdin_open: true },
  });
  await it.up({ env: { ...it.environment, TERM: "dumb", COLUMNS: "10", LINES: "5" } });
  const variables = async (name: string): Promise<readonly string[]> =>
    environmentOf(await it.pid(name))
      .filter((one) => /^(TERM|COLUMNS|LINES)=/.test(one))
      .toSorted();
  deepEqual(await variables("plain"), ["TERM=xterm-256color"]);
  deepEqual(await variables("own"), ["TERM=vt100"]);
  deepEqual(await variables("none"), ["COLUMNS=10", "LINES=5", "TERM=dumb"]);
});

test(
  "the terminal belongs to the user of the service, who opens it again after having closed it",
  {
    skip: process.getuid?.() === 0 ? false : "needs root",
  },
  async (t) => {
    const script =
      'name=$(tty); exec <&- >&- 2>&-; read -r line < /dev/tty; echo "$line from $(id -u)" > "$name"; exec sleep 60';
    const it = project(t, {
      closer: { command: ["sh", "-c", script], user: "65534", working_dir: "/", tty: true },
    });
    await it.up();
    const pid = await it.pid("closer");
    await until(() => existsSync(`/proc/${pid}/fd/1`), {
      is: (open) => !open,
      what: "the terminal to be closed",
    });
    const shown = attachTo(t, it, ["closer"]);
    await shown.shows(/leaves it/);
    shown.type("hello\r");
    await shown.sees(/^hello from 65534$/m);
    shown.type(LEAVE);
    await assertLeft(shown, 0);
  },
);

test("nobody types where stdin_open is false", async (t) => {
  const it = project(t, {
    clock: {
      command: [
        "sh",
        "-c",
        "trap 'echo hung up; exit 3' HUP; echo set; while :; do sleep 60 & wait; done",
      ],
      tty: true,
      stdin_open: false,
    },
  });
  const { stdout } = await it.up();
  await stdout.match(/set/);
  const shown = attachTo(t, it, ["clock"]);
  await shown.shows(/run 1; Ctrl-C leaves it/);
  // The caller's own terminal: it makes a signal of it.
  shown.type("\x03");
  equal((await shown.exit()).code, 130);
  const other = attachTo(t, it, ["--no-stdin", "clock"]);
  await other.shows(/leaves it/);
  equal((await it.run("signal", "HUP", "clock")).code, 0);
  await other.sees(/^hung up$/m);
  await assertLeft(other, 3);
});

test("a stop ends a shell with its jobs, and what it wrote last is shown and logged", async (t) => {
  const logging = { driver: "file", options: { path: "shell.log", format: "raw" } };
  const it = project(t, { shell: { ...SHELL, logging } });
  await it.up();
  const shown = attachTo(t, it, ["shell"]);
  await shown.shows(/leaves it/);
  await atPrompt(shown);
  shown.type("trap 'echo bye' EXIT; sleep 1000 &\r");
  await shown.sees(/^\[1\] \d+$/m);
  const [, job = "0"] = /^\[1\] (\d+)$/m.exec((await shown.sees(/^\[1\] \d+$/m)).join("\n")) ?? [];
  equal((await it.run("stop", "shell")).code, 0);
  await gone(Number(job));
  equal((await shown.exit()).code, 129);
  match(shown.output(), /bye/);
  await until(() => readFileSync(join(it.directory, "shell.log"), "utf8"), {
    is: (log) => log.endsWith("bye\r\n"),
    what: "its last words at the end of the log",
  });
});
