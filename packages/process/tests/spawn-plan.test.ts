import type { SpawnRequest } from "@supervise/sys";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessSpec, ServiceSpec } from "@supervise/model";
import { finishPlan, planSpawn } from "@supervise/process";
import type { PlanContext, SpawnPlan } from "@supervise/process";
import { SystemCallError } from "@supervise/sys";
import { plainProcess } from "@supervise/testkit";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** A machine with two users and three groups; a supervisor that is root. */
const context: PlanContext = {
  kernel: {
    lookupUser: (user) =>
      user === "web" || user === 33
        ? { name: "web", uid: 33, gid: 34, home: "/srv", shell: "/bin/false" }
        : user === "root" || user === 0
          ? { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/bash" }
          : null,
    lookupGroup: (group) => (group === "log" ? { name: "log", gid: 4 } : null),
    groupsOf: (user, gid) => (user === "web" ? [gid, 100] : [gid]),
  },
  environment: [
    bytes("PATH=/opt/bin:/bin"),
    bytes("HOME=/root"),
    bytes("LATIN=gr\xfc\xdfe"),
    bytes("NODE_CHANNEL_FD=3"),
    bytes("NOTIFY_SOCKET=/run/ours"),
    bytes("INVOCATION_ID=ours"),
    bytes("XDG_RUNTIME_DIR=/run/user/0"),
    bytes("OLDPWD=/root"),
    bytes("no-equals-sign"),
  ],
  dropVariables: ["NODE_CHANNEL_FD"],
  own: { uid: 0, gid: 0, groups: [0] },
  bounding: [0, 1, 5, 10, 12],
  openFiles: { soft: 1024, hard: 4096 },
};

const defaults: ProcessSpec = {
  ...plainProcess,
  command: { words: ["true"] },
  workingDirectory: "/srv",
};

function outcome(
  changes: Partial<ProcessSpec>,
  changed: Partial<PlanContext> = {},
): ReturnType<typeof planSpawn> {
  const spec = { name: "x", process: { ...defaults, ...changes } } as ServiceSpec;
  return planSpawn(spec, { ...context, ...changed });
}

function plan(changes: Partial<ProcessSpec> = {}, changed: Partial<PlanContext> = {}): SpawnPlan {
  const result = outcome(changes, changed);
  assert.equal(result.kind, "plan", JSON.stringify(result));
  return result;
}

function texts(environment: readonly (string | Uint8Array)[]): readonly string[] {
  return environment
    .map((entry) =>
      typeof entry === "string" ? entry : `bytes ${Buffer.from(entry).toString("latin1")}`,
    )
    .toSorted();
}

test("a plain spec asks for nothing but its session, directory and the limit that Node raised", () => {
  assert.deepEqual(plan().request, {
    files: ["/opt/bin/true", "/bin/true"],
    argv: ["true"],
    session: "new",
    workingDirectory: "/srv",
    limits: [[7, 1024, 4096]],
  });
});

test("the environment passes as bytes, without what was meant for us alone", () => {
  assert.deepEqual(texts(plan().environment), [
    "HOME=/root",
    "PATH=/opt/bin:/bin",
    "PWD=/srv",
    "XDG_RUNTIME_DIR=/run/user/0",
    "bytes LATIN=gr\xfc\xdfe",
    "no-equals-sign",
  ]);
});

test("a value of the spec wins over an inherited and a derived one", () => {
  const environment = plan({
    user: "web",
    environment: { HOME: "/here", PATH: "/only", "": "x" },
  }).environment;
  assert.deepEqual(texts(environment), [
    "=x",
    "HOME=/here",
    "LOGNAME=web",
    "PATH=/only",
    "PWD=/srv",
    "SHELL=/bin/false",
    "USER=web",
    "bytes LATIN=gr\xfc\xdfe",
    "no-equals-sign",
  ]);
});

test("a service that does not inherit gets its own variables and no other", () => {
  const bare = plan({ inheritEnvironment: false, environment: { A: "1" }, user: "web" });
  assert.deepEqual(bare.environment, ["A=1"]);
  assert.deepEqual(bare.request.files[0], "/usr/local/sbin/true");
});

/** The environment of a request, which a plan gives as one block. */
function entriesOf({ env }: SpawnRequest): readonly string[] {
  assert.ok(env instanceof Uint8Array);
  return Buffer.from(env).toString("utf8").split("\0").slice(0, -1);
}

test("the variables of a run come first, but never over those of the spec; the id is always the run's", () => {
  const parts = {
    descriptors: [5, 6, 7],
    environment: ["INVOCATION_ID=1f", "NOTIFY_SOCKET=/run/n"],
  };
  const request = finishPlan(
    plan({ inheritEnvironment: false, environment: { INVOCATION_ID: "mine" } }),
    parts,
  );
  assert.deepEqual(entriesOf(request), ["INVOCATION_ID=1f", "NOTIFY_SOCKET=/run/n"]);
  assert.deepEqual(request.descriptors, [5, 6, 7]);
  assert.equal("cgroupFd" in request, false);
  const own = plan({ inheritEnvironment: false, environment: { NOTIFY_SOCKET: "mine" } });
  assert.deepEqual(entriesOf(finishPlan(own, { ...parts, cgroupFd: 9 })), [
    "INVOCATION_ID=1f",
    "NOTIFY_SOCKET=mine",
  ]);
  assert.equal(finishPlan(own, { ...parts, cgroupFd: 9 }).cgroupFd, 9);
});

test("a command is searched as execvp does, from the working directory", () => {
  const files = (word: string, path: string): readonly string[] =>
    plan({ command: { words: [word] }, environment: { PATH: path } }).request.files;
  assert.deepEqual(files("x", "/a:/b/"), ["/a/x", "/b/x"]);
  assert.deepEqual(files("x", ":/a:"), ["/srv/x", "/a/x", "/srv/x"]);
  assert.deepEqual(files("x", "bin:./lib:."), ["/srv/bin/x", "/srv/lib/x", "/srv/x"]);
  assert.deepEqual(files("x", "/"), ["/x"]);
  assert.deepEqual(files("./x", "/a"), ["/srv/x"]);
  assert.deepEqual(files("bin/x", "/a"), ["/srv/bin/x"]);
  assert.deepEqual(files("../x", "/a"), ["/srv/../x"]);
  assert.deepEqual(files("/x", "/a"), ["/x"]);
});

test("a user brings its groups, a named group stands alone, and added groups come in any case", () => {
  const ids = (changes: Partial<ProcessSpec>): unknown => {
    const { uid, gid, groups } = plan(changes).request;
    return [uid, gid, groups];
  };
  assert.deepEqual(ids({ user: "web" }), [33, 34, [34, 100]]);
  assert.deepEqual(ids({ user: "33" }), [33, 34, [34, 100]]);
  assert.deepEqual(ids({ user: "web:log" }), [33, 4, [4]]);
  assert.deepEqual(ids({ user: "web:7", groupAdd: ["log", "7", "8"] }), [33, 7, [4, 7, 8]]);
  assert.deepEqual(ids({ user: "root" }), [undefined, undefined, undefined]);
  assert.deepEqual(ids({ groupAdd: ["log"] }), [undefined, undefined, [0, 4]]);
});

test("a number without an account stands for its group too, never for root's", () => {
  const { request, environment } = plan({ user: "1234" });
  assert.deepEqual([request.uid, request.gid, request.groups], [1234, 1234, [1234]]);
  assert.ok(environment.includes("HOME=/"));
  assert.ok(environment.includes("USER=1234"));
  assert.equal(
    texts(environment).some((entry) => entry.startsWith("XDG_RUNTIME_DIR")),
    false,
  );
});

test("a plain user's supervisor may name its own user", () => {
  const own = { uid: 33, gid: 34, groups: [34, 100, 500] };
  const { request } = plan({ user: "web" }, { own });
  assert.deepEqual([request.uid, request.gid, request.groups], [undefined, undefined, undefined]);
});

test("what is not known is refused with its name", () => {
  const failure = (changes: Partial<ProcessSpec>): unknown => {
    const result = outcome(changes);
    return result.kind === "failure" ? `${result.failure.stage} (${result.failure.errno})` : result;
  };
  assert.equal(failure({ user: "nosuch" }), 'looking up user "nosuch": no such user (ENOENT)');
  assert.equal(
    failure({ user: "4294967295" }),
    'looking up user "4294967295": no such user (ENOENT)',
  );
  assert.equal(
    failure({ user: "web:nosuch" }),
    'looking up group "nosuch": no such group (ENOENT)',
  );
  assert.equal(
    failure({ groupAdd: ["nosuch"] }),
    'looking up group "nosuch": no such group (ENOENT)',
  );
  assert.equal(
    failure({ capDrop: ["NO"] }),
    'looking up capability "NO": no such capability (EINVAL)',
  );
  assert.equal(
    failure({ capAdd: ["SYS_TIME"] }),
    'adding capability "SYS_TIME": the supervisor itself does not have it (EPERM)',
  );
  assert.equal(
    failure({ limits: [{ resource: "x", soft: 1, hard: 1 }] }),
    'looking up resource limit "x": no such limit (EINVAL)',
  );
});

test("an account data base that cannot be asked is a failure that may pass", () => {
  const kernel = {
    ...context.kernel,
    lookupUser: () => {
      throw new SystemCallError("cannot look up user", -24);
    },
  };
  const result = outcome({ user: "web" }, { kernel });
  assert.deepEqual(result, {
    kind: "failure",
    failure: {
      stage: 'looking up user "web": too many open files',
      errno: "EMFILE",
      transient: true,
    },
  });
});

test("capabilities: ALL first, then single drops, then single adds, within what we have", () => {
  const sets = (changes: Partial<ProcessSpec>): unknown => {
    const { capabilityBounding, capabilityAmbient } = plan(changes).request;
    return [capabilityBounding, capabilityAmbient];
  };
  assert.deepEqual(sets({}), [undefined, undefined]);
  assert.deepEqual(sets({ capDrop: ["ALL"] }), [[], undefined]);
  assert.deepEqual(sets({ capDrop: ["ALL"], capAdd: ["NET_BIND_SERVICE"] }), [[10], undefined]);
  assert.deepEqual(sets({ capDrop: ["KILL"] }), [[0, 1, 10, 12], undefined]);
  assert.deepEqual(sets({ capDrop: ["KILL"], capAdd: ["KILL"] }), [undefined, undefined]);
  assert.deepEqual(sets({ capAdd: ["ALL"], capDrop: ["KILL"] }), [[0, 1, 10, 12], undefined]);
  assert.deepEqual(sets({ user: "web", capAdd: ["NET_ADMIN", "NET_BIND_SERVICE"] }), [
    undefined,
    [10, 12],
  ]);
  assert.deepEqual(sets({ user: "web", capDrop: ["ALL"], capAdd: ["NET_BIND_SERVICE"] }), [
    [10],
    [10],
  ]);
  assert.deepEqual(sets({ user: "web", capAdd: ["ALL"], capDrop: ["KILL"] }), [
    [0, 1, 10, 12],
    [0, 1, 10, 12],
  ]);
});

test("every other attribute passes as it is, and a limit of the spec replaces the restored one", () => {
  const { request } = plan({
    umask: 0o27,
    nice: -3,
    oomScoreAdj: 500,
    noNewPrivileges: true,
    rootDirectory: "/jail",
    limits: [
      { resource: "nofile", soft: 10, hard: 20 },
      { resource: "core", soft: null, hard: null },
    ],
  });
  assert.deepEqual(request.limits, [
    [7, 10, 20],
    [4, -1, -1],
  ]);
  const { umask, nice, oomScoreAdj, noNewPrivileges, root } = request;
  assert.deepEqual(
    [umask, nice, oomScoreAdj, noNewPrivileges, root],
    [0o27, -3, 500, true, "/jail"],
  );
});
