/** Which errors say that the database cannot be written now, by whatever statement: then it is nobody's own fault. */

/** SQLite's busy, locked, out of memory, read-only, input or output error, damaged, full, cannot open. */
const SQLITE = [5, 6, 7, 8, 10, 11, 13, 14];

/** Of PostgreSQL: connections, resources such as the disk, operators, the system, bugs. */
const POSTGRES_CLASSES = ["08", "53", "57", "58", "XX"];
/** As a standby is. */
const POSTGRES_READ_ONLY = "25006";
/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** No connection could be made, or it broke. Whether what was asked last has been done nobody knows. */
export class DatabaseUnreachable extends Error {
  override name = "DatabaseUnreachable";
}

export function isStorageFault(error: unknown): boolean {
  if (error instanceof DatabaseUnreachable) return true;
  const { errcode, code } = error as { errcode?: number; code?: unknown };
  if (errcode !== undefined) return SQLITE.includes(errcode & 0xff);
  if (typeof code !== "string" || !SQLSTATE.test(code)) return false;
  return code === POSTGRES_READ_ONLY || POSTGRES_CLASSES.includes(code.slice(0, 2));
}
