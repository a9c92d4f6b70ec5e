/** Headers of the answer to an attachment, and its one trailer; docs/control.md tells of each. */
export const ATTACHMENT = "supervise-attachment";
export const RUN = "supervise-run";
export const TTY = "supervise-tty";
export const STDIN = "supervise-stdin";
export const END = "supervise-end";
