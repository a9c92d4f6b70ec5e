/** The part of pidusage 4 that is used here. */
declare module "pidusage" {
  interface Usage {
    /** Percent of one processor since the look before; since the start at the first one. */
    readonly cpu: number;
    /** Resident set, in bytes. */
    readonly memory: number;
  }
  interface Options {
    /** How long a process that is not asked about is remembered, in milliseconds. */
    readonly maxage: number;
  }
  const pidusage: {
    /** Null for a process that is gone, unless all are: then it rejects. */
    (pids: readonly number[], options: Options): Promise<Readonly<Record<string, Usage | null>>>;
    clear(): void;
  };
  export default pidusage;
}
