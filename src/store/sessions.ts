/**
 * Who has signed in to the dashboard. A person gets there by a link with a code that works once, or with a personal token;
 * from then on the browser has a cookie. Of codes and cookies only digests are kept.
 */
import type { Database } from "./store.ts";
import type { AdminRole } from "./tables.ts";
import { digestOf, findToken, newSecretText } from "./tokens.ts";
import { inTransaction } from "./transaction.ts";

export interface Session {
  id: number;
  name: string;
  role: AdminRole;
  tokenId: number | null;
  /** Epoch milliseconds. */
  expiresAt: number;
}

export const CODE_VALID_MS = 10 * 60_000;
export const SESSION_VALID_MS = 7 * 86_400_000;

/** A code for whoever can use the data folder or the database anyway: it makes an administrator. */
export async function makeSignInCode(
  db: Database,
  { askedBy, now }: { askedBy: string; now: number },
): Promise<{ code: string; expiresAt: number }> {
  const code = newSecretText();
  const expiresAt = now + CODE_VALID_MS;
  await db.deleteFrom("sign_in_codes").where("expires_at", "<=", now).execute();
  await db
    .insertInto("sign_in_codes")
    .values({ digest: digestOf(code), asked_by: askedBy, expires_at: expiresAt })
    .execute();
  return { code, expiresAt };
}

/** Begins a session with a code, which is used up by that. `undefined` when there is no such code, or no more. */
export async function exchangeCode(
  db: Database,
  code: string,
  now: number,
): Promise<{ cookie: string; session: Session } | undefined> {
  return inTransaction(db, async (tx) => {
    const used = await tx
      .deleteFrom("sign_in_codes")
      .where("digest", "=", digestOf(code))
      .returning(["asked_by", "expires_at"])
      .executeTakeFirst();
    if (!used || used.expires_at <= now) return undefined;
    return begin(tx, { name: used.asked_by, role: "admin", tokenId: null, now });
  });
}

/** Begins a session that may do what the token may, for as long as that is live. */
export async function exchangeToken(
  db: Database,
  text: string,
  now: number,
): Promise<{ cookie: string; session: Session } | undefined> {
  const token = await findToken(db, text, now);
  return token && begin(db, { name: token.name, role: token.role, tokenId: token.id, now });
}

/** Begins one for whoever knows the admin token of this server. */
export function beginAdminSession(db: Database, name: string, now: number) {
  return begin(db, { name, role: "admin", tokenId: null, now });
}

async function begin(
  db: Database,
  { name, role, tokenId, now }: { name: string; role: AdminRole; tokenId: number | null; now: number },
): Promise<{ cookie: string; session: Session }> {
  const cookie = newSecretText();
  const expiresAt = now + SESSION_VALID_MS;
  await db.deleteFrom("sessions").where("expires_at", "<=", now).execute();
  const row = { digest: digestOf(cookie), name, role, token_id: tokenId, created_at: now };
  const { id } = await db
    .insertInto("sessions")
    .values({ ...row, expires_at: expiresAt })
    .returning("id")
    .executeTakeFirstOrThrow();
  return { cookie, session: { id, name, role, tokenId, expiresAt } };
}

export async function findSession(db: Database, cookie: string, now: number): Promise<Session | undefined> {
  const row = await db
    .selectFrom("sessions")
    .selectAll()
    .where("digest", "=", digestOf(cookie))
    .where("expires_at", ">", now)
    .executeTakeFirst();
  if (!row) return undefined;
  return { id: row.id, name: row.name, role: row.role, tokenId: row.token_id, expiresAt: row.expires_at };
}

export async function endSession(db: Database, id: number): Promise<void> {
  await db.deleteFrom("sessions").where("id", "=", id).execute();
}

/** Those of these that have not ended. */
export async function liveSessions(db: Database, ids: readonly number[], now: number): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom("sessions")
    .select("id")
    .where("id", "in", [...ids])
    .where("expires_at", ">", now)
    .execute();
  return new Set(rows.map(({ id }) => id));
}
