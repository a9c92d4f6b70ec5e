import assert from "node:assert/strict";
import { test } from "node:test";
import { childrenOf, until } from "@supervise/testkit";
import { STANDINGS, standingSkip, startKeeper, supervisorPid } from "./keeper-harness.js";
import type { Kept } from "./keeper-harness.js";

const CHILDREN = 2000;
const DEATHS = 40;
const DEPOSITS = 200;

/** What all supervisors said, put together. */
interface Account {
  /** Every child that is known to have been started: its PID, with the codes it was given in turn (a PID can come again). */
  readonly spawned: ReadonlyMap<string, readonly string[]>;
  /** By the number of the message. */
  readonly told: ReadonlyMap<number, string>;
}

function account(lines: readonly string[]): Account {
  const spawned = new Map<string, string[]>();
  const told = new Map<number, string>();
  let acknowledged = 0;
  for (const line of lines) {
    const [word, first = "", second = "", , status = ""] = line.split(" ");
    if (word === "spawned") spawned.set(first, [...(spawned.get(first) ?? []), second]);
    if (word === "acknowledged") acknowledged = Number(first);
    if (word !== "exit") continue;
    const number = Number(first);
    assert.ok(number > acknowledged, `"${line}" was told again after it was acknowledged`);
    const text = `${second} ${status}`;
    assert.equal(told.get(number) ?? text, text, "one number, one end");
    told.set(number, text);
  }
  return { spawned, told };
}

/** Lets it work for a while, then kills it, as often as asked; each new one goes on with the storm. */
async function killAgainAndAgain(kept: Kept): Promise<void> {
  for (let death = 0; death < DEATHS; death++) {
    // An upgrade that was announced is no fault, so that the keeper does not give up after six.
    await kept.tell("upgrade");
    kept.tellLast(`storm ${CHILDREN / DEATHS}`);
    // Sometimes at once, sometimes in the midst of the storm, sometimes near its end.
    const after = (death * 7) % (CHILDREN / DEATHS);
    for (let seen = 0; seen < after; seen++) await kept.said.match(/^spawned /);
    process.kill(await kept.initPid(), "SIGHUP");
    process.kill(await supervisorPid(kept), "SIGKILL");
    await kept.begun();
  }
}

for (const standing of STANDINGS) {
  test(
    `of children that end while supervisors are killed none is lost, as ${standing}`,
    { skip: standingSkip(standing) },
    async (t) => {
      const kept = startKeeper(t, { standing, env: { ACKNOWLEDGE: "1" } });
      await kept.begun();
      await kept.tell("settings 60000 0 0 ");
      await kept.tell("ready");
      await kept.tell(`deposits ${DEPOSITS}`);
      await killAgainAndAgain(kept);
      // Who is started first need not end first.
      const init = await kept.initPid();
      await until(() => childrenOf(init).length, { is: (count) => count === 1, what: "one child" });
      kept.tellLast("spawn 250");
      const [, last] = await kept.said.match(/^spawned (\d+) 250$/);
      const [, number] = await kept.said.match(new RegExp(`^exit (\\d+) ${last} 1 250 whole$`));
      const latest = kept.said.all.slice(
        kept.said.all.findLastIndex((line) => line.startsWith("hello ")),
      );
      assert.equal(latest.filter((line) => line.startsWith("held number/")).length, DEPOSITS);
      // None of the signals was acknowledged, so the last supervisor is told of all.
      await until(() => kept.said.all.findLast((line) => line.startsWith("signal ")), {
        is: (line) => line?.startsWith(`signal ${DEATHS} `) === true,
        what: "the last signal",
      });
      const { spawned, told } = account(kept.said.all);
      assert.ok(spawned.size > CHILDREN / 4, `only ${spawned.size} children`);
      assert.equal(told.size, Number(number), "every number from 1 on was told");
      const ends = new Map<string, string[]>();
      for (const text of told.values()) {
        const [pid = "", status = ""] = text.split(" ");
        ends.set(pid, [...(ends.get(pid) ?? []), status]);
      }
      for (const [pid, codes] of spawned)
        for (const code of codes)
          assert.ok(
            ends.get(pid)?.includes(code),
            `the end of ${pid} with ${code}: ${ends.get(pid)?.join()}`,
          );
    },
  );
}
