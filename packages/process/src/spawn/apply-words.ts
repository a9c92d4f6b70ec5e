import { applyProgram, execStages } from "@supervise/sys";
import type { SpawnPlan } from "./plan.js";
import { candidates, DEFAULT_PATH } from "./search-path.js";

type Request = SpawnPlan["request"];

/**
 * The words by which somebody else, who can give a child user, group, directory, umask and limits at most, starts a command as the plan's process: with its groups,
 * capabilities, root and so on, by the program of `applyProgram`. Null: the plan asks for none of these. `path` is the command's PATH, `descriptors` how many
 * from 0 on are the command's.
 */
export function applyWords(
  request: Request,
  command: readonly string[],
  path: string | undefined,
  descriptors: number,
): readonly string[] | null {
  if (!needsProgram(request)) return null;
  const directory = request.workingDirectory ?? "/";
  const files = candidates(command[0] ?? "", path ?? DEFAULT_PATH, directory);
  return [
    applyProgram(),
    ...option("-k", descriptors),
    ...option("-G", request.groups?.join(",")),
    ...option("-g", request.gid),
    ...option("-u", request.uid),
    ...option("-b", hexadecimal(request.capabilityBounding)),
    ...option("-a", hexadecimal(request.capabilityAmbient)),
    ...(request.noNewPrivileges === true ? ["-p"] : []),
    ...option("-m", request.umask?.toString(8)),
    ...option("-n", request.nice),
    ...option("-o", request.oomScoreAdj),
    ...option("-r", request.root),
    ...option("-d", directory),
    ...(request.limits ?? []).flatMap(([resource, soft, hard]) => [
      "-L",
      `${resource}:${soft}:${hard}`,
    ]),
    ...files.flatMap((file) => ["-f", file]),
    "--",
    ...command,
  ];
}

function needsProgram(request: Request): boolean {
  const { groups, capabilityBounding, capabilityAmbient, root, nice, oomScoreAdj } = request;
  const asked = [groups, capabilityBounding, capabilityAmbient, root, nice, oomScoreAdj];
  return request.noNewPrivileges === true || asked.some((one) => one !== undefined);
}

function option(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [name, String(value)];
}

function hexadecimal(numbers: readonly number[] | undefined): string | undefined {
  return numbers?.reduce((bits, number) => bits | (1n << BigInt(number)), 0n).toString(16);
}

/** What the program has said of its failure at the end of this text; null: nothing. */
export function readApplyFailure(
  output: string,
): { readonly stage: string; readonly errno: number } | null {
  const [, stage, errno] = /(?:^|\n)supervise_apply:(\d+):(\d+)\n$/.exec(output) ?? [];
  if (stage === undefined) return null;
  return { stage: execStages[Number(stage) - 1] ?? "exec", errno: -Number(errno) };
}
