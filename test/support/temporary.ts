/** Folders that are gone after the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What tidies up at its end: a test, or with `after` of `node:test` a whole file. */
export interface Scope {
  after(action: () => unknown): void;
}

export function temporaryFolder(t: Scope): string {
  const path = mkdtempSync(join(tmpdir(), "longshore-test-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
