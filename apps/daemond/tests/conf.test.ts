import { deepEqual, equal, throws } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "@supervise/testkit";
import { parseConf } from "#daemond/parse-conf.js";
import { ConfError, readConf } from "#daemond/read-conf.js";
import { DEFAULTS } from "#daemond/settings.js";

test("every key is read, with comments, blanks, quotes and CRLF around it", () => {
  const text = [
    "\uFEFF# a comment",
    "",
    "port = 0   # any",
    "  bind=::1",
    '\tpid_file = "/run/a #b.pid" # quoted',
    "log = /var/log/x#y.log\r",
    "idle_timeout = 2m",
  ].join("\n");
  deepEqual(parseConf(text), {
    settings: {
      port: 0,
      bind: "::1",
      pidFile: "/run/a #b.pid",
      log: "/var/log/x#y.log",
      idleTimeoutMs: 120_000,
    },
    mistakes: [],
  });
});

const durations = [
  ["60", 60_000],
  ["500ms", 500],
  ["2 s", 2000],
  ["1h", 3_600_000],
] as const;
for (const [text, ms] of durations)
  test(`idle_timeout = ${text} is ${ms} ms`, () => {
    deepEqual(parseConf(`idle_timeout = ${text}`).settings, { idleTimeoutMs: ms });
  });

const keys = "the key must be one of port, bind, pid_file, log, idle_timeout, found";
const duration =
  "idle_timeout must be a number of seconds or a duration such as 500ms, 60s or 2m, up to 24 days, found";
const mistakes: readonly (readonly [string, number, number, string])[] = [
  ["port = many", 1, 8, 'port must be a number from 0 to 65535, found "many"'],
  ["\n  port =  65536", 2, 11, 'port must be a number from 0 to 65535, found "65536"'],
  ["port = -1", 1, 8, 'port must be a number from 0 to 65535, found "-1"'],
  [
    "bind = localhost",
    1,
    8,
    'bind must be an IPv4 or IPv6 address such as 127.0.0.1 or ::, found "localhost"',
  ],
  ["log = d.log", 1, 7, 'log must be an absolute path such as /run/daemond.pid, found "d.log"'],
  ["idle_timeout = 0", 1, 16, `${duration} "0"`],
  ["idle_timeout = 25d", 1, 16, `${duration} "25d"`],
  ["idle_timeout = 9999999999h", 1, 16, `${duration} "9999999999h"`],
  [" prot = 1", 1, 2, `${keys} "prot"; did you mean "port"?`],
  ["Port = 1", 1, 1, `${keys} "Port"; did you mean "port"?`],
  ["idletimeout = 1", 1, 1, `${keys} "idletimeout"; did you mean "idle_timeout"?`],
  ["colour = red", 1, 1, `${keys} "colour"`],
  ["port", 1, 5, '"=" must follow the key, found the end of the line after "port"'],
  ["port # = 1", 1, 5, '"=" must follow the key, found the end of the line after "port"'],
  ["= 1", 1, 1, 'a key must stand before "="'],
  ["port =", 1, 7, 'a value must follow "=", found the end of the line'],
  ["port = # 8402", 1, 7, 'a value must follow "=", found the end of the line'],
  ['log = "/x', 1, 7, 'a value in double quotes must end with one and hold none, found "\\"/x"'],
  ["port = 1\nport = 2", 2, 1, 'each key must stand once, found "port" again (line 1)'],
  ["bind = ::\u0000", 1, 10, 'text must follow, found "\\u0000"'],
  ["\u{1F600} = 1", 1, 1, `${keys} "\u{1F600}"`],
];
for (const [text, line, column, what] of mistakes)
  test(`${JSON.stringify(text)} is told with its line and column`, () => {
    deepEqual(parseConf(text).mistakes, [{ line, column, what }]);
  });

test("all mistakes are found, and a setting with one is left out", () => {
  const { settings, mistakes: found } = parseConf("port = x\nbind = y\nlog = /z\nnothing");
  deepEqual(settings, { log: "/z" });
  deepEqual(
    found.map(({ line }) => line),
    [1, 2, 4],
  );
});

test("the default file need not be there, a named one must", (t) => {
  const path = join(temporaryDirectory(t), "daemon.conf");
  deepEqual(readConf({ path, named: false }), DEFAULTS);
  throws(() => readConf({ path, named: true }), {
    name: "ConfError",
    message: `cannot read "${path}": no such file or directory (ENOENT)`,
  });
});

test("what is not a small text file is refused", (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "daemon.conf");
  const refusal = (): string => {
    try {
      readConf({ path, named: true });
    } catch (error) {
      return error instanceof ConfError ? error.messages.join("\n") : String(error);
    }
    return "nothing was refused";
  };
  writeFileSync(path, Buffer.from([0x70, 0xff]));
  equal(refusal(), `cannot read "${path}": it must be UTF-8 text`);
  writeFileSync(path, "#".repeat(65_537));
  equal(refusal(), `cannot read "${path}": it has 65537 bytes, and at most 65536 are allowed`);
  writeFileSync(path, "prot = 1\n\nlog = x\n");
  equal(
    refusal(),
    `cannot read "${path}", line 1, column 1: ${keys} "prot"; did you mean "port"?
cannot read "${path}", line 3, column 7: log must be an absolute path such as /run/daemond.pid, found "x"`,
  );
  mkdirSync(join(directory, "folder"));
  throws(() => readConf({ path: join(directory, "folder"), named: true }), {
    message: `cannot read "${join(directory, "folder")}": it is not a file`,
  });
});
