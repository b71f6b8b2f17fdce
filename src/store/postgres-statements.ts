/**
 * Which statements PostgreSQL prepares: those of transactions that are asked for again and again. It parses them once, and
 * plans most of them once, which takes half of its work on a run away.
 *
 * A prepared statement belongs to a session. A pooler that gives connections away by the transaction may give one that does
 * not have it, unless it takes care of that itself, as PgBouncer does since 1.21; and tables may have been changed by a newer
 * version since. Either way PostgreSQL says so before it does anything. Then nothing is prepared any more, and
 * the transaction is begun anew: see `transaction.ts`.
 */
import { hash } from "node:crypto";

/** It has no statement of this name; it has one already; tables are not what they were. */
export const STATEMENT_FAULTS = ["26000", "42P05", "0A000"];

const AFTER = 5;
/** Each takes memory of every connection, and lists of different lengths are different texts. */
const MAX_PREPARED = 100;
const MAX_COUNTED = 1_000;

export class Statements {
  readonly #counts = new Map<string, number>();
  readonly #names = new Map<string, string>();
  readonly #onEnd: () => void;
  #hasEnded = false;

  /** @param onEnd nothing is prepared any more. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** Under which name a statement is prepared, if it is. The name says which one: no other can be taken for it. */
  nameOf(text: string): string | undefined {
    if (this.#hasEnded) return;
    const name = this.#names.get(text);
    if (name !== undefined || this.#names.size === MAX_PREPARED) return name;
    const count = (this.#counts.get(text) ?? 0) + 1;
    if (this.#counts.size === MAX_COUNTED) this.#counts.clear();
    this.#counts.set(text, count);
    if (count > AFTER) this.#names.set(text, `longshore_${hash("sha256", text).slice(0, 32)}`);
    return;
  }

  /** To be told of what a prepared statement has failed for. */
  see(error: Error): void {
    const { code } = error as { code?: unknown };
    if (this.#hasEnded || !STATEMENT_FAULTS.includes(code as string)) return;
    this.#hasEnded = true;
    this.#onEnd();
  }
}
