import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { getSystemErrorMap } from "node:util";
import {
  SystemCallError,
  capabilityNumber,
  errnoName,
  errnoNumber,
  errnoText,
  execStages,
  limitNames,
  limitNumber,
  signalName,
  signalNumber,
  signals,
} from "@supervise/sys";

test("every errno that Node knows has the same name here, and back", () => {
  const synonyms = new Map([
    ["EWOULDBLOCK", "EAGAIN"],
    ["ENOTSUP", "EOPNOTSUPP"],
  ]);
  for (const [name, number] of Object.entries(constants.errno)) {
    assert.equal(errnoName(-number), synonyms.get(name) ?? name);
    assert.equal(errnoNumber(errnoName(-number)), -number);
  }
  for (const [number, [name, text]] of getSystemErrorMap()) {
    if (number < -133) continue;
    assert.equal(errnoName(number), name === "ENOTSUP" ? "EOPNOTSUPP" : name);
    assert.equal(errnoText(number), text);
  }
  assert.deepEqual(
    [errnoName(-133), errnoName(-35), errnoName(-41), errnoName(-4095)],
    ["EHWPOISON", "EDEADLK", "41", "4095"],
  );
  assert.deepEqual([errnoNumber("41"), errnoNumber("ENOSUCH")], [null, null]);
});

test("an error says what, the cause and the errno", () => {
  const error = new SystemCallError('cannot open "/x"', -2);
  assert.equal(error.message, 'cannot open "/x": no such file or directory (ENOENT)');
  assert.deepEqual([error.code, error.errno], ["ENOENT", -2]);
});

test("every signal that Node knows has the same number here", () => {
  for (const [name, number] of Object.entries(constants.signals)) {
    assert.equal(signalNumber(name), number, name);
    assert.equal(signalNumber(name.slice(3).toLowerCase()), number, name);
  }
  assert.equal(signals.length, 31);
});

test("every signal's name gives its number back, real-time ones too", () => {
  for (let number = 1; number <= 64; number++) {
    assert.equal(signalNumber(signalName(number)), number, signalName(number));
    assert.equal(signalNumber(String(number)), number);
  }
  const cases = [
    [15, "SIGTERM"],
    [34, "SIGRTMIN"],
    [37, "SIGRTMIN+3"],
    [49, "SIGRTMIN+15"],
    [50, "SIGRTMAX-14"],
    [64, "SIGRTMAX"],
    [32, "32"],
  ] as const;
  for (const [number, name] of cases) assert.equal(signalName(number), name);
  assert.equal(signalNumber("SIGRTMIN+30"), 64);
  assert.equal(signalNumber("SIGRTMAX-30"), 34);
});

test("what names no signal is null", () => {
  for (const text of [
    "",
    "SIG",
    "0",
    "65",
    "-9",
    "1.5",
    "SIGSIGTERM",
    "SIGRTMIN-1",
    "SIGRTMIN+31",
    "RTMAX+1",
    "TERM ; rm",
    "9 9",
  ]) {
    assert.equal(signalNumber(text), null, text);
  }
});

test("capabilities and limits have the numbers of Linux", () => {
  for (const name of ["CAP_NET_BIND_SERVICE", "NET_BIND_SERVICE", "net_bind_service"])
    assert.equal(capabilityNumber(name), 10);
  assert.deepEqual(
    [capabilityNumber("chown"), capabilityNumber("CAP_CHECKPOINT_RESTORE")],
    [0, 40],
  );
  assert.deepEqual(
    [capabilityNumber("ALL"), capabilityNumber("CAP_CAP_CHOWN"), capabilityNumber("")],
    [null, null, null],
  );
  for (const name of ["nofile", "NOFILE", "RLIMIT_NOFILE"]) assert.equal(limitNumber(name), 7);
  assert.deepEqual(
    [limitNumber("cpu"), limitNumber("as"), limitNumber("rttime"), limitNumber("files")],
    [0, 9, 15, null],
  );
  assert.equal(limitNames.length, 16);
});

test("exec stages are in the order of the addon's", () => {
  assert.equal(execStages.length, 21);
  assert.deepEqual([execStages[0], execStages[7], execStages[20]], ["clone", "oom score", "exec"]);
});
