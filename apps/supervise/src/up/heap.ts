/** From so many services on their start shows in the heap. */
export const MANY_SERVICES = 50;

/**
 * Until the returned function is called V8 optimizes nothing: the burst of a start is over before that pays, and the compiler would take a processor
 * from the services.
 */
export async function holdOptimizing(): Promise<() => void> {
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--no-opt");
  return () => setFlagsFromString("--opt");
}
