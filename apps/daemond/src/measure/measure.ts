export async function measure(_runs: number, _say: (text: string) => void): Promise<number> {
  return await Promise.resolve(0);
}
