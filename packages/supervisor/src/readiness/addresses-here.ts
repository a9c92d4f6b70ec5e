/**
 * The addresses of a host name that are this machine's own: whose socket answers there can be looked up. Empty: the name is another machine's, or nobody knows it, which
 * connecting to it will tell.
 */
export async function addressesHere(host: string): Promise<readonly string[]> {
  const [{ lookup }, { networkInterfaces }] = await Promise.all([
    import("node:dns/promises"),
    import("node:os"),
  ]);
  const found = await lookup(host, { all: true }).catch(() => []);
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []),
  );
  return found
    .map(({ address }) => address)
    .filter((address) => address.startsWith("127.") || own.has(address));
}
