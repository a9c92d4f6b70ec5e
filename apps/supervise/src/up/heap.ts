/** From so many services on their start takes longer than what it costs to load node:v8, 2 ms, and shows in the heap. */
export const MANY_SERVICES = 300;

/**
 * Until the returned function is called V8 optimizes nothing: the burst of a start is over before that pays, and the compiler would take a processor
 * from the services.
 */
export async function holdOptimizing(): Promise<() => void> {
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--no-opt");
  return () => setFlagsFromString("--opt");
}
