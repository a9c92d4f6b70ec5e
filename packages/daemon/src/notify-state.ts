/** What can be told to a manager: the assignments of sd_notify(3), several at once if wanted. */
export interface NotifyState {
  /** READY=1: start-up, or a reload, is done. */
  readonly ready?: boolean;
  /** RELOADING=1 with MONOTONIC_USEC=, which Type=notify-reload of systemd.service(5) needs. READY has to follow. */
  readonly reloading?: boolean;
  /** STOPPING=1: shutdown has begun. */
  readonly stopping?: boolean;
  /** STATUS=: one line for people. */
  readonly status?: string;
  /** ERRNO=: why start-up failed; an errno, negative or positive. */
  readonly errno?: number;
  /** BUSERROR=: the same as a D-Bus error, such as "org.freedesktop.DBus.Error.TimedOut". */
  readonly busError?: string;
  /** EXIT_STATUS=: with what the service has ended, as a virtual machine or container tells of its own init. */
  readonly exitStatus?: number;
  /** MAINPID=: the main process is another one than the manager started. */
  readonly mainPid?: number;
  /** WATCHDOG=1 or WATCHDOG=trigger: we are alive, or act as if we were not. */
  readonly watchdog?: "alive" | "trigger";
  /** WATCHDOG_USEC=: from now on the watchdog waits so long, in microseconds. */
  readonly watchdogMicros?: number;
  /** EXTEND_TIMEOUT_USEC=: what is going on (start, reload, stop) may take so much longer from now, in microseconds. */
  readonly extendTimeoutMicros?: number;
  /**
   * FDSTORE=1: the manager keeps copies and passes them to our next run (see listenFds); FDNAME= names them, FDPOLL=0 keeps them even when they are hung up. Or FDSTOREREMOVE=1 for those of a name.
   */
  readonly fdStore?:
    | {
        readonly descriptors: readonly number[];
        readonly name?: string;
        readonly poll?: boolean;
      }
    | { readonly remove: string };
  /** NOTIFYACCESS=: from whom the manager takes notifications from now on. */
  readonly notifyAccess?: "none" | "all" | "main" | "exec";
  /** Further assignments; a manager ignores names it does not know, and asks that private ones begin with "X_". */
  readonly others?: Readonly<Record<string, string>>;
}

/** The message, or null where a number is none, a name of descriptors is none that systemd takes (FDNAME: 1 to 255 printable characters without a colon), or nothing is said. */
export function formatNotify(state: NotifyState, nowMicros: number): string | null {
  const numbers = [
    state.exitStatus,
    state.mainPid,
    state.watchdogMicros,
    state.extendTimeoutMicros,
  ].filter((each) => each !== undefined);
  if (!numbers.every((each) => Number.isSafeInteger(each) && each >= 0)) return null;
  if (state.errno !== undefined && !Number.isSafeInteger(state.errno)) return null;
  const stored = storeLines(state.fdStore);
  if (stored === null) return null;
  const others = Object.entries(state.others ?? {});
  if (!others.every(([name]) => /^[A-Z_][A-Z\d_]*$/.test(name))) return null;
  const lines = [
    ...(state.reloading === true ? ["RELOADING=1", `MONOTONIC_USEC=${Math.floor(nowMicros)}`] : []),
    ...(state.ready === true ? ["READY=1"] : []),
    ...(state.stopping === true ? ["STOPPING=1"] : []),
    ...assign("STATUS", state.status),
    ...assign("ERRNO", state.errno === undefined ? undefined : Math.abs(state.errno)),
    ...assign("BUSERROR", state.busError),
    ...assign("EXIT_STATUS", state.exitStatus),
    ...assign("MAINPID", state.mainPid),
    ...assign("WATCHDOG", state.watchdog === "alive" ? 1 : state.watchdog),
    ...assign("WATCHDOG_USEC", state.watchdogMicros),
    ...assign("EXTEND_TIMEOUT_USEC", state.extendTimeoutMicros),
    ...assign("NOTIFYACCESS", state.notifyAccess),
    ...stored,
    ...others.flatMap(([name, value]) => assign(name, value)),
  ];
  return lines.length === 0 ? null : lines.join("\n");
}

/** A newline would begin the next assignment, and a NUL end the message. */
function assign(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [`${name}=${String(value).replaceAll(/[\n\0]/g, " ")}`];
}

function storeLines(store: NotifyState["fdStore"]): readonly string[] | null {
  if (store === undefined) return [];
  const name = "remove" in store ? store.remove : store.name;
  if (name !== undefined && !/^[ -9;-~]{1,255}$/.test(name)) return null;
  if ("remove" in store) return ["FDSTOREREMOVE=1", ...assign("FDNAME", name)];
  const poll = store.poll === false ? ["FDPOLL=0"] : [];
  return ["FDSTORE=1", ...assign("FDNAME", name), ...poll];
}
