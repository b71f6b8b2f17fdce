/** Which errors say that the database cannot be written now, by whatever statement: then it is nobody's own fault. */

/** SQLite's busy, locked, out of memory, read-only, input or output error, damaged, full, cannot open. */
const SQLITE = [5, 6, 7, 8, 10, 11, 13, 14];

/** Of PostgreSQL: connections, resources such as the disk, operators, the system, bugs. Then: read only, as a standby is. */
const POSTGRES_CLASSES = ["08", "53", "57", "58", "XX"];
const POSTGRES_READ_ONLY = "25006";
/** Who the database knows and lets in is the operator's business, too. */
const POSTGRES_ACCESS = ["28", "3D"];

const NETWORK =
  /^(ECONN|EPIPE|ENOTFOUND|EAI_|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENOENT|EACCES|ERR_TLS|ERR_SSL)/;

/** What `pg` says without a code, and what `postgres.ts` does. */
const NO_CONNECTION =
  /^(connection terminated|timeout expired|timeout exceeded when trying to connect|client has encountered a connection error|client was closed|the database does not answer|postgres connection has been discarded|the server does not support ssl)/i;

export function isStorageFault(error: unknown): boolean {
  const { errcode, code, message } = error as { errcode?: number; code?: unknown; message?: string };
  if (errcode !== undefined) return SQLITE.includes(errcode & 0xff);
  if (typeof code !== "string") return NO_CONNECTION.test(message ?? "");
  if (code === POSTGRES_READ_ONLY || NETWORK.test(code)) return true;
  return code.length === 5 && [...POSTGRES_CLASSES, ...POSTGRES_ACCESS].includes(code.slice(0, 2));
}
