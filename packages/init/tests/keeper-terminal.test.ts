import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertNoLeaks, inTerminal, temporaryDirectory } from "@supervise/testkit";
import type { InTerminal, TestScope } from "@supervise/testkit";
import { OWN_PATH, program } from "./inits.js";

function keeperInTerminal(t: TestScope): InTerminal {
  assertNoLeaks(t);
  const main = join(temporaryDirectory(t), "supervise.js");
  writeFileSync(main, "");
  return inTerminal(t, ["/bin/sh", "-c", 'ulimit -c 0; exec "$@"', "sh", OWN_PATH, "up"], {
    env: { ...process.env, SUPERVISE_NODE: program("keeper-supervisor"), SUPERVISE_COMMAND: main },
  });
}

test("at a terminal each supervisor is in the foreground: it reads, and Ctrl-C reaches it and nobody else", async (t) => {
  const terminal = keeperInTerminal(t);
  await terminal.shows(/^begin\r?$/m);
  terminal.type("ready\n");
  await terminal.shows(/^did ready\r?$/m);
  for (const generation of [2, 3]) {
    terminal.type("\u0003");
    await terminal.shows(new RegExp(`^hello 1 ${generation} previous 2 2 [^]*^begin`, "m"));
    terminal.type("words\n");
    await terminal.shows(new RegExp(`^hello 1 ${generation} [^]*^did words`, "m"));
  }
  assert.doesNotMatch(terminal.output(), /^signal /m);
  terminal.type("finished 0\nexit 0\n");
  assert.deepEqual(await terminal.exit(), { code: 0, signal: null });
  assert.equal(await terminal.restored(), true);
});

test("a terminal that a killed supervisor left without echo is restored for the next one", async (t) => {
  const terminal = keeperInTerminal(t);
  await terminal.shows(/^begin\r?$/m);
  terminal.type("ready\n");
  await terminal.shows(/^did ready\r?$/m);
  terminal.type("sh stty -echo\n");
  await terminal.shows(/^did sh\r?$/m);
  terminal.type("kill 9\n");
  await terminal.shows(/^hello 1 2 previous 2 9 [^]*^begin/m);
  terminal.type("finished 4\nexit 0\n");
  await terminal.shows(/^finished 4\r?$/m);
  assert.deepEqual(await terminal.exit(), { code: 4, signal: null });
  assert.equal(await terminal.restored(), true);
});

test("a supervisor that Ctrl-Z has stopped where no shell could continue it goes on", async (t) => {
  const terminal = keeperInTerminal(t);
  await terminal.shows(/^begin\r?$/m);
  terminal.type("\u001A");
  terminal.type("words\n");
  await terminal.shows(/^did words\r?$/m);
  terminal.type("finished 0\nexit 0\n");
  assert.deepEqual(await terminal.exit(), { code: 0, signal: null });
});
