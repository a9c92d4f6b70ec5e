import { dirname } from "node:path";
import type { Configuration } from "@supervise/model";
import type { Session } from "../session.js";
import type { FileChange } from "./changes.js";
import type { FileWatch } from "./file-watch.js";

/** `develop.watch`: restarts and reloads services when their files change. */
export interface Develop {
  /** Another configuration is in force. */
  update(configuration: Configuration): void;
  close(): Promise<void>;
}

/** Nothing is loaded before a configuration asks for it. `files`: of the configuration. */
export function openDevelop(session: Session, files: readonly string[]): Develop {
  const { room } = session.core;
  let opened: Promise<FileWatch> | null = null;

  const changed = (changes: readonly FileChange[]): void => {
    for (const { service: name, action, path } of changes) {
      // Who was told to stop stays down.
      if (session.core.engine.snapshot(name)?.wanted !== "up") continue;
      room.hub.say(`${name}: ${action} because "${path}" has changed`, "info");
      if (action === "restart")
        room.post({ type: "restartService", name, cause: { kind: "fileChanged", path } });
      else
        session.target.reloadService(name).then(
          (problem) => problem !== null && room.warn(name, `Cannot reload ${name}: ${problem}`),
          (error: unknown) => room.warn(name, `Cannot reload ${name}: ${String(error)}`),
        );
    }
  };
  const open = async (): Promise<FileWatch> => {
    const { openFileWatch } = await import("./file-watch.js");
    return openFileWatch({
      changed,
      warn: (message) => room.warn(null, message),
      directory: dirname(files[0] ?? "."),
      runtimeDirectory: room.runtimeDirectory,
    });
  };

  return {
    update(configuration) {
      if (opened === null && configuration.services.every(({ watch }) => watch.length === 0))
        return;
      opened ??= open();
      opened
        .then((watch) => watch.update(configuration))
        .then(
          () =>
            room.events.add({ service: null, kind: "configuration", message: "Files are watched" }),
          (error: unknown) => room.warn(null, `Cannot watch files: ${String(error)}`),
        );
    },
    async close() {
      await (await opened)?.close();
    },
  };
}
