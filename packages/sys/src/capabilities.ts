/** capabilities(7) in the order of their numbers, from 0. */
export const capabilityNames: readonly string[] =
  `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN
  NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
  SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON
  BPF CHECKPOINT_RESTORE`
    .split(/\s+/)
    .map((name) => `CAP_${name}`);

/** 10 for "CAP_NET_BIND_SERVICE", "NET_BIND_SERVICE" and "net_bind_service"; null for what names none. */
export function capabilityNumber(name: string): number | null {
  const full = name
    .trim()
    .toUpperCase()
    .replace(/^(CAP_)?/, "CAP_");
  const number = capabilityNames.indexOf(full);
  return number < 0 ? null : number;
}
