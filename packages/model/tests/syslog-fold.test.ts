import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  foldRepeats,
  noRepeats,
  repeatedText,
  repeatKey,
  parseSyslog,
  syslogFacilities,
  syslogFacilityNumber,
  syslogLevelNumber,
  syslogLevels,
} from "@supervise/model";
import type { RepeatEvent, RepeatState } from "@supervise/model";

/** What is said of the events, one word for each action. */
function fold(events: readonly RepeatEvent[]): {
  readonly said: string[];
  readonly state: RepeatState;
} {
  let state = noRepeats;
  const said: string[] = [];
  for (const event of events) {
    const [next, actions] = foldRepeats(state, event);
    state = next;
    for (const action of actions)
      said.push(
        action.kind === "pass" && event.kind === "message"
          ? event.key
          : `x${action.kind === "repeated" ? action.times : "?"}`,
      );
  }
  return { said, state };
}

const message = (key: string, nowMs = 0): RepeatEvent => ({ kind: "message", key, nowMs });

test("the first of equal messages passes, the count of the others comes before the next", () => {
  deepEqual(fold("aaabbc".split("").map((key) => message(key))).said, ["a", "x2", "b", "x1", "c"]);
  deepEqual(fold("abab".split("").map((key) => message(key))).said, ["a", "b", "a", "b"]);
});

test("a count is told after 30 s, then after 2 min, then every 10 min", () => {
  const seconds = Array.from({ length: 2001 }, (_, second) => message("a", second * 1000));
  deepEqual(fold(seconds).said, ["a", "x31", "x121", "x601", "x601", "x601"]);
});

test("the clock tells the count at the deadline, and nothing where nothing came again", () => {
  const two = [message("a"), message("a", 1000)];
  deepEqual(fold([...two, { kind: "time", nowMs: 30_999 }]).said, ["a"]);
  deepEqual(fold([...two, { kind: "time", nowMs: 31_000 }]).said, ["a", "x1"]);
  deepEqual(
    fold([message("a"), { kind: "time", nowMs: 1e9 }, message("a", 1e9), message("b", 1e9)]).said,
    ["a", "x1", "b"],
  );
});

test("the end tells what was counted", () => {
  deepEqual(fold([message("a"), message("a"), { kind: "end" }]), {
    said: ["a", "x1"],
    state: noRepeats,
  });
});

test("no message is lost and none is invented", () => {
  const events = fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.nat(40_000)), { maxLength: 80 });
  fc.assert(
    fc.property(events, (steps) => {
      let nowMs = 0;
      const came = steps.map(([key, waitMs]) => message(key, (nowMs += waitMs)));
      const unfolded: string[] = [];
      for (const word of fold([...came, { kind: "end" }]).said) {
        const times = word.startsWith("x") ? Number(word.slice(1)) : null;
        if (times === null) unfolded.push(word);
        else unfolded.push(...Array.from({ length: times }, () => unfolded.at(-1) ?? "?"));
      }
      deepEqual(
        unfolded,
        steps.map(([key]) => key),
      );
    }),
  );
});

test("messages are equal when all but their time is", () => {
  const key = (text: string): string => repeatKey(parseSyslog(Buffer.from(text)));
  equal(key("<13>Oct 11 22:14:15 a[1]: b"), key("<13>Oct 11 22:14:16 a[1]: b"));
  const others = [
    "<14>Oct 11 22:14:15 a[1]: b",
    "<13>Oct 11 22:14:15 a[2]: b",
    "<13>Oct 11 22:14:15 a[1]: c",
  ];
  equal(new Set(["<13>Oct 11 22:14:15 a[1]: b", ...others].map(key)).size, 4);
  deepEqual(
    [repeatedText(1), repeatedText(7)],
    ["last message repeated 1 time", "last message repeated 7 times"],
  );
});

test("every facility and level has its number and its name", () => {
  equal(syslogFacilities.length, 24);
  equal(syslogLevels.length, 8);
  syslogFacilities.forEach((name, number) => equal(syslogFacilityNumber(name), number));
  syslogLevels.forEach((name, number) => equal(syslogLevelNumber(name.toUpperCase()), number));
  deepEqual(["security", "local7", "local8", "", "constructor"].map(syslogFacilityNumber), [
    4,
    23,
    null,
    null,
    null,
  ]);
  deepEqual(["panic", "error", "warn", "none"].map(syslogLevelNumber), [0, 3, 4, null]);
});
