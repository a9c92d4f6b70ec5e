/** What a service's process has where its configuration asks for nothing special: all of `ProcessSpec` of the model but the command. */
export const plainProcess = {
  workingDirectory: "/",
  environment: {},
  inheritEnvironment: true,
  user: null,
  groupAdd: [],
  umask: null,
  nice: null,
  oomScoreAdj: null,
  limits: [],
  capAdd: [],
  capDrop: [],
  noNewPrivileges: false,
  rootDirectory: null,
  tty: false,
  stdinOpen: false,
} as const;
