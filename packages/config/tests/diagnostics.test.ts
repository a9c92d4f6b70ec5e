import assert from "node:assert/strict";
import { test } from "node:test";
import { indent, loadText, messages } from "./support/load.js";

/** What is wrong, the lines of a service (from line 3, column 5 on), and what is said. */
type Case = readonly [rule: string, lines: string, expected: readonly string[]];

const at = (line: number, column: number): string =>
  `cannot read "supervise.yaml", line ${line}, column ${column}:`;
const hint = (text: string): string => `\n  hint: ${text}`;

const services: readonly Case[] = [
  [
    "a duration is a duration",
    "command: x\nstop_grace_period: many",
    [`${at(4, 24)} stop_grace_period must be a duration such as 10s, found "many"`],
  ],
  [
    "a duration needs a unit",
    "command: x\nstop_grace_period: 10",
    [
      `${at(4, 24)} stop_grace_period must be a duration such as 10s, found 10${hint("a duration needs a unit: 10s or 10ms")}`,
    ],
  ],
  [
    "an unknown key gets a suggestion",
    "command: x\nenviroment: {}",
    [`${at(4, 5)} unknown key "enviroment" in a service${hint('did you mean "environment"?')}`],
  ],
  [
    "a key like no other gets none",
    "command: x\nfrobnicate: 1",
    [`${at(4, 5)} unknown key "frobnicate" in a service`],
  ],
  [
    "a misspelt command is not missing too",
    "comand: x",
    [`${at(3, 5)} unknown key "comand" in a service${hint('did you mean "command"?')}`],
  ],
  ["a command is needed", "user: x", [`${at(2, 3)} service "web" has no command`]],
  [
    "a word of a later version",
    "command: x\nschedule: daily",
    [`${at(4, 5)} "schedule" is not supported yet`],
  ],
  [
    "a daemon leaves its terminal",
    "command: x\ntype: forking\ntty: true",
    [`${at(5, 5)} tty has no meaning with type forking: a daemon leaves its terminal`],
  ],
  [
    "output goes to a terminal or to a file",
    "command: x\ntty: true\nlogging: { driver: direct, options: { path: web.log } }",
    [
      `${at(4, 5)} tty and logging.driver direct exclude each other: the output of "web" can go to its terminal or to its file${hint("driver file writes what the terminal shows into a file")}`,
    ],
  ],
  [
    "what is watched has a path and an action that is known",
    "command: x\ndevelop: { watch: [{ action: restart }, { path: a, action: rebuild }] }",
    [
      `${at(4, 24)} develop.watch[0] needs path, which must be a file or a directory`,
      `${at(4, 64)} develop.watch[1].action must be restart or reload, found "rebuild"`,
    ],
  ],
  [
    "a word of containers",
    "command: x\nports: [80]",
    [
      `${at(4, 5)} "ports" belongs to containers; supervise runs programs directly${hint("the program listens by itself; ready: { tcp: PORT } waits for it")}`,
    ],
  ],
  [
    "an image is not a missing command too",
    "image: nginx",
    [
      `${at(3, 5)} "image" belongs to containers; supervise runs programs directly${hint("name the program in command")}`,
    ],
  ],
  [
    "type is one of three",
    "command: x\ntype: onshot",
    [
      `${at(4, 11)} type must be service, oneshot or forking, found "onshot"${hint('did you mean "oneshot"?')}`,
    ],
  ],
  [
    "command is no map",
    "command: { a: b }",
    [`${at(3, 14)} command must be a string or a list of words, found a map`],
  ],
  ["command is not empty", "command: ''", [`${at(3, 14)} command must be a command, found ""`]],
  [
    "command is no empty list",
    "command: []",
    [`${at(3, 14)} command must be a list with at least one word, found an empty list`],
  ],
  [
    "a word of a command is no list",
    "command: [a, [b]]",
    [`${at(3, 18)} command[1] must be a string, found a list`],
  ],
  [
    "a quote is closed",
    'command: a "b',
    [
      `${at(3, 16)} command cannot be split into words: the quote " is not closed${hint("shell: true gives the command to a shell")}`,
    ],
  ],
  [
    "the first word names a program",
    "command: \"'' a\"",
    [`${at(3, 14)} command must begin with the name of a program`],
  ],
  [
    "the first item names a program",
    'command: ["", a]',
    [`${at(3, 14)} command must begin with the name of a program, found ""`],
  ],
  [
    "shell needs a string",
    "command: [a]\nshell: true",
    [`${at(4, 5)} shell: true needs command as one string, found a list`],
  ],
  [
    "true is true",
    "command: x\nshell: yes",
    [`${at(4, 12)} shell must be true or false, found "yes"${hint("write true")}`],
  ],
  [
    "environment has names",
    "command: x\nenvironment: [=1, A]",
    [`${at(4, 19)} environment[0] must be NAME=value or NAME, found "=1"`],
  ],
  [
    "environment has plain values",
    "command: x\nenvironment: { A: [1] }",
    [`${at(4, 23)} environment.A must be a string, a number or nothing, found a list`],
  ],
  [
    "environment is a map or a list",
    "command: x\nenvironment: A=1",
    [
      `${at(4, 18)} environment must be a map of names to values, or a list of NAME=value, found "A=1"`,
    ],
  ],
  [
    "env_file must exist",
    "command: x\nenv_file: [no.env]",
    [
      `${at(4, 16)} env_file "no.env" cannot be read: no such file (ENOENT)${hint("{ path: …, required: false } lets it be absent")}`,
    ],
  ],
  [
    "env_file has paths",
    "command: x\nenv_file: { path: a }",
    [`${at(4, 15)} env_file must be a path or a list of paths, found a map`],
  ],
  [
    "an env_file needs a path",
    "command: x\nenv_file: [{ required: false }]",
    [`${at(4, 16)} env_file[0] needs path, which must be a path`],
  ],
  [
    "user",
    "command: x\nuser: 'a:b:c'",
    [`${at(4, 11)} user must be a user name or number, with an optional :group, found "a:b:c"`],
  ],
  [
    "group_add",
    "command: x\ngroup_add: [adm, 'a b']",
    [`${at(4, 22)} group_add[1] must be a group name or number, found "a b"`],
  ],
  [
    "umask is octal",
    "command: x\numask: '089'",
    [`${at(4, 12)} umask must be octal digits such as "022", found "089"`],
  ],
  [
    "umask has nine bits",
    "command: x\numask: 1777",
    [`${at(4, 12)} umask must be octal digits such as "022", found 1777`],
  ],
  [
    "nice has bounds",
    "command: x\nnice: 20",
    [`${at(4, 11)} nice must be a whole number from -20 to 19, found 20`],
  ],
  [
    "nice is whole",
    "command: x\nnice: 1.5",
    [`${at(4, 11)} nice must be a whole number from -20 to 19, found 1.5`],
  ],
  [
    "oom_score_adj has bounds",
    "command: x\noom_score_adj: -1001",
    [`${at(4, 20)} oom_score_adj must be a whole number from -1000 to 1000, found -1001`],
  ],
  [
    "a limit has a name",
    "command: x\nulimits: { nofiles: 1 }",
    [
      `${at(4, 16)} a key of ulimits must be one of as, core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending, stack, found "nofiles"${hint('did you mean "nofile"?')}`,
    ],
  ],
  [
    "a limit is a number",
    "command: x\nulimits: { nofile: many }",
    [`${at(4, 24)} ulimits.nofile must be a whole number, or "unlimited", found "many"`],
  ],
  [
    "soft is not over hard",
    "command: x\nulimits: { nofile: { soft: 5, hard: 1 }, core: { soft: unlimited, hard: 0 } }",
    [
      `${at(4, 24)} ulimits.nofile must be a map with soft not over hard, found a map: 5 is over 1`,
      `${at(4, 52)} ulimits.core must be a map with soft not over hard, found a map: unlimited is over 0`,
    ],
  ],
  [
    "soft and hard go together",
    "command: x\nulimits: { nofile: { soft: 5 } }",
    [`${at(4, 24)} ulimits.nofile needs hard, which must be a whole number, or "unlimited"`],
  ],
  [
    "a capability exists",
    "command: x\ncap_add: [NET_BIND_SERVIC]\ncap_drop: [CAP_SYSADMIN]",
    [
      `${at(4, 15)} cap_add[0] must be a capability such as NET_BIND_SERVICE, or ALL, found "NET_BIND_SERVIC"${hint('did you mean "NET_BIND_SERVICE"?')}`,
      `${at(5, 16)} cap_drop[0] must be a capability such as NET_BIND_SERVICE, or ALL, found "CAP_SYSADMIN"${hint('did you mean "SYS_ADMIN"?')}`,
    ],
  ],
  [
    "a dependency exists",
    "command: x\ndepends_on: [wbe]",
    [
      `${at(4, 18)} service "web" depends on "wbe", which is not defined${hint('did you mean "web"?')}`,
    ],
  ],
  [
    "a service is not its own dependency",
    "command: x\ndepends_on: { web: {} }",
    [`${at(4, 19)} service "web" depends on itself`],
  ],
  [
    "a condition is one of three",
    "command: x\ndepends_on: { db: { condition: service_helthy } }",
    [
      `${at(4, 19)} service "web" depends on "db", which is not defined`,
      `${at(4, 36)} depends_on.db.condition must be service_started, service_healthy or service_completed_successfully, found "service_helthy"${hint('did you mean "service_healthy"?')}`,
    ],
  ],
  [
    "healthcheck needs a test",
    "command: x\nhealthcheck: { interval: 1s }",
    [`${at(4, 18)} healthcheck needs test${hint("disable: true switches it off")}`],
  ],
  [
    "a test says what it is",
    "command: x\nhealthcheck: { test: [curl, -f] }",
    [
      `${at(4, 27)} healthcheck.test[0] must be CMD, CMD-SHELL or NONE, found "curl"${hint("put CMD first: [CMD, curl, -f]")}`,
    ],
  ],
  [
    "CMD needs words",
    "command: x\nhealthcheck: { test: [CMD] }",
    [`${at(4, 26)} healthcheck.test must be a list with at least one word after CMD, found a list`],
  ],
  [
    "CMD-SHELL takes one string",
    "command: x\nhealthcheck: { test: [CMD-SHELL, a, b] }",
    [
      `${at(4, 26)} healthcheck.test must be a list with exactly one string after CMD-SHELL, found a list`,
    ],
  ],
  [
    "an unknown key of healthcheck",
    "command: x\nhealthcheck: { test: x, retris: 3 }",
    [`${at(4, 29)} unknown key "retris" in healthcheck${hint('did you mean "retries"?')}`],
  ],
  [
    "an interval is over zero",
    "command: x\nhealthcheck: { test: x, interval: 0s }",
    [`${at(4, 39)} healthcheck.interval must be a duration such as 10s, found "0s"`],
  ],
  [
    "ready has a kind",
    "command: x\nready: { timeout: 1s }",
    [
      `${at(4, 12)} ready must have exactly one of notify, fd, log, tcp, http, unix, file and command, found none`,
    ],
  ],
  [
    "ready has one kind",
    "command: x\nready: { tcp: 80, log: x }",
    [
      `${at(4, 23)} ready must have exactly one of notify, fd, log, tcp, http, unix, file and command, found tcp and log`,
    ],
  ],
  [
    "ready.notify is true",
    "command: x\nready: { notify: false }",
    [`${at(4, 22)} ready.notify must be true, found false`],
  ],
  [
    "ready.fd leaves 0 to 2 alone",
    "command: x\nready: { fd: 2 }",
    [
      `${at(4, 18)} ready.fd must be a descriptor from 3 to 1023 (0 to 2 are standard input and output), found 2`,
    ],
  ],
  [
    "ready.log compiles",
    "command: x\nready: { log: 'a(b' }",
    [`${at(4, 19)} ready.log must be a regular expression, found "a(b": Unterminated group`],
  ],
  [
    "ready.tcp is a port",
    "command: x\nready: { tcp: 'localhost:99999' }",
    [`${at(4, 19)} ready.tcp must be "host:port" or a port number, found "localhost:99999"`],
  ],
  [
    "ready.http is a URL",
    "command: x\nready: { http: 'localhost:80' }",
    [
      `${at(4, 20)} ready.http must be a URL that begins with http:// or https://, found "localhost:80"`,
    ],
  ],
  [
    "only a probe has an interval",
    "command: x\nready: { notify: true, interval: 1s }",
    [`${at(4, 28)} ready.interval has no meaning with notify, which is not a probe`],
  ],
  [
    "restart is a policy",
    "command: x\nrestart: on-failrue:3",
    [
      `${at(4, 14)} restart must be no, always, on-failure, on-failure:N or unless-stopped, found "on-failrue:3"${hint('did you mean "on-failure"?')}`,
    ],
  ],
  [
    "a oneshot is not always restarted",
    "command: x\ntype: oneshot\nrestart: always",
    [
      `${at(5, 14)} restart: always would run the oneshot "web" for ever${hint("on-failure runs it until it has succeeded")}`,
    ],
  ],
  [
    "restart_delay has bounds",
    "command: x\nrestart_delay: { factor: 0.5, jitter: 2 }",
    [
      `${at(4, 30)} restart_delay.factor must be a number from 1 to 100, found 0.5`,
      `${at(4, 43)} restart_delay.jitter must be a number from 0 to 1, found 2`,
    ],
  ],
  [
    "restart_limit needs both",
    "command: x\nrestart_limit: { count: 3 }",
    [`${at(4, 20)} restart_limit needs window, which must be a duration such as 10s`],
  ],
  [
    "a signal exists",
    "command: x\nstop_signal: SIGTREM\nreload_signal: 0",
    [
      `${at(4, 18)} stop_signal must be the name or number of a signal such as SIGTERM, found "SIGTREM"${hint('did you mean "SIGTERM"?')}`,
      `${at(5, 20)} reload_signal must be the name or number of a signal such as SIGTERM, found 0`,
    ],
  ],
  [
    "reload is one thing",
    "command: x\nreload_signal: HUP\nreload_command: y",
    [`${at(5, 5)} reload_signal and reload_command exclude each other`],
  ],
  [
    "a pidfile is for forking",
    "command: x\npidfile: a.pid",
    [
      `${at(4, 5)} pidfile has a meaning only with type forking, and "web" has type service${hint("the supervisor writes pidfiles of its own into its runtime directory")}`,
    ],
  ],
  [
    "one pidfile is not scaled",
    "command: x\ntype: forking\npidfile: a\nscale: 2",
    [`${at(6, 5)} scale: 2 of the forking service "web" would share one pidfile`],
  ],
  [
    "scale has bounds",
    "command: x\nscale: -1",
    [`${at(4, 12)} scale must be a whole number from 0 to 10000, found -1`],
  ],
  [
    "a profile is a word",
    "command: x\nprofiles: ['a b']",
    [`${at(4, 16)} profiles[0] must be a profile name, found "a b"`],
  ],
  [
    "logging has a driver that exists",
    "command: x\nlogging: { driver: fiel }",
    [
      `${at(4, 24)} logging.driver must be file, direct, syslog, service or none, found "fiel"${hint('did you mean "file"?')}`,
    ],
  ],
  [
    "a syslog daemon has an address",
    "command: x\nlogging: { driver: syslog, options: { syslog-address: web } }",
    [
      `${at(4, 59)} logging.options.syslog-address must be such as unixgram:///dev/log, /dev/log or udp://host:514, found "web"`,
    ],
  ],
  [
    "syslog over TCP is not there",
    "command: x\nlogging: { driver: syslog, options: { syslog-address: 'tcp://log:514' } }",
    [
      `${at(4, 59)} logging.options.syslog-address must be such as unixgram:///dev/log, /dev/log or udp://host:514, found "tcp://log:514": tcp is not supported${hint("udp://host:514 is, and a local socket")}`,
    ],
  ],
  [
    "a facility is one of syslog(3)",
    "command: x\nlogging: { driver: syslog, options: { syslog-facility: deamon } }",
    [
      `${at(4, 60)} logging.options.syslog-facility must be a facility of syslog(3) by its name or number, found "deamon"${hint('did you mean "daemon"?')}`,
    ],
  ],
  [
    "options belong to a driver",
    "command: x\nlogging: { driver: syslog, options: { path: x.log, tag: x } }",
    [`${at(4, 43)} logging.options.path has no meaning with driver syslog`],
  ],
  [
    "logging to a file needs a path",
    "command: x\nlogging: { driver: file, options: { max-size: 1m } }",
    [`${at(4, 39)} logging.options needs path with driver file`],
  ],
  [
    "logging to nowhere has no options",
    "command: x\nlogging: { driver: none, options: { path: a } }",
    [`${at(4, 41)} logging.options.path has no meaning with driver none`],
  ],
  [
    "a size is over zero",
    "command: x\nlogging: { driver: file, options: { path: a, max-size: 0 } }",
    [`${at(4, 60)} logging.options.max-size must be a size in bytes such as 10m, found 0`],
  ],
  [
    "replicas write to files of their own, or it is said",
    "command: x\nlogging: { driver: file, options: { path: a.log } }\nscale: 2",
    [],
  ],
  [
    "a variable that is required",
    "command: x ${NO:?say which}",
    [`${at(3, 16)} the variable NO is required: say which`],
  ],
  [
    "a lone dollar sign",
    'command: "a $1"',
    [
      `${at(3, 17)} "$" must be followed by a name, by "{" or by "$"${hint("write $$ for a dollar sign")}`,
    ],
  ],
  [
    "control characters do not reach the terminal",
    'command: x\nuser: "a\\e[31m b"',
    [`${at(4, 11)} user must be a user name or number, with an optional :group, found "a [31m b"`],
  ],
];

