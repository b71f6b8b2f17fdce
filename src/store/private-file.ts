/** The file of a database: whoever opens it first makes it, for its owner alone. */
import { randomUUID } from "node:crypto";
import { chmodSync, closeSync, existsSync, linkSync, mkdirSync, openSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Payloads are private, so the file is the owner's alone, whatever the umask; SQLite gives its side files the same mode.
 *
 * A file that is there is never opened here: closing it would end the locks of this process's other connections (that
 * is POSIX), and the next program that looks at the database would throw its write-ahead log away.
 */
export function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) {
    const draft = `${path}.${randomUUID()}`;
    closeSync(openSync(draft, "wx", 0o600));
    try {
      linkSync(draft, path);
    } catch (error) {
      // Another thread or process was faster.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      unlinkSync(draft);
    }
  }
  chmodSync(path, 0o600);
}
