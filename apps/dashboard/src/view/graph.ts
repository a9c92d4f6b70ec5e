/**
 * The last values as columns over `height` rows, the newest at the right edge, the greatest value as high as the rows. `bars`: from nothing to a
 * whole cell.
 */
export function graphRows(
  values: readonly number[],
  width: number,
  height: number,
  bars: readonly string[],
): readonly string[] {
  const steps = bars.length - 1;
  const shown = values.slice(-width);
  const top = Math.max(...shown, Number.MIN_VALUE);
  return Array.from({ length: height }, (_, row) => {
    const floor = (height - 1 - row) * steps;
    const cells = shown.map((value) => {
      // What is not nothing is seen: at least the lowest step.
      const filled = value > 0 ? Math.max(1, Math.round((value / top) * steps * height)) : 0;
      return bars[Math.max(0, Math.min(steps, filled - floor))] ?? " ";
    });
    return cells.join("").padStart(width);
  });
}
