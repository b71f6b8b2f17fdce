/** What `database` in the settings says: a file of this machine, or a server of databases. */
import type { Environment } from "./environment.ts";
import { showPath } from "./problem.ts";

const SERVER = /^postgres(ql)?:/;

/** Whether it is a server's, which others may reach while this machine does not. */
export function isDatabaseServer(database: string): boolean {
  return SERVER.test(database);
}

/** For people: a path as short as it can be, a URL without its password. */
export function showDatabase(database: string): string {
  return isDatabaseServer(database) ? withoutPassword(database) : showPath(database);
}

/** A path as it is, a URL without its password. */
export function withoutPassword(database: string): string {
  if (!isDatabaseServer(database)) return database;
  const url = new URL(database);
  if (url.password) url.password = "***";
  for (const name of url.searchParams.keys()) if (/password/i.test(name)) url.searchParams.set(name, "***");
  return url.href;
}

/** What PostgreSQL's own programs read; `pg` reads the same, but only from the process. */
const VARIABLES = [
  "PGHOST",
  "PGPORT",
  "PGDATABASE",
  "PGUSER",
  "PGPASSWORD",
  "PGPASSFILE",
  "PGSSLMODE",
  "PGSSLNEGOTIATION",
  "PGAPPNAME",
  "PGOPTIONS",
];

/** Gives the variables of `.env`, and those that are named by `NAME_FILE`, to `pg` as well. */
export function shareWithPostgres(environment: Environment): void {
  for (const name of VARIABLES) {
    const value = environment.get(name);
    if (value !== undefined) process.env[name] ??= value;
  }
}
