/** Transactions that are begun anew when they got into another's way. */
import { STATEMENT_FAULTS } from "./postgres-statements.ts";
import type { Database } from "./store.ts";

/**
 * Serialization failure, deadlock, a key that another has just inserted, a row that another has just removed; a statement
 * that is not prepared any more.
 */
const CONFLICTS = ["40001", "40P01", "23505", "23503", ...STATEMENT_FAULTS];
const MAX_ATTEMPTS = 4;

/**
 * Performs `action` as a whole or not at all. On PostgreSQL two that do the same at the same moment can fail although
 * neither is wrong; the second time each sees what the other has done. So `action` may be called several times, and must
 * begin from nothing each time.
 */
export async function inTransaction<T>(db: Database, action: (tx: Database) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(action);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (attempt === MAX_ATTEMPTS || !CONFLICTS.includes(code as string)) throw error;
    }
  }
}
