import { getSystemErrorMap } from "node:util";
import type { Result } from "./kernel.js";

/** Linux numbers 1 to 133 (asm-generic, as on x86 and ARM); 41 and 58 are not used. */
const names: readonly string[] =
  `EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR
  EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS
  ENOTEMPTY ELOOP 41 ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT 58
  EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ
  EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE
  ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH
  ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH
  EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED
  EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL EHWPOISON`.split(/\s+/);

/** "ENOENT" for -2. A number that names no error comes back as its digits. */
export function errnoName(result: Result): string {
  return names[-result - 1] ?? String(-result);
}

/** The negative number of "ENOENT", or null where there is no error of that name. */
export function errnoNumber(name: string): Result | null {
  const index = name.startsWith("E") ? names.indexOf(name) : -1;
  return index < 0 ? null : -(index + 1);
}

/** "no such file or directory" for -2: the text that Node has for it, else the name. */
export function errnoText(result: Result): string {
  return getSystemErrorMap().get(result)?.[1] ?? errnoName(result);
}

/** A call that has no place for an errno in its answer, or whose failure nobody expects. `code` is the errno's name. */
export class SystemCallError extends Error {
  readonly code: string;
  /** Negative, as in every {@link Result}. */
  readonly errno: Result;

  constructor(what: string, errno: Result) {
    super(`${what}: ${errnoText(errno)} (${errnoName(errno)})`);
    this.name = "SystemCallError";
    this.code = errnoName(errno);
    this.errno = errno;
  }
}
