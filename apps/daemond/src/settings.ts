/** What daemon.conf says, or what holds without it. */
export interface Settings {
  /** 0: one that the kernel chooses. */
  readonly port: number;
  /** An IPv4 or IPv6 address. */
  readonly bind: string;
  readonly pidFile: string;
  readonly log: string;
  /** How long a connection may be without a byte before the next scan closes it. */
  readonly idleTimeoutMs: number;
}

export const DEFAULTS: Settings = {
  port: 8402,
  bind: "127.0.0.1",
  pidFile: "/run/daemond.pid",
  log: "/var/log/daemond.log",
  idleTimeoutMs: 60_000,
};

export const DEFAULT_FILE = "/etc/daemon/daemon.conf";
