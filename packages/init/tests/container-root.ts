import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { start, temporaryDirectory } from "@supervise/testkit";
import type { Started, TestScope } from "@supervise/testkit";
import { buildImage } from "./containerfile.js";

/** What the examples need of the base that their Containerfile names, taken from this machine. */
const BASES: Readonly<Record<string, readonly string[]>> = {
  scratch: [],
  "debian:12-slim": ["sh", "sleep"],
  "node:20-bookworm-slim": ["sh", "sleep", "node"],
};

const SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const UNSHARE = [
  ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"]),
  ...["--pid", "--fork", "--mount", "--uts", "--ipc", "--net", "--kill-child"],
];

/**
 * Words: ROOT MODE LOG COMMAND... The shell is process 1 and gives its place to the command. As a kubelet does it, LOG (empty: none) is mounted where the
 * reason of the end is looked for.
 */
const ENTER = `root=$1 mode=$2 log=$3; shift 3
mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount -t tmpfs tmpfs "$root/dev" || exit 125
for device in null zero full random urandom tty; do
  : > "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device" || exit 125
done
if [ -n "$log" ]; then
  : > "$root/dev/termination-log" && mount --bind "$log" "$root/dev/termination-log" || exit 125
fi
if [ "$mode" = read-only ]; then mount -o remount,bind,ro "$root" || exit 125; fi
exec chroot "$root" "$@"`;

let skip: string | false | undefined;

/** For a test's `skip`: false, or why no container can be made by hand here. */
export function containerSkip(): string | false {
  if (skip !== undefined) return skip;
  const words = [
    ...UNSHARE,
    "--",
    "sh",
    "-c",
    "mount --bind /proc /proc && mount -t proc proc /proc",
  ];
  const tried = spawnSync("unshare", words, { encoding: "utf8" });
  const cause = tried.error ? tried.error.message : tried.stderr.trim();
  skip = tried.status === 0 ? false : `no container can be made here: ${cause}`;
  return skip;
}

export interface RunOptions {
  readonly readOnly?: boolean;
  /** A file out here, which stands at /dev/termination-log within. */
  readonly terminationLog?: string;
}

export interface Container {
  /** Folder that is the root of the containers. */
  readonly root: string;
  /**
   * Runs the entrypoint as PID 1, with these words in place of the image's own command if there are any. `pid` is unshare(1)'s, the exit is
   * PID 1's. A read-only container has no writable place at all.
   */
  run(words?: readonly string[], options?: RunOptions): Started;
}

/** Builds the image of an example into a directory of this test. */
export function container(t: TestScope, name: string): Container {
  const folder = temporaryDirectory(t);
  const root = join(folder, "root");
  for (const place of ["proc", "dev", "tmp", "usr/bin"])
    mkdirSync(join(root, place), { recursive: true });
  const image = buildImage(name, root, folder);
  const base = BASES[image.base];
  if (!base) throw new Error(`no base "${image.base}" is known here`);
  for (const program of base) install(root, program);
  return {
    root,
    run(words = image.command, { readOnly = false, terminationLog = "" } = {}) {
      const mode = readOnly ? "read-only" : "writable";
      const enter = ["sh", "-c", ENTER, "sh", root, mode, terminationLog];
      const command = [...enter, ...image.entrypoint, ...words];
      // Nothing of this test's environment: an engine hands on none either.
      return start(t, "unshare", [...UNSHARE, "--", ...command], { env: { PATH: SEARCH_PATH } });
    },
  };
}

/** Copies a program and the libraries that it is linked with to where it looks for them. */
function install(root: string, name: string): void {
  const found = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));
  const path = name === "node" ? process.execPath : found.find((one) => existsSync(one));
  if (path === undefined) throw new Error(`there is no "${name}" on this machine`);
  const program = realpathSync(path);
  put(root, program, `/usr/bin/${name}`);
  if (name === "sh") put(root, program, "/bin/sh");
  const { stdout } = spawnSync("ldd", [program], { encoding: "utf8" });
  for (const [library] of stdout.matchAll(/\/\S+/g)) put(root, library, library);
}

function put(root: string, from: string, to: string): void {
  const path = join(root, to);
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) copyFileSync(from, path);
}
