/** Name of the control socket in a runtime directory. */
export const CONTROL_SOCKET = "control";
