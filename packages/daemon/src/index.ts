export { listenFds, listenFdsWithNames } from "./listen-fds.js";
export type { ListenFd, ListenFdsOptions } from "./listen-fds.js";
