import { openProc, readStat } from "@supervise/process";
import { start, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";

/** A process that has ended, and whose parent never waits for it: the parent became a program that knows of no child. */
export async function zombieOf(t: TestScope): Promise<number> {
  const proc = openProc();
  const parent = start(t, "sh", ["-c", "sleep 60 & echo $!; exec sleep 60"]);
  const child = Number((await parent.stdout.match(/^\d+$/))[0]);
  for (const pid of [parent.pid, child])
    await until(() => readStat(proc, pid)?.comm === "sleep", {
      what: `process ${pid} to be sleep`,
    });
  process.kill(child, "SIGKILL");
  await until(() => readStat(proc, child)?.state === "Z", {
    what: `process ${child} to be a zombie`,
  });
  return child;
}
