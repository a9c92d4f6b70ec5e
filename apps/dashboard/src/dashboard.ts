import { constants } from "node:os";
import { resolve } from "node:path";
import type { ReadStream, WriteStream } from "node:tty";
import type { ControlClient } from "@supervise/control";
import type { InspectSource } from "@supervise/process";
import { carryOut } from "./feed/carry-out.js";
import { readPages } from "./feed/log-pages.js";
import type { LogFiles } from "./feed/log-pages.js";
import { propose, proposeEdit } from "./feed/propose.js";
import { openFeed } from "./feed/feed.js";
import type { FeedOptions } from "./feed/feed.js";
import { createSampler } from "./feed/sampler.js";
import { save } from "./feed/save.js";
import { wantedOf } from "./feed/wanted.js";
import { createEnding } from "./ending.js";
import type { Message } from "./model/message.js";
import { initialModel } from "./model/model.js";
import type { Effect } from "./model/model.js";
import { COMPARING } from "./model/proposal.js";
import { update } from "./model/update.js";
import { showsUnicode } from "./terminal/attributes.js";
import { openTerminal } from "./terminal/terminal.js";
import { ASCII, UNICODE } from "./view/glyphs.js";
import { view } from "./view/view.js";

export interface DashboardOptions {
  readonly client: ControlClient;
  readonly socketPath: string;
  /** The kernel's word about processes. */
  readonly source: InspectSource;
  /** The services' log files. */
  readonly files: LogFiles;
  /** Where the configuration sets these variables of a service ("supervise.yaml:12"), as far as it can be told. */
  readonly placesOf: FeedOptions["placesOf"];
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
}

/**
 * Shows the dashboard until the person leaves or a signal ends it, and gives the terminal back whatever happens. Resolves with the exit code:
 * 0, or 128+n after signal n; rejects with what went wrong, after the terminal was given back. The supervisor is not touched.
 */
export async function runDashboard(options: DashboardOptions): Promise<number> {
  const { client, source, files, input, output, environment, workingDirectory, socketPath } =
    options;
  const unicode = showsUnicode(environment);
  const ending = createEnding();
  const abort = new AbortController();
  const terminal = openTerminal({
    input,
    output,
    environment,
    unicode,
    onInput: (one) => ending.guard(() => dispatch(one)),
    onResize: (width, height) => ending.guard(() => dispatch({ type: "resize", width, height })),
    onGone: () => ending.resolve(128 + constants.signals.SIGHUP),
  });
  let model = initialModel({
    width: terminal.width,
    height: terminal.height,
    glyphs: unicode ? UNICODE : ASCII,
    socketPath,
    nowMs: Date.now(),
    archive: true,
  });
  let reading = new AbortController();
  let drawing: NodeJS.Immediate | null = null;
  let asked = "";
  const draw = (): void => {
    drawing = null;
    ending.guard(() => terminal.draw(view(model)));
  };
  const dispatch = (message: Message): void => {
    const [next, effects] = update(model, message);
    if (next !== model) drawing ??= setImmediate(draw);
    model = next;
    for (const effect of effects) perform(effect);
    const wanted = JSON.stringify(wantedOf(model));
    if (wanted === asked) return;
    asked = wanted;
    feed.changed();
  };
  const tell = (message: Message): void => ending.guard(() => dispatch(message));
  /** Shows what is on its way from now on. Returns its number. */
  const begin = (what: string): number => {
    const id = model.nextAction;
    model = { ...model, nextAction: id + 1, acting: new Map([...model.acting, [id, what]]) };
    drawing ??= setImmediate(draw);
    return id;
  };
  const suspend = (): void => {
    let back = false;
    process.once("SIGCONT", () => {
      back = true;
      terminal.enter();
      drawing ??= setImmediate(draw);
    });
    // The whole job, as the terminal itself does it.
    void terminal.leave().then(() => back || process.kill(0, "SIGTSTP"));
  };
  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case "quit":
        ending.resolve(0);
        return;
      case "redraw":
        terminal.forget();
        drawing ??= setImmediate(draw);
        return;
      case "suspend":
        suspend();
        return;
      case "copy":
        terminal.copy(effect.text);
        return;
      case "save":
        void save(resolve(workingDirectory, effect.path), effect.text).then((told) =>
          ending.guard(() => dispatch({ type: "told", ...told, id: null })),
        );
        return;
      case "stopReading":
        reading.abort();
        return;
      case "readLog":
        reading.abort();
        reading = new AbortController();
        void readPages(files, effect.ask, effect.logs, tell, reading.signal);
        return;
      case "compare":
        begin(COMPARING);
        void propose(client, null).then(tell);
        return;
      case "edit":
        // Ctrl-C is the editor's, as system(3) has it.
        ending.deafToKeys(true);
        void terminal
          .leave()
          .then(() =>
            proposeEdit({
              client,
              path: effect.path,
              edit: effect.edit,
              environment,
              signal: abort.signal,
              back: () => {
                ending.deafToKeys(false);
                terminal.enter();
              },
            }),
          )
          .then(tell);
        return;
      case "act":
      case "scale":
      case "apply":
      case "reloadConfiguration": {
        const id = begin("what" in effect ? effect.what : "apply the configuration");
        void carryOut(client, effect, id, (told) => ending.guard(() => dispatch(told)));
      }
    }
  };
  const feed = openFeed({
    client,
    sampler: createSampler(source),
    send: tell,
    placesOf: options.placesOf,
    grade: () => files.grade(),
    wanted: () => wantedOf(model),
    now: Date.now,
  });
  draw();
  let code = 1;
  try {
    code = await ending.promise;
    return code;
  } finally {
    feed.close();
    abort.abort();
    reading.abort();
    if (drawing !== null) clearImmediate(drawing);
    const taken = await terminal.close();
    ending.close();
    // What a link that stands still has not taken would hold the process for as long.
    if (!taken) process.exit(code);
  }
}
