// @ts-check
// How each logger is run above services that write lines, and where it leaves them.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { missingPackage } from "../peers/peer.mjs";
import { installed as installedConcurrently } from "./concurrently.mjs";
import { installed as installedPm2 } from "../peers/pm2.mjs";

/**
 * @typedef {object} Job
 * @property {string} directory empty; logs are to be in its "logs"
 * @property {(id: number) => string[]} writer the command of a service
 * @property {number[]} ids of the services
 * @property {boolean} stamps
 * @property {number | null} rotateBytes null: as seldom as the logger allows
 *
 * @typedef {object} Plan
 * @property {string[][]} commands each is run on its own
 * @property {Record<string, string>} [environment]
 * @property {string} [stdout] file that takes what the commands write
 *
 * @typedef {object} Logger
 * @property {string} name
 * @property {() => string | undefined} missing why it cannot be run here
 * @property {(job: Job) => Plan} prepare
 * @property {(one: string, other: string) => number} [order] of the files of one service; names are compared without it, "current" is last
 */

const supervise = join(import.meta.dirname, "../../apps/supervise/bin/supervise.js");
const init = join(import.meta.dirname, "../../packages/init/bin/supervise-init");

/** @param {number} id */
const nameOf = (id) => `s${String(id).padStart(4, "0")}`;

/** @param {string} word */
const quoted = (word) => `'${word}'`;

/**
 * As a daemon: under the init, so that what is on its way outlives it.
 *
 * @param {string} name
 * @param {Record<string, string>} options
 * @param {"file" | "direct"} driver
 * @returns {Logger}
 */
function ours(name, options, driver = "file") {
  return {
    name,
    missing: () => undefined,
    prepare: ({ directory, writer, ids, rotateBytes }) => {
      const services = Object.fromEntries(
        ids.map((id) => {
          const path = join(directory, "logs", `${nameOf(id)}.log`);
          const rotation =
            rotateBytes === null ? {} : { "max-size": String(rotateBytes), "max-file": "1000" };
          const logging = { driver, options: { path, ...options, ...rotation } };
          return [nameOf(id), { command: writer(id), logging }];
        }),
      );
      const file = join(directory, "supervise.yaml");
      writeFileSync(file, JSON.stringify({ name: "bench", services }));
      return {
        commands: [[init, "up", "-q", "-f", file, "--runtime-dir", join(directory, "run")]],
        environment: {
          SUPERVISE_NODE: process.env["SUPERVISE_NODE"] ?? process.execPath,
          SUPERVISE_COMMAND: supervise,
          XDG_CACHE_HOME: join(directory, "cache"),
        },
      };
    },
  };
}

/**
 * One that reads a pipe and writes into a directory.
 *
 * @param {string} name
 * @param {string} packageName
 * @param {(job: Job, directory: string) => string} command
 * @returns {Logger}
 */
function reader(name, packageName, command) {
  return {
    name,
    missing: () => missingPackage(packageName, name),
    prepare: (job) => ({
      commands: job.ids.map((id) => {
        const directory = join(job.directory, "logs", nameOf(id));
        mkdirSync(directory, { recursive: true });
        const writing = job.writer(id).map(quoted).join(" ");
        return ["sh", "-c", `${writing} | exec ${command(job, directory)}`];
      }),
    }),
  };
}

export const s6Log = reader(
  "s6-log",
  "s6",
  ({ stamps, rotateBytes }, directory) =>
    `s6-log ${stamps ? "T " : ""}n1000 s${rotateBytes ?? 268_435_455} ${directory}`,
);

export const multilog = reader(
  "multilog",
  "daemontools",
  ({ stamps, rotateBytes }, directory) =>
    `multilog ${stamps ? "t " : ""}n1000 s${rotateBytes ?? 16_777_215} ${directory}`,
);

export const svlogd = reader("svlogd", "runit", ({ stamps, rotateBytes }, directory) => {
  writeFileSync(join(directory, "config"), `s${rotateBytes ?? 0}\nn1000\n`);
  return `svlogd ${stamps ? "-tt " : ""}${directory}`;
});

