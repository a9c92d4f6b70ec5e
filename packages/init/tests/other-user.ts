import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { subject } from "./conformance.js";
import type { Subject } from "./conformance.js";
import { program } from "./inits.js";

/** For a test's `skip`. */
export const needsRoot: string | false = process.getuid?.() === 0 ? false : "needs root";

/** Words that make the next program somebody else, without any right. */
export const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

export interface OpenCopies {
  readonly subject: Subject;
  /** end-with. */
  readonly end: string;
  /** start-as with the set-user-ID bit: `uid=0` makes it root whoever executes it. */
  readonly startAs: string;
}

/** Copies that anybody may execute: the folder of the checkout may be closed to others. They go with the test. */
export function openCopies(t: TestScope, it: Subject): OpenCopies {
  const directory = join(temporaryDirectory(t), "open");
  mkdirSync(directory);
  for (let path = directory; path !== tmpdir() && path !== "/"; path = dirname(path))
    chmodSync(path, 0o755);
  const copy = (from: string, name: string, mode = 0o755): string => {
    const to = join(directory, name);
    copyFileSync(from, to);
    chmodSync(to, mode);
    return to;
  };
  const path = copy(it.init.path ?? "", it.init.name);
  return {
    subject: subject({ ...it.init, path }, it.mode),
    end: copy(program("end-with"), "end-with"),
    startAs: copy(program("start-as"), "start-as", 0o4755),
  };
}
