import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A daemon of the distribution that puts itself in the background. */
export interface RealDaemon {
  readonly name: string;
  /** For a test's `skip`: false, or why it cannot run here. */
  readonly skip: string | false;
  /** Makes what it needs below `directory`, which is its own; answers the fields of its service, with an absolute pidfile. */
  readonly prepare: (directory: string) => RealService;
  /** The name of its main process, as the kernel has it. */
  readonly comm: string;
}

export interface RealService extends Readonly<Record<string, unknown>> {
  readonly pidfile: string;
}

const isRoot = process.getuid?.() === 0;

function missing(...programs: readonly string[]): string | false {
  const lacks = programs.find((program) => !existsSync(program));
  return lacks === undefined ? false : `${lacks} is not installed`;
}

/** A service in a mount namespace, where `shell` may hide directories of the machine; only root can make one. */
function unshared(shell: string): readonly string[] {
  return ["unshare", "--mount", "sh", "-ec", shell];
}

function noNamespace(): string | false {
  if (!isRoot) return "only root can hide the machine's directories from it";
  const { status } = spawnSync("unshare", ["--mount", "true"]);
  return status === 0 ? false : "no mount namespace can be made";
}

function newestPostgres(): string | null {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root) : [];
  const [newest] = versions.toSorted((a, b) => Number(b) - Number(a));
  return newest === undefined ? null : `${root}/${newest}/bin`;
}

const postgresBin = newestPostgres();

export const nginx: RealDaemon = {
  name: "nginx",
  comm: "nginx",
  skip: missing("/usr/sbin/nginx"),
  prepare: (directory) => {
    const pidfile = join(directory, "nginx.pid");
    const conf = join(directory, "nginx.conf");
    writeFileSync(
      conf,
      `pid ${pidfile};\nerror_log ${directory}/error.log;\nworker_processes 2;\nevents {}\n`,
    );
    return { command: ["/usr/sbin/nginx", "-e", `${directory}/error.log`, "-c", conf], pidfile };
  },
};

export const redis: RealDaemon = {
  name: "redis",
  comm: "redis-server",
  skip: missing("/usr/bin/redis-server"),
  prepare: (directory) => {
    const pidfile = join(directory, "redis.pid");
    const words = ["--port", "0", "--unixsocket", join(directory, "s"), "--save", ""];
    const daemon = ["--daemonize", "yes", "--pidfile", pidfile];
    return { command: ["redis-server", ...words, ...daemon], pidfile };
  },
};

export const memcached: RealDaemon = {
  name: "memcached",
  comm: "memcached",
  skip: missing("/usr/bin/memcached"),
  prepare: (directory) => {
    const pidfile = join(directory, "memcached.pid");
    const user = isRoot ? ["-u", "root"] : [];
    return {
      command: ["memcached", "-d", ...user, "-s", join(directory, "s"), "-P", pidfile],
      pidfile,
    };
  },
};

export const postgres: RealDaemon = {
  name: "postgres",
  comm: "postgres",
  skip: postgresBin === null ? "PostgreSQL is not installed" : isRoot ? false : "it needs root",
  prepare: (directory) => {
    chmodSync(directory, 0o777);
    const data = join(directory, "data");
    const user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];
    const initdb = [`${postgresBin}/initdb`, "-A", "trust", "-N", data];
    const made = spawnSync("setpriv", [...user, ...initdb], { cwd: directory, encoding: "utf8" });
    if (made.status !== 0) throw new Error(`initdb ended with ${made.status}: ${made.stderr}`);
    const options = `-c listen_addresses='' -c fsync=off -k ${directory}`;
    const start = ["start", "-w", "-D", data, "-l", join(directory, "log"), "-o", options];
    return {
      command: [`${postgresBin}/pg_ctl`, ...start],
      user: "postgres",
      pidfile: join(data, "postmaster.pid"),
      // Fast shutdown: SIGTERM waits for clients.
      stop_signal: "SIGINT",
    };
  },
};

export const cron: RealDaemon = {
  name: "cron",
  comm: "cron",
  skip: missing("/usr/sbin/cron") || noNamespace(),
  prepare: (directory) => {
    for (const name of ["run", "empty"]) mkdirSync(join(directory, name));
    const hide = ["/etc/cron.d", "/var/spool/cron/crontabs"].map(
      (path) => `mount --bind ${directory}/empty ${path}`,
    );
    const shell = [
      `mount --bind ${directory}/run /run`,
      ...hide,
      "mount --bind /dev/null /etc/crontab",
      "exec cron",
    ];
    return { command: unshared(shell.join("\n")), pidfile: join(directory, "run/crond.pid") };
  },
};

export const sshd: RealDaemon = {
  name: "sshd",
  comm: "sshd",
  skip: missing("/usr/sbin/sshd", "/usr/bin/ssh-keygen") || noNamespace(),
  prepare: (directory) => {
    const at = (name: string): string => join(directory, name);
    mkdirSync(at("run/sshd"), { recursive: true });
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at("key")]);
    // Port 0 is none it would take; it listens on an address of the loopback that nobody else uses.
    const address = `127.${Math.ceil(process.pid / 250) % 250}.${process.pid % 250}.9`;
    const conf = [
      `ListenAddress ${address}:2222`,
      `HostKey ${at("key")}`,
      `PidFile ${at("sshd.pid")}`,
      "UsePAM no",
    ];
    writeFileSync(at("conf"), `${conf.join("\n")}\n`);
    const shell = `mount --bind ${directory}/run /run\nexec /usr/sbin/sshd -f ${at("conf")}`;
    return { command: unshared(shell), pidfile: at("sshd.pid") };
  },
};
