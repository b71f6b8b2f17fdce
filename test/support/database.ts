/**
 * An empty database for a test: a file, unless TEST_DATABASE_URL names a PostgreSQL, or `:memory:`. Then the same tests say
 * that it does the same, each in a database of its own there; see `npm run test:postgres` and `npm run test:memory`.
 */
import { join } from "node:path";
import { after } from "node:test";
import { ask, createDatabase } from "./postgres.ts";
import { type Scope, temporaryFolder } from "./temporary.ts";

const IN_MEMORY = ":memory:";
const given = process.env.TEST_DATABASE_URL;
const server = given === IN_MEMORY ? undefined : given;

/** Databases of this file's that no test uses at the moment: to empty one is much cheaper than to make one. */
const free: string[] = [];
const KEPT = ["schema_migrations", "dictionaries"];

/** As in the settings: a path, or a URL; or one that nobody else can open. */
export async function emptyDatabase(t: Scope): Promise<string> {
  return given === IN_MEMORY ? given : sharedDatabase(t);
}

/** One that others can open as well. */
export async function sharedDatabase(t: Scope): Promise<string> {
  if (server === undefined) return join(temporaryFolder(t), "longshore.db");
  const url = free.pop() ?? (await createDatabase(server));
  t.after(async () => {
    await ask(url, EMPTY);
    free.push(url);
  });
  return url;
}

/** How often a property is tried: on PostgreSQL, where a try takes several times as long, a third as often. */
export function tries(count: number): number {
  return server === undefined ? count : Math.ceil(count / 3);
}

/** Bytes as a literal in its SQL. */
export function bytes(hex: string): string {
  return server === undefined ? `x'${hex}'` : `'\\x${hex}'::bytea`;
}

after(async () => {
  // The next file may be loaded into this process.
  for (const url of free.splice(0))
    await ask(server ?? "", `drop database ${new URL(url).pathname.slice(1)} with (force)`);
});

/** For a few rows that is much quicker than `truncate`. What refers to others goes first. */
const EMPTY = `do $$ declare name text; begin
  if to_regclass('public.deliveries') is null then return; end if;
  delete from deliveries;
  for name in select tablename from pg_tables where schemaname = 'public' and tablename <> all ('{${KEPT}}')
  loop execute format('delete from %I', name); end loop;
  for name in select sequencename from pg_sequences where schemaname = 'public'
  loop execute format('alter sequence %I restart', name); end loop;
end $$`;
