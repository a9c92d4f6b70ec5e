import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { maxLineBytes } from "@supervise/log";
import { spawnFixture, start } from "@supervise/testkit";
import { kernel, run, syslogScene, type SyslogScene } from "./syslog-scene.js";

const web = run("web", process.pid);
const textsOf = ({ taken }: SyslogScene): readonly string[] =>
  taken.map(({ message }) => message.bytes.toString());

test("a message is given to its sender's log with its priority, and its lines stay lines", (t) => {
  const scene = syslogScene(t, web);
  scene.send("<27>Nov 21 16:20:28 web server[77]: one\ntwo\n\0");
  scene.send('<165>1 2026-11-21T16:20:28Z host app - ID47 [x@1 k="v \\"w\\""] text');
  scene.send(Buffer.from([0x3c, 0x33, 0x3e, 0xff, 0xfe]));
  scene.turn();
  deepEqual(
    scene.taken.map(({ name, message }) => [name, message.run, message.priority, message.cut]),
    [
      ["web", 3, 27, false],
      ["web", 3, 165, false],
      ["web", 3, 3, false],
    ],
  );
  deepEqual(textsOf(scene).slice(0, 2), [
    "web server[77]: one\ntwo\n",
    'app: ID47 [x@1 k="v \\"w\\""] text\n',
  ]);
  deepEqual(scene.taken[2]?.message.bytes, Buffer.from([0xff, 0xfe, 0x0a]));
});

test("a message that is too long is cut between two characters, and marked", (t) => {
  const scene = syslogScene(t, web);
  scene.send(Buffer.concat([Buffer.from("<13>x: "), Buffer.from("é".repeat(45_000))]));
  scene.turn();
  const [first] = scene.taken;
  ok(first?.message.cut);
  ok(first.message.bytes.length <= maxLineBytes);
  match(first.message.bytes.toString(), /^x: é+$/);
});

test("in one turn no more is read than its share, and nothing while a sink can't take more", (t) => {
  const scene = syslogScene(t, web);
  scene.send("<13>a: 1");
  scene.block();
  scene.turn();
  scene.turn();
  deepEqual(textsOf(scene), []);
  scene.unblock();
  scene.turn();
  deepEqual(textsOf(scene), ["a: 1\n"]);
  // The queue of a socket is short: what is sent beyond it has to wait.
  let sent = 0;
  while (kernel.sendTo(scene.path, Buffer.from(`<13>a: more ${sent}`), []) > 0) sent += 1;
  ok(sent >= 1);
  scene.server.drain();
  equal(scene.taken.length, sent + 1);
});

test("repetitions are counted, and told when the time is over, the run ends or another message comes", (t) => {
  const scene = syslogScene(t, web);
  const again = (times: number): void => {
    for (let count = 0; count < times; count += 1) {
      scene.send("<13>a: again");
      scene.turn();
    }
  };
  again(4);
  deepEqual(textsOf(scene), ["a: again\n"]);
  scene.send("<13>a: other");
  scene.turn();
  again(2);
  scene.server.ended(web);
  again(3);
  scene.pass(30_000);
  again(1);
  deepEqual(textsOf(scene), [
    "a: again\n",
    "last message repeated 3 times\n",
    "a: other\n",
    "a: again\n",
    "last message repeated 1 time\n",
    "a: again\n",
    "last message repeated 3 times\n",
  ]);
});

test("of a sender that is gone the user is known: the only service of that user has said it, else the one that it names", (t) => {
  const said = (runs: Parameters<typeof syslogScene>[2]): readonly (string | undefined)[] => {
    const scene = syslogScene(t, "gone", runs);
    scene.send("<13>api: hello");
    scene.turn();
    return scene.taken.map(({ name }) => name);
  };
  deepEqual(said([web]), ["web"]);
  deepEqual(said([web, run("api", process.pid)]), ["api"]);
  deepEqual(said([web, run("db", process.pid)]), []);
  deepEqual(said([]), []);
});

test("of several services of one user that one has said it which has waited for a child", async (t) => {
  const waiter = start(t, "sh", ["-c", "/bin/true; echo waited; exec sleep 60"]);
  const other = await spawnFixture(t, "ignore-term");
  equal(await waiter.stdout.next(), "waited");
  const scene = syslogScene(t, "gone", [run("other", other.pid), run("waiter", waiter.pid)]);
  scene.send("<13>x: hello");
  scene.turn();
  deepEqual(
    scene.taken.map(({ name }) => name),
    ["waiter"],
  );
  // Nobody has waited since.
  scene.send("<13>x: once more");
  scene.turn();
  equal(scene.taken.length, 1);
  equal(scene.said.length, 1);
});

test("what is not there to be taken stays: a file, a directory, a symbolic link, a socket of another name", (t) => {
  const scene = syslogScene(t, web);
  scene.server.serve({ syslogPath: null });
  ok(!existsSync(scene.path));
  const refused = (): string => {
    scene.server.serve({ syslogPath: scene.path });
    scene.server.serve({ syslogPath: null });
    return scene.warnings.pop() ?? "";
  };
  writeFileSync(scene.path, "");
  match(refused(), /a file that is no socket is there already; it is left alone/);
  unlinkSync(scene.path);
  symlinkSync("/nowhere", scene.path);
  match(refused(), /a symbolic link is there already/);
  unlinkSync(scene.path);
  mkdirSync(`${scene.path}.d`);
  scene.server.serve({ syslogPath: `${scene.path}.d` });
  match(scene.warnings.pop() ?? "", /a directory is there already/);
  scene.server.serve({ syslogPath: `${scene.path}.d/missing/log` });
  match(scene.warnings.pop() ?? "", /no such file or directory \(ENOENT\)/);
  scene.server.serve({ syslogPath: scene.path });
  unlinkSync(scene.path);
  const theirs = kernel.datagramSocket(scene.path, 0o600);
  scene.server.serve({ syslogPath: null });
  ok(lstatSync(scene.path).isSocket());
  kernel.close(theirs);
  unlinkSync(scene.path);
});

test("a log that comes back to its own socket under another name is left out, and told once", (t) => {
  const scene = syslogScene(t, web, [], process.pid);
  scene.send("<13>a: 1");
  scene.send("<13>a: 2");
  scene.turn();
  deepEqual(scene.taken, []);
  equal(scene.warnings.length, 1);
  equal(scene.server.counts.received, 0);
});
