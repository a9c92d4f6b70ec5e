import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { matchNames, UnknownServiceError } from "@supervise/supervisor";

const all = [
  { name: "web-1", service: "web" },
  { name: "web-2", service: "web" },
  { name: "db", service: "db" },
  { name: "a.b", service: "a.b" },
];

test("no name means all, in the order of the configuration", () => {
  deepEqual(matchNames([], all), ["web-1", "web-2", "db", "a.b"]);
});

test("a name, the name of all replicas and patterns choose each service once, in the order of the configuration", () => {
  deepEqual(matchNames(["db", "web", "web-1"], all), ["web-1", "web-2", "db"]);
  deepEqual(matchNames(["web-?"], all), ["web-1", "web-2"]);
  deepEqual(matchNames(["*b*"], all), ["web-1", "web-2", "db", "a.b"]);
});

test("a pattern has no signs but * and ?", () => {
  deepEqual(matchNames(["a.?"], all), ["a.b"]);
  throws(() => matchNames(["a.c*"], all), UnknownServiceError);
  throws(() => matchNames(["(db|x)*"], all), UnknownServiceError);
  throws(() => matchNames(["d."], all), UnknownServiceError);
});

test("one unknown name among known ones is an error that names what there is", () => {
  throws(
    () => matchNames(["db", "wep"], all),
    (error: unknown) =>
      error instanceof UnknownServiceError &&
      error.message === 'cannot find service "wep": no such service' &&
      error.hint === "the services are web-1, web-2, db, a.b",
  );
});
