/**
 * Which bodies have come before: the memory behind the protection against replays.
 *
 * Digests are random, and an index of random keys costs every accept a page of its own, which has to be written, waited
 * for and copied again. So they are only ever appended: a row for the new bodies of a commit, and now and then one row
 * for many. Whoever looks something up, which only a sender who is not known to be GitHub makes necessary, keeps in
 * memory what all rows say: 8 bytes a body.
 */
import { sql } from "kysely";
import { execute, keyOf } from "./rows.ts";
import type { Database } from "./store.ts";
import { inTransaction } from "./transaction.ts";

export interface SignedBody {
  source: string;
  /** The name of the secret that vouches for it. */
  secret: string;
  /** SHA-256. */
  digest: Uint8Array;
}

interface Row {
  id: number;
  source: string;
  secret: string;
  digests: Uint8Array;
}

/** What a row says, sorted. */
interface Segment {
  source: string;
  digests: BigUint64Array;
}

/** The beginning of a digest: of ten million bodies the chance that any two share it is one in 370,000. */
const DIGEST_BYTES = 8;
/** So many commits are joined into one row. */
const JOIN_AFTER = 256;
/** A row of so many bodies is left as it is. */
const FULL = 4_096;
const READ_AT_ONCE = 500;

const isSmall = sql<boolean>`length(digests) < ${sql.lit(FULL * DIGEST_BYTES)}`;

/** Kept by whoever accepts again and again. */
export class SeenBodies {
  readonly #segments = new Map<number, Segment>();
  /** Nobody knows what an earlier process left: that is joined soon. */
  #appended = JOIN_AFTER;

  /** Remembers bodies, for as long as the secret that verified them is live: until then a stranger could send them again. */
  async remember(tx: Database, bodies: readonly SignedBody[]): Promise<void> {
    if (bodies.length === 0) return;
    // Field by field: what comes in here are whole deliveries.
    const rows = joined(
      bodies.map(({ source, secret, digest }) => ({ source, secret, digests: beginningOf(digest) })),
    );
    this.#appended += rows.length;
    await insert(tx, rows);
  }

  /** Which of these have come before to the same source, as their {@link bodyKey}s. */
  async find(tx: Database, bodies: readonly Omit<SignedBody, "secret">[]): Promise<Set<string>> {
    if (bodies.length === 0) return new Set();
    await this.#read(tx);
    const all = [...this.#segments.values()];
    const found = bodies.filter(({ source, digest }) => {
      const [wanted = 0n] = toDigests(beginningOf(digest));
      return all.some((segment) => segment.source === source && has(segment.digests, wanted));
    });
    return new Set(found.map(bodyKey));
  }

  /** Joins what many commits have appended, so that there is little to read for the next process. */
  async tidy(db: Database): Promise<void> {
    if (this.#appended < JOIN_AFTER) return;
    const { rows: small } = await db
      .selectFrom("bodies_seen")
      .select(({ fn }) => fn.countAll<number>().as("rows"))
      .where(isSmall)
      .executeTakeFirstOrThrow();
    this.#appended = Number(small);
    if (this.#appended < JOIN_AFTER) return;
    await inTransaction(db, async (tx) => {
      // Of two that do this at once the second finds nothing left.
      const rows = await tx
        .deleteFrom("bodies_seen")
        .where(isSmall)
        .returning(["source", "secret", "digests"])
        .execute();
      await insert(tx, joined(rows));
    });
    this.#appended = 0;
  }

  /** Takes over what has changed since the last time, also what others have appended, joined or forgotten. */
  async #read(tx: Database): Promise<void> {
    const ids = new Set((await tx.selectFrom("bodies_seen").select("id").execute()).map(({ id }) => id));
    for (const id of this.#segments.keys()) if (!ids.has(id)) this.#segments.delete(id);
    const unknown = [...ids].filter((id) => !this.#segments.has(id));
    for (let start = 0; start < unknown.length; start += READ_AT_ONCE) {
      const wanted = unknown.slice(start, start + READ_AT_ONCE);
      const rows = await tx.selectFrom("bodies_seen").selectAll().where("id", "in", wanted).execute();
      // Somebody has just joined them: what was in them is in another row now.
      if (rows.length < wanted.length) return this.#read(tx);
      for (const { id, source, digests } of rows)
        this.#segments.set(id, { source, digests: toDigests(digests).sort() });
    }
  }
}

/** Equal for equal bodies of the same source only. */
export function bodyKey({ source, digest }: Omit<SignedBody, "secret">): string {
  return keyOf(source, digest);
}

/** Forgets the bodies that only secrets other than these have verified. */
export async function forgetBodies(
  db: Database,
  source: string,
  liveSecrets: readonly string[],
): Promise<void> {
  let gone = db.deleteFrom("bodies_seen").where("source", "=", source);
  if (liveSecrets.length > 0) gone = gone.where("secret", "not in", [...liveSecrets]);
  await gone.execute();
}

/** One row for each secret of each source. */
function joined(rows: readonly Omit<Row, "id">[]): Omit<Row, "id">[] {
  const together = Map.groupBy(rows, ({ source, secret }) => keyOf(source, secret));
  return [...together.values()].flatMap((same) => {
    const [first] = same;
    return first ? { ...first, digests: Buffer.concat(same.map(({ digests }) => digests)) } : [];
  });
}

async function insert(tx: Database, rows: readonly Omit<Row, "id">[]): Promise<void> {
  for (const { source, secret, digests } of rows)
    await execute(tx, "bodies", () => tx.insertInto("bodies_seen").values({ source, secret, digests }), [
      source,
      secret,
      digests,
    ]);
}

function beginningOf(digest: Uint8Array): Uint8Array {
  return digest.subarray(0, DIGEST_BYTES);
}

/** A copy, because a view of numbers has to begin where the machine wants it. */
function toDigests(bytes: Uint8Array): BigUint64Array {
  return new BigUint64Array(new Uint8Array(bytes).buffer);
}

/** @param sorted in ascending order. */
function has(sorted: BigUint64Array, wanted: bigint): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0n) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}
