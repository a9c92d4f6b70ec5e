import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import type { Session } from "./session.js";
import { OPEN_FILES, openProc, runtimeDirectory } from "@supervise/process";
import { errnoText, type Kernel, type SpawnRequest } from "@supervise/sys";
import { CommandError, type VerbContext } from "../verb.js";
import { initEnvironment, openFilesLimit } from "./become-init.js";
import type { Refusal } from "./claim-place.js";
import { findInit, INIT_VARIABLE, whereInit } from "./init-place.js";
import { upWords } from "./options.js";

/** Tells the supervisor in the background which descriptor its starter listens on. Taken out of the environment before any service sees it. */
export const START_REPORT_VARIABLE = "SUPERVISE_START_FD";

/** What the supervisor in the background tells its starter, as one line of JSON. */
type StartReport =
  | {
      readonly kind: "started";
      readonly pid: number;
      readonly failed: readonly { readonly name: string; readonly reason: string }[];
    }
  | { readonly kind: "refused"; readonly message: string; readonly hint: string | null };

/** Starts the same command again in a session of its own, whose leader is gone so that it can never have a terminal, without `--detach` and under the init, and waits for its report. Returns the exit code. */
export function detach(
  context: VerbContext,
  kernel: Kernel,
  project: string,
  requestedDirectory: string | null,
): number {
  const place = runtimeDirectory({
    project,
    requested: requestedDirectory,
    uid: process.geteuid?.() ?? 0,
    env: context.io.environment,
  });
  const log = place.kind === "directory" ? `${place.path}/supervisor.log` : "/dev/null";
  const logFd = openSync(log, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o640);
  const nullFd = openSync("/dev/null", constants.O_RDWR);
  const pipe = kernel.pipe();
  if (typeof pipe === "number") throw new CommandError(`cannot make a pipe: ${errnoText(pipe)}`);
  kernel.setNonBlocking(pipe.read, false);
  const openFiles = openFilesLimit(kernel);
  const result = kernel.spawn({
    ...background(context, kernel),
    // Under an init it stays there for each supervisor that follows, and none but the first finds somebody who reads.
    descriptors: [nullFd, logFd, logFd, pipe.write],
    session: "detached",
    ...(openFiles === null ? {} : { limits: [[OPEN_FILES, openFiles.soft, openFiles.hard]] }),
  });
  for (const fd of [logFd, nullFd]) closeSync(fd);
  kernel.close(pipe.write);
  if ("stage" in result)
    throw new CommandError(
      `cannot start the supervisor: ${result.stage}: ${errnoText(result.errno)}`,
    );
  const report = readReport(pipe.read);
  kernel.close(pipe.read);
  if (report === null)
    throw new CommandError("cannot start the supervisor: it ended before it said anything", {
      hint: `its last words are in "${log}"`,
    });
  if (report.kind === "refused") throw new CommandError(report.message, { hint: report.hint });
  for (const { name, reason } of report.failed) context.io.err(`supervise: ${name}: ${reason}\n`);
  context.io.out(`project "${project}" is supervised by pid ${report.pid}\n`);
  return report.failed.length === 0 ? 0 : 1;
}

/** The command again, without `--detach`: under the init, or where that is missing by itself. */
function background(
  context: VerbContext,
  kernel: Kernel,
): Pick<SpawnRequest, "files" | "argv" | "env"> {
  const { io } = context;
  const place = findInit(io.environment);
  const words = ["up", ...upWords(context, ["detach"])];
  const report = `${START_REPORT_VARIABLE}=3`;
  if (place !== null)
    return {
      files: [place.path],
      argv: ["supervise-init", ...words],
      env: [...initEnvironment(openProc(kernel), io.environment, place), report],
    };
  if (io.environment[INIT_VARIABLE] !== "")
    io.err(
      `supervise: ${whereInit(io.environment)}: if the supervisor dies, nobody starts it anew\n`,
    );
  return {
    files: [process.execPath],
    argv: [process.execPath, ...process.execArgv, process.argv[1] ?? "", ...words],
    env: [...Object.entries(io.environment).map(([key, value]) => `${key}=${value ?? ""}`), report],
  };
}

/** One line; the other end may stay open for longer. */
function readReport(fd: number): StartReport | null {
  const buffer = Buffer.alloc(65_536);
  let text = "";
  for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer)) {
    text += buffer.toString("utf8", 0, count);
    if (text.endsWith("\n")) break;
  }
  return text === "" ? null : (JSON.parse(text) as StartReport);
}

/** The other end: null where nobody has started us in the background. */
export function startReport(environment: NodeJS.ProcessEnv): {
  started(session: Session, names: readonly string[]): void;
  refused(refusal: Refusal): void;
} | null {
  const fd = Number(environment[START_REPORT_VARIABLE] ?? "");
  if (!Number.isInteger(fd) || fd < 3) return null;
  const send = (report: StartReport): void => {
    try {
      writeSync(fd, `${JSON.stringify(report)}\n`);
    } catch {
      // EPIPE: the starter was ended meanwhile; the services are no less started.
    }
    closeSync(fd);
  };
  return {
    refused: ({ message, hint }) => send({ kind: "refused", message, hint }),
    started: (session, names) => {
      const { core, target } = session;
      const open = new Set(names);
      const failed: { readonly name: string; readonly reason: string }[] = [];
      const look = (name: string): void => {
        if (!open.has(name)) return;
        const status = core.engine.snapshot(name);
        const kind = status?.state.kind ?? "down";
        if (kind === "waiting" || kind === "starting" || kind === "stopping") return;
        open.delete(name);
        if (kind === "failed" || kind === "backoff")
          failed.push({ name, reason: target.services([name])[0]?.reason ?? kind });
        if (open.size > 0) return;
        unlisten();
        send({ kind: "started", pid: process.pid, failed });
      };
      const unlisten = core.onChange(look);
      for (const name of names) look(name);
      if (names.length === 0) send({ kind: "started", pid: process.pid, failed });
    },
  };
}