for (const [rule, lines, expected] of services) {
  test(rule, async () => {
    const result = await loadText(`services:\n  web:\n${indent(lines)}\n`);
    assert.deepEqual(messages(result), expected);
    assert.equal(result.configuration === null, expected.length > 0);
  });
}

const warnings: readonly Case[] = [
  [
    "version is obsolete",
    "version: '3'\nservices: { a: { command: x } }",
    [
      'warning: "supervise.yaml", line 1, column 1: "version" is obsolete and has no effect\n  hint: take it out',
    ],
  ],
  [
    "a variable that is not set",
    "services: { a: { command: x $NO } }",
    [
      'warning: "supervise.yaml", line 1, column 29: the variable NO is not set; an empty string stands in its place\n  hint: write ${NO:-default} to give a default, or $$ for a dollar sign',
    ],
  ],
  [
    "a shell's operator without a shell",
    "services: { a: { command: x && y } }",
    [
      'warning: "supervise.yaml", line 1, column 29: command passes "&&" to the program as a word, because no shell reads it\n  hint: shell: true gives the command to a shell; quotes silence this',
    ],
  ],
];

for (const [rule, text, expected] of warnings) {
  test(`${rule}: a warning, and the configuration stands`, async () => {
    const result = await loadText(text);
    assert.deepEqual(messages(result), expected);
    assert.notEqual(result.configuration, null);
  });
}

