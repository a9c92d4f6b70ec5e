import type { Keeper } from "@supervise/process";

/** Where the connections of stream clients outlive the supervisor: with its keeper. */
export interface HeldConnections {
  /** Those that the supervisor before had accepted; from the first call on the caller's. */
  take(): readonly HeldConnection[];
  /** Ours stays ours. */
  keep(fd: number): HeldConnection;
  forget(connection: HeldConnection): void;
}

export interface HeldConnection {
  /** Of its deposit. */
  readonly name: string;
  readonly fd: number;
}

const PREFIX = "syslog-stream/";

/** Without a keeper nothing is held, and nothing was. */
export function createHeldConnections(keeper: Keeper | null): HeldConnections {
  let last = 0;
  return {
    take: () => {
      const names = keeper?.left().filter((name) => name.startsWith(PREFIX)) ?? [];
      return names.flatMap((name) => {
        last = Math.max(last, Number(name.slice(PREFIX.length)));
        return (keeper?.take(name) ?? []).map((fd) => ({ name, fd }));
      });
    },
    keep: (fd) => {
      last += 1;
      const name = `${PREFIX}${last}`;
      keeper?.deposit(name, [fd]);
      return { name, fd };
    },
    forget: ({ name }) => {
      if (keeper?.connected === true) keeper.withdraw(name);
    },
  };
}
