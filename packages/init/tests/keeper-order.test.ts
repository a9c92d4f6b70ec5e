import assert from "node:assert/strict";
import { test } from "node:test";
import { STANDINGS, standingSkip, startKeeper } from "./keeper-harness.js";

for (const standing of STANDINGS) {
  test(
    `a supervisor is greeted, told what is held, and then the news, as ${standing}`,
    { skip: standingSkip(standing) },
    async (t) => {
      const kept = startKeeper(t, { standing });
      await kept.begun();
      const flags = standing === "PID 1" ? 1 : 2;
      const init = standing === "PID 1" ? 1 : await kept.initPid();
      assert.deepEqual(kept.said.all.slice(2), [
        `hello 1 1 previous 0 0 never lost 0 0 init ${init} flags ${flags}`,
        "held environment 1",
        "begin",
      ]);
      await kept.tell("finished 0");
      kept.tellLast("exit 0");
      assert.deepEqual(await kept.exit(), { code: 0, signal: null });
      assert.deepEqual(kept.stderr.all, []);
    },
  );
}

test("the supervisor gets the words from `up` on, the limits of the init, a process group of its own, and no descriptor but its socket", async (t) => {
  const kept = startKeeper(t, { words: ["up", "--", "a b", "ü"], first: "ulimit -Sn 77" });
  await kept.begun();
  await kept.tell("words");
  const all = kept.said.all.join("\n");
  assert.match(all, /^words up -- a b ü$/m);
  assert.match(all, /^limit 77 \d+$/m);
  assert.match(all, /^group own$/m);
  const open = /^descriptors (.*)$/m.exec(all)?.[1] ?? "";
  assert.equal(open.match(/socket:/g)?.length, 1, open);
  assert.doesNotMatch(open, /memfd|anon_inode/);
});

test("what would change Node is in the environment for the services and not in the supervisor's", async (t) => {
  const env = {
    NODE_OPTIONS: "--no-such-option",
    NODE_EXTRA_CA_CERTS: "/nowhere",
    NODE_CHANNEL_FD: "9",
    NODE_ENV: "production",
    OPENSSL_CONF: "/nowhere",
    UV_THREADPOOL_SIZE: "1",
    SUPERVISE_KEEPER: "99",
    PLAIN: "a\nb=c",
  };
  const kept = startKeeper(t, { env });
  await kept.begun();
  await kept.tell("words");
  const seen = kept.said.all.find((line) => line.startsWith("variables ")) ?? "";
  const names = seen.split(" ");
  assert.ok(names.includes("NODE_ENV") && names.includes("PLAIN"), seen);
  assert.equal(names.filter((name) => name === "SUPERVISE_KEEPER").length, 1);
  for (const name of [
    "NODE_OPTIONS",
    "NODE_EXTRA_CA_CERTS",
    "NODE_CHANNEL_FD",
    "OPENSSL_CONF",
    "UV_THREADPOOL_SIZE",
  ])
    assert.ok(!names.includes(name), `${name} in ${seen}`);
  for (const generation of [1, 2]) {
    kept.tellLast("read environment");
    const [held] = await kept.said.match(/^read environment [^]*$/);
    // A newline in a value ends the fixture's line, not the entry.
    const text = `${held}\n${kept.said.all.slice(kept.said.all.indexOf(held) + 1).join("\n")}`;
    for (const [name, value] of Object.entries(env))
      assert.ok(
        name === "PLAIN" ||
          text.includes(`|${name}=${value}|`) ||
          text.includes(` ${name}=${value}|`),
        `${name} in ${text}`,
      );
    if (generation === 2) break;
    await kept.tell("ready");
    kept.tellLast("kill 9");
    await kept.begun();
  }
});

test("without Node the init says where it has looked and ends with 127", async (t) => {
  const kept = startKeeper(t, { env: { SUPERVISE_NODE: undefined, PATH: "/nowhere" } });
  assert.deepEqual(await kept.exit(), { code: 127, signal: null });
  assert.match(
    (await kept.stderr.rest()).join("\n"),
    /^supervise-init: cannot start the supervisor: no program "node" beside this one or in PATH/,
  );
});

test("a Node that was named and is none is not replaced by another", async (t) => {
  const kept = startKeeper(t, { env: { SUPERVISE_NODE: "/etc/passwd" } });
  assert.deepEqual(await kept.exit(), { code: 127, signal: null });
  assert.match(
    (await kept.stderr.rest()).join("\n"),
    /Node "\/etc\/passwd", named by SUPERVISE_NODE: permission denied \(EACCES\)$/,
  );
});

test("without the supervisor's program the init says so and ends with 127", async (t) => {
  const kept = startKeeper(t, { env: { SUPERVISE_COMMAND: "/nowhere/supervise.js" } });
  assert.deepEqual(await kept.exit(), { code: 127, signal: null });
  assert.match(
    (await kept.stderr.rest()).join("\n"),
    /the program "\/nowhere\/supervise.js", named by SUPERVISE_COMMAND: no such file or directory \(ENOENT\)$/,
  );
});