test("one mistake is said once: what follows from it is not", async () => {
  const result = await loadText(`services:
  web: { command: x, depends_on: { db: { condition: service_healthy }, job: { condition: service_completed_successfully } } }
  db: node db.js
  job: { command: y, tpye: oneshot }`);
  assert.deepEqual(messages(result), [
    `${at(3, 7)} service "db" must be a map of keys such as command, found "node db.js"`,
    `${at(4, 22)} unknown key "tpye" in a service${hint('did you mean "type"?')}`,
  ]);
});

test("every mistake is said in one run, in the order of the text", async () => {
  const result = await loadText(`services:
  web: { comand: x, nice: 99, init: yes, ready: { tcp: x, fd: 1 }, depends_on: { dbb: { condition: no } } }
  db: { command: "a 'b", ulimits: { nofile: -2, core: x } }
  b: { command: x, depends_on: [c] }
  c: { command: x, depends_on: [b], stop_signal: NOPE }
nme: x`);
  const places = result.diagnostics.map(({ line, column }) => `${line}:${column}`);
  assert.deepEqual(places, [
    "2:10",
    "2:27",
    "2:31",
    "2:56",
    "2:63",
    "2:82",
    "2:100",
    "3:21",
    "3:45",
    "3:55",
    "5:33",
    "5:50",
    "6:1",
  ]);
});