/** What a service writes without anybody in between. @type {Logger} */
export const shell = {
  name: "shell",
  missing: () => undefined,
  prepare: ({ directory, writer, ids }) => ({
    commands: ids.map((id) => [
      "sh",
      "-c",
      `exec ${writer(id).map(quoted).join(" ")} >> ${join(directory, "logs", `${nameOf(id)}.log`)}`,
    ]),
  }),
};

/** @type {Logger} */
export const supervisord = {
  name: "supervisord",
  missing: () => missingPackage("supervisor", "supervisord"),
  prepare: ({ directory, writer, ids, rotateBytes }) => {
    const file = join(directory, "supervisord.conf");
    const programs = ids.map(
      (id) =>
        `[program:${nameOf(id)}]\ncommand=${writer(id).join(" ")}\nstartsecs=0\nstdout_logfile=${join(directory, "logs", `${nameOf(id)}.log`)}\n` +
        `stdout_logfile_maxbytes=${rotateBytes ?? 0}\nstdout_logfile_backups=1000\nstderr_logfile=NONE\n`,
    );
    writeFileSync(
      file,
      `[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=${join(directory, "pid")}\n${programs.join("")}`,
    );
    return { commands: [["supervisord", "-c", file]] };
  },
  // The one with the highest number is the oldest.
  order: (one, other) => numberOf(other) - numberOf(one),
};

/** @param {string} name */
const numberOf = (name) => Number(/\.log\.(\d+)$/.exec(name)?.[1] ?? 0);

/** @type {Logger} */
export const pm2 = {
  name: "pm2",
  missing: () =>
    installedPm2() ? undefined : "pm2 is not installed: npm run bench -- --install-pm2",
  prepare: ({ directory, writer, ids, stamps }) => {
    const file = join(directory, "ecosystem.json");
    const apps = ids.map((id) => {
      const [script, ...args] = writer(id);
      return {
        ...{ name: nameOf(id), script, args, interpreter: "none", exec_mode: "fork" },
        ...{ vizion: false, pmx: false, error_file: "/dev/null" },
        out_file: join(directory, "logs", `${nameOf(id)}.log`),
        ...(stamps ? { log_date_format: "YYYY-MM-DD HH:mm:ss.SSS" } : {}),
      };
    });
    writeFileSync(file, JSON.stringify({ apps }));
    return {
      commands: [[process.execPath, installedPm2() ?? "", "start", file]],
      environment: { PM2_HOME: join(directory, "pm2") },
    };
  },
};

/** Lines of all services in its standard output. @type {Logger} */
export const concurrently = {
  name: "concurrently",
  missing: () =>
    installedConcurrently()
      ? undefined
      : "concurrently is not installed: node bench/log/concurrently.mjs",
  prepare: ({ directory, writer, ids, stamps }) => ({
    commands: [
      [
        ...[process.execPath, installedConcurrently() ?? "", "--no-color"],
        ...["--names", ids.map(nameOf).join(","), "--prefix", stamps ? "{time} {name}" : "{name}"],
        ...ids.map((id) => `exec ${writer(id).join(" ")}`),
      ],
    ],
    stdout: join(directory, "logs", "all.log"),
  }),
};

export const stamped = ours("supervise", {});
export const unstamped = ours("supervise unstamped", { timestamps: "none" });
export const raw = ours("supervise raw", { format: "raw" });
export const direct = ours("supervise direct", {}, "direct");

/**
 * All files below a directory, those of each service from the oldest to the newest.
 *
 * @param {string} directory
 * @param {Logger} logger
 */
export function filesOf(directory, { order }) {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(lock|config|state|newstate|status)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
  const ageless = (/** @type {string} */ name) => name.replace(/(\.log)$|\/current$/, "$1~");
  return names.toSorted(
    order ??
      ((one, other) =>
        ageless(one) < ageless(other) ? -1 : ageless(one) > ageless(other) ? 1 : 0),
  );
}
