import type {
  Compression,
  DependencyCondition,
  LogFormat,
  LogMode,
  RestartPolicy,
  ServiceType,
  SignalName,
  SyslogAddress,
  TimeStampStyle,
} from "@supervise/model";

/** A command as it is written: a string is split later, because `shell` decides how. */
export type CommandText = string | readonly string[];

export interface DependencyFields {
  readonly condition: DependencyCondition;
  readonly required: boolean;
  readonly restart: boolean;
}

export interface HealthFields {
  readonly test?: string | readonly string[] | undefined;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly start_period: number;
  readonly start_interval: number;
  readonly disable: boolean;
  readonly on_unhealthy: "restart" | "none";
}

export interface ReadyFields {
  readonly notify?: true | undefined;
  readonly fd?: number | undefined;
  readonly log?: string | undefined;
  readonly tcp?: { readonly host: string; readonly port: number } | undefined;
  readonly http?: string | undefined;
  readonly unix?: string | undefined;
  readonly file?: string | undefined;
  readonly command?: CommandText | undefined;
  readonly timeout: number;
  readonly interval: number;
}

export interface RestartDelayFields {
  readonly initial: number;
  readonly factor: number;
  readonly max: number;
  readonly jitter: number;
  readonly reset_after: number;
}

/** null is "unlimited". */
export interface LimitFields {
  readonly soft: number | null;
  readonly hard: number | null;
}

export type SyslogFormat = "rfc3164" | "rfc5424" | "rfc5424micro";

export interface LoggingFields {
  readonly driver: "file" | "direct" | "syslog" | "service" | "none";
  readonly options?:
    | {
        readonly mode: LogMode;
        readonly stderr: "separate" | "stdout";
        readonly path?: string | undefined;
        readonly "max-size"?: number | undefined;
        readonly "max-age"?: number | undefined;
        readonly "max-file": number;
        readonly "max-total-size"?: number | undefined;
        readonly compress: Compression | null;
        readonly format?: LogFormat | undefined;
        readonly timestamps: TimeStampStyle;
        readonly "syslog-address"?: SyslogAddress | undefined;
        readonly "syslog-facility"?: number | undefined;
        readonly "syslog-format"?: SyslogFormat | undefined;
        readonly tag?: string | undefined;
        readonly service?: string | undefined;
        readonly "max-buffer-size"?: number | undefined;
      }
    | undefined;
}

export interface SocketFields {
  readonly tcp?: { readonly host: string; readonly port: number } | undefined;
  readonly unix?: string | undefined;
  readonly mode: number;
  readonly backlog: number;
}

export interface EnvFileFields {
  readonly path: string;
  readonly required: boolean;
}

/** A service as the schema leaves it: durations in milliseconds, sizes in bytes, defaults filled in, nothing resolved. */
/** `develop`. */
export interface DevelopFields {
  readonly watch: readonly {
    readonly path: string;
    readonly action: "restart" | "reload";
    readonly ignore: readonly string[];
  }[];
}

export interface ServiceFields {
  readonly type: ServiceType;
  readonly command: CommandText | undefined;
  readonly shell: boolean;
  readonly working_dir: string | undefined;
  /** null: taken from the environment of the load. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly env_file: readonly EnvFileFields[];
  readonly inherit_environment: boolean;
  readonly port: "auto" | number | undefined;
  readonly user: string | undefined;
  readonly group_add: readonly string[];
  readonly umask: number | undefined;
  readonly nice: number | undefined;
  readonly oom_score_adj: number | undefined;
  readonly ulimits: Readonly<Record<string, LimitFields>>;
  readonly cap_add: readonly string[];
  readonly cap_drop: readonly string[];
  readonly no_new_privileges: boolean;
  readonly root: string | undefined;
  readonly tty: boolean;
  /** Not given: as `tty`. */
  readonly stdin_open: boolean | undefined;
  readonly depends_on: Readonly<Record<string, DependencyFields>>;
  readonly healthcheck: HealthFields | undefined;
  readonly ready: ReadyFields | undefined;
  readonly restart: RestartPolicy;
  readonly restart_delay: RestartDelayFields;
  readonly restart_limit: { readonly count: number; readonly window: number } | undefined;
  readonly stop_signal: SignalName;
  readonly stop_grace_period: number;
  readonly stop_command: CommandText | undefined;
  readonly watchdog: number | undefined;
  readonly reload_signal: SignalName | undefined;
  readonly reload_command: CommandText | undefined;
  readonly pidfile: string | undefined;
  readonly sockets: Readonly<Record<string, SocketFields>>;
  readonly profiles: readonly string[];
  readonly scale: number;
  readonly logging: readonly LoggingFields[];
  readonly develop: DevelopFields;
}
