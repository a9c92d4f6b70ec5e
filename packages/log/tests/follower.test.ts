import assert from "node:assert/strict";
import { test } from "node:test";

import { scene } from "./hub-scene.js";

test("a follower gets the lines from its call on, of the services it named", async () => {
  const { kernel, hub, service } = scene();
  const [web, db] = [service("web"), service("db")];
  kernel.push(web.stdout, "before\n");
  await kernel.settle();
  const follower = hub.follow(["web"]);
  kernel.push(db.stdout, "other\n");
  kernel.push(web.stderr, "one\ntwo\n");
  await kernel.settle();
  hub.close();
  const seen: (string | number)[][] = [];
  for await (const { service: name, stream, seq, text } of follower)
    seen.push([name, stream, seq, text]);
  assert.deepEqual(seen, [
    ["web", "stderr", 2, "one"],
    ["web", "stderr", 3, "two"],
  ]);
});

test("a follower that asked first is answered when the line comes", async () => {
  const { kernel, hub, service } = scene();
  const follower = hub.follow(null);
  const asked = [follower.next(), follower.next()];
  const later = service("later");
  kernel.push(later.stdout, "one\ntwo\n");
  await kernel.settle();
  assert.deepEqual(
    (await Promise.all(asked)).map(({ value }) => value?.text),
    ["one", "two"],
  );
});

test("last lines and following ones join without a gap and without a line twice", async () => {
  const { kernel, hub, service } = scene();
  const web = service("web");
  kernel.push(web.stdout, "1\n2\n3\n");
  await kernel.settle();
  const follower = hub.follow(["web"], { lines: 2 });
  kernel.push(web.stdout, "4\n");
  hub.drain("web");
  hub.close();
  const seen: string[] = [];
  for await (const line of follower) seen.push(line.text);
  assert.deepEqual(seen, ["2", "3", "4"]);
});

test("a slow follower finds a counted gap, and every line before and after it", async () => {
  const { kernel, hub, service } = scene({ hub: { followerBytes: 4096 } });
  const web = service("web");
  const follower = hub.follow(null);
  for (let index = 1; index <= 1000; index += 1) {
    kernel.push(web.stdout, `line ${index}\n`);
    await kernel.settle();
    if (index === 2) {
      assert.equal((await follower.next()).value?.text, "line 1");
      assert.equal((await follower.next()).value?.text, "line 2");
    }
  }
  hub.close();
  let expected = 3;
  let gaps = 0;
  for await (const line of follower) {
    if (line.skipped !== undefined) gaps += 1;
    expected += line.skipped ?? 0;
    assert.equal(line.seq, expected);
    assert.equal(line.text, `line ${expected}`);
    expected += 1;
  }
  assert.equal(gaps, 1);
  assert.equal(expected, 1001);
});

test("a follower that leaves, or is aborted, ends at once and is forgotten", async () => {
  const { kernel, hub, service } = scene();
  const web = service("web");
  const leaving = hub.follow(null);
  const stop = new AbortController();
  const aborted = hub.follow(null, { signal: stop.signal });
  const waiting = aborted.next();
  stop.abort();
  assert.deepEqual(await waiting, { done: true, value: undefined });
  kernel.push(web.stdout, "one\ntwo\n");
  await kernel.settle();
  for await (const line of leaving) {
    assert.equal(line.text, "one");
    break;
  }
  assert.deepEqual(await leaving.next(), { done: true, value: undefined });
  assert.deepEqual(await hub.follow(null, { signal: stop.signal }).next(), {
    done: true,
    value: undefined,
  });
});
