import assert from "node:assert/strict";
import { test } from "node:test";
import { loadText, messages } from "./support/load.js";

/** What is wrong, the whole text, and what is said. */
type Case = readonly [rule: string, lines: string, expected: readonly string[]];

const at = (line: number, column: number): string =>
  `cannot read "supervise.yaml", line ${line}, column ${column}:`;
const hint = (text: string): string => `\n  hint: ${text}`;

const files: readonly Case[] = [
  [
    "a file has services",
    "name: x",
    [`${at(1, 1)} there are no services${hint("services: is a map from names to what they run")}`],
  ],
  [
    "a file is not empty",
    "",
    [`${at(1, 1)} the file is empty${hint("services: is a map from names to what they run")}`],
  ],
  [
    "a file with comments alone is empty",
    "# nothing\n",
    [`${at(1, 1)} the file is empty${hint("services: is a map from names to what they run")}`],
  ],
  ["a file is a map", "- a", [`${at(1, 1)} the file must be a map with services`]],
  [
    "services are a map",
    "services: [a]",
    [`${at(1, 11)} services must be a map from names to services`],
  ],
  [
    "a service is a map",
    "services: { a: node x.js, b: , c: [x] }",
    [
      `${at(1, 16)} service "a" must be a map of keys such as command, found "node x.js"`,
      `${at(1, 27)} service "b" must be a map of keys such as command, found nothing`,
      `${at(1, 35)} service "c" must be a map of keys such as command, found a list`,
    ],
  ],
  [
    "a name has no blanks",
    "services: { 'a b': { command: x } }",
    [
      `${at(1, 13)} a service's name must consist of letters, digits, ".", "_" and "-", and not begin with "." or "-", found "a b"`,
    ],
  ],
  [
    "a name is no path",
    "services: { '..': { command: x } }",
    [
      `${at(1, 13)} a service's name must consist of letters, digits, ".", "_" and "-", and not begin with "." or "-", found ".."`,
    ],
  ],
  [
    "an unknown key at the top",
    "servces: {}\nservices: { a: { command: x } }",
    [`${at(1, 1)} unknown key "servces" at the top level${hint('did you mean "services"?')}`],
  ],
  [
    "containers at the top",
    "volumes: {}\nservices: { a: { command: x } }",
    [`${at(1, 1)} "volumes" belongs to containers; supervise runs programs directly`],
  ],
  [
    "the path of a socket is short",
    `syslog: /${"x".repeat(107)}\nservices: { a: { command: x } }`,
    [`${at(1, 9)} the path of a socket has at most 107 bytes, "/${"x".repeat(58)}…" has 108`],
  ],
  [
    "syslog is served or not, at a path",
    "syslog: [/dev/log]\nservices: { a: { command: x } }",
    [`${at(1, 9)} syslog must be true, false or the path of a socket, found a list`],
  ],
  [
    "syslog over a stream has a path of its own",
    "syslog: /x/log\nsyslog_stream: /x/log\nservices: { a: { command: x } }",
    [
      `${at(2, 16)} one path can't be a datagram and a stream socket, found "/x/log" for syslog and syslog_stream${hint("name another path for one of them")}`,
    ],
  ],
  [
    "a stream socket is at a path",
    "syslog_stream: true\nservices: { a: { command: x } }",
    [`${at(1, 16)} syslog_stream must be the path of a socket, found true`],
  ],
  [
    "a service does not send its log to the socket that it comes from",
    "syslog: true\nservices: { a: { command: x, logging: { driver: syslog } } }",
    [
      `${at(2, 39)} service "a" would send its log to "/dev/log", the syslog socket that supervise itself serves${hint("name another syslog-address, or leave syslog out at the top level")}`,
    ],
  ],
  [
    "include comes later",
    "include: [x]\nservices: { a: { command: x } }",
    [`${at(1, 1)} "include" is not supported yet${hint("name several files with -f")}`],
  ],
  [
    "a project name is plain",
    "name: My Shop\nservices: { a: { command: x } }",
    [
      `${at(1, 7)} name must be lower case letters, digits, - and _, beginning with a letter or digit, found "My Shop"`,
    ],
  ],
  [
    "restart_burst has bounds",
    "restart_burst: { capacity: 0, refil: 1 }\nservices: { a: { command: x } }",
    [
      `${at(1, 28)} restart_burst.capacity must be a whole number from 1 to 1000000, found 0`,
      `${at(1, 31)} unknown key "refil" in restart_burst${hint("its keys are capacity, refill_per_second")}`,
    ],
  ],
  [
    "a key stands once",
    "services:\n  a: { command: x }\n  a: { command: y }",
    [`${at(3, 3)} the key "a" stands twice in one map`],
  ],
  [
    "a key that stands twice hides no other mistake",
    "services:\n  a: { command: x, umask: 22, umask: 22, nice: 99 }\n  b: { comand: x }",
    [
      `${at(2, 31)} the key "umask" stands twice in one map`,
      `${at(2, 48)} nice must be a whole number from -20 to 19, found 99`,
      `${at(3, 8)} unknown key "comand" in a service${hint('did you mean "command"?')}`,
    ],
  ],
  [
    "no tabs",
    "services:\n\ta: { command: x }",
    [`${at(2, 1)} a tab is used for indentation${hint("use spaces")}`],
  ],
  [
    "one document",
    "services: { a: { command: x } }\n---\nb: 1",
    [`${at(2, 1)} a second document begins here; only one is allowed`],
  ],
  [
    "an alias has an anchor",
    "services: { a: *none }",
    [`${at(1, 16)} no anchor before it is named "none"`],
  ],
  [
    "a tag is known",
    "services: { a: { command: !secret x } }",
    [`${at(1, 35)} the tag "!secret" is not known${hint("!reset and !override are")}`],
  ],
  [
    "a merge key takes maps",
    "services: { a: { <<: 3, command: x } }",
    [`${at(1, 22)} "<<" must be an alias of a map, or a list of such aliases`],
  ],
  [
    "a value does not contain itself",
    "services: { a: &a { command: [*a] } }",
    [`${at(1, 19)} this value contains itself by an alias`],
  ],
  [
    "no key reaches a prototype",
    "services: { __proto__: { command: x } }",
    [`${at(1, 13)} a key cannot be "__proto__"`],
  ],
  [
    "a cycle of two",
    "services:\n  a: { command: x, depends_on: [b] }\n  b: { command: x, depends_on: [a] }",
    [`${at(3, 33)} services depend on each other in a cycle: a -> b -> a`],
  ],
  [
    "a cycle behind a chain",
    "services:\n  a: { command: x, depends_on: [b] }\n  b: { command: x, depends_on: { c: {} } }\n  c: { command: x, depends_on: { d: {} } }\n  d: { command: x, depends_on: { b: {} } }",
    [`${at(5, 34)} services depend on each other in a cycle: b -> c -> d -> b`],
  ],
  [
    "completion needs a oneshot",
    "services:\n  a: { command: x, depends_on: { b: { condition: service_completed_successfully } } }\n  b: { command: x }",
    [
      `${at(2, 34)} service_completed_successfully needs a service that ends, but "b" has type service${hint('give "b" type: oneshot')}`,
    ],
  ],
  [
    "health needs a check",
    "services:\n  a: { command: x, depends_on: { b: { condition: service_healthy } } }\n  b: { command: x, healthcheck: { disable: true } }",
    [
      `${at(2, 34)} service_healthy needs a service that shows its health, but "b" has neither healthcheck nor ready`,
    ],
  ],
  [
    "a dependency has a replica",
    "services:\n  a: { command: x, depends_on: [b] }\n  b: { command: x, scale: 0 }",
    [`${at(2, 33)} service "a" depends on "b", which has scale 0`],
  ],
  [
    "one log file has one writer",
    "services:\n  a: { command: x, logging: { driver: file, options: { path: l } } }\n  b: { command: x, logging: { driver: file, options: { path: ./l } } }",
    [`${at(3, 62)} "b" and "a" would write to one log file, "/app/l"`],
  ],
  [
    "one pidfile has one daemon",
    "services:\n  a: { command: x, type: forking, pidfile: p }\n  b: { command: x, type: forking, pidfile: p }",
    [`${at(3, 44)} "b" and "a" have one pidfile, "/app/p"`],
  ],
  [
    "a replica's name is not a service's",
    "services:\n  a-1: { command: x }\n  a: { command: x, scale: 2 }",
    [`${at(3, 3)} the name "a-1" is taken twice: by service "a" and by a replica of "a-1"`],
  ],
];

for (const [rule, text, expected] of files) {
  test(rule, async () => {
    const result = await loadText(text);
    assert.deepEqual(messages(result), expected);
    assert.equal(result.configuration, null);
  });
}
