/** An admin with a real store and a real listener in this process, and requests to it. */
import { request } from "node:http";
import { join } from "node:path";
import { type Admin, openAdmin } from "../../src/admin/admin.ts";
import type { AdminSettings } from "../../src/admin/parts.ts";
import { toHookSet } from "../../src/config/hook-set.ts";
import { loadSettings } from "../../src/config/settings.ts";
import type { Hook } from "../../src/match/hook.ts";
import { keepHookSet } from "../../src/store/hook-sets.ts";
import { appendOutput } from "../../src/store/output.ts";
import { finishRun } from "../../src/store/run-ends.ts";
import { openStore } from "../../src/store/store.ts";
import type { AdminRole } from "../../src/store/tables.ts";
import { addToken } from "../../src/store/tokens.ts";
import { SECRET } from "./github.ts";
import { CONTEXT, hooksFolder, type TestHooks } from "./hooks.ts";
import { openTestStore, type TestStore } from "./store.ts";
import { type StoredOptions, storeDelivery } from "./store-delivery.ts";
import type { Scope } from "./temporary.ts";

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Of its text. */
  json: Json;
}

/** What a test looks into, field by field. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Ask {
  method?: string;
  body?: unknown;
  /** The body as it is sent, with no word of its type. */
  text?: string;
  headers?: Record<string, string>;
  /** The token to be said; `null`: none. */
  token?: string | null;
}

export interface TestAdmin extends Admin {
  store: TestStore;
  hooks: TestHooks;
  dataFolder: string;
  /** Of each role. */
  tokens: Record<AdminRole, string>;
  /** Asks as an administrator, unless another token is given. */
  ask(path: string, options?: Ask): Promise<Reply>;
  /** Opens a stream and reads its events. */
  stream(path: string, options?: Ask): Promise<EventStream>;
  /** Reads the hooks folder again. */
  reload(): Promise<void>;
  /** Stores a delivery that the loaded hooks have judged. */
  deliver(options?: StoredOptions): ReturnType<typeof storeDelivery>;
  /** Claims the run, prints a line and ends it. */
  perform(run: number, hook: string, exitCode?: number): Promise<void>;
}

export interface TestAdminOptions {
  files?: Record<string, string>;
  settings?: Partial<AdminSettings>;
  admin?: Partial<AdminSettings["admin"]>;
}

const LOG = {
  info() {},
  error: (fields: object, message: string) => console.error(message, fields),
};

export async function startAdmin(t: Scope, options: TestAdminOptions = {}): Promise<TestAdmin> {
  const store = await openTestStore(t);
  const hooks = hooksFolder(t, options.files ?? { "deploy.yml": "on: push\nrun: echo hello\n" });
  const dataFolder = join(hooks.path, "..", "data");
  const { settings, environment } = loadSettings({
    LONGSHORE_DATA: dataFolder,
    LONGSHORE_HOOKS: hooks.path,
    GITHUB_WEBHOOK_SECRET: SECRET,
  });
  const access = { ...settings.admin, ...options.admin };
  const snapshot = () => ({
    hooks: hooks.folder.hooks,
    problems: hooks.folder.problems,
    names: hooks.folder.names,
  });
  await hooks.folder.load();
  // What one writes oneself, a database does not tell: the receiver and the worker have their own as well.
  const own = await openStore(store.path, { maintainedElsewhere: true });
  t.after(() => own.close());
  const admin = await openAdmin({
    store: own,
    settings: { ...settings, ...options.settings, admin: access },
    environment,
    hookContext: CONTEXT,
    node: {
      name: "test",
      roles: ["admin"],
      version: "0.0.0",
      hooksFolder: hooks.path,
      startedAt: Date.now(),
    },
    log: LOG,
    listen: { host: "127.0.0.1", port: 0 },
    hooks: snapshot(),
  });
  t.after(() => admin.close());
  const tokenOf = async (role: AdminRole) => {
    const made = await addToken(store.db, { name: `the ${role}`, role, createdBy: "test", now: Date.now() });
    return made?.token ?? "";
  };
  const tokens = { viewer: await tokenOf("viewer"), admin: await tokenOf("admin") };
  const withToken = ({ token = tokens.admin, ...rest }: Ask = {}) => ({
    ...rest,
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...rest.headers },
  });
  return {
    ...admin,
    ...{ store, hooks, dataFolder, tokens },
    ask: (path, ask) => askAt(`${admin.url}${path}`, withToken(ask)),
    stream: (path, ask) => openStream(t, `${admin.url}${path}`, withToken(ask)),
    async reload() {
      await hooks.folder.load();
      admin.setHooks(snapshot());
    },
    async deliver(stored = {}) {
      const hookSet = await keepHookSet(store.db, toHookSet(hooks.folder.hooks));
      return storeDelivery(store, { hookSet, receivedAt: Date.now(), ...stored });
    },
    perform: (run, hook, exitCode = 0) => performRun(store, run, hook, exitCode),
  };
}

/** A hook with this name that runs on every push, as it is loaded. */
export function hookNamed(admin: TestAdmin, name: string): Hook | undefined {
  return admin.hooks.folder.hooks.find((hook) => hook.name === name);
}

async function performRun(store: TestStore, id: number, hook: string, exitCode: number): Promise<void> {
  const now = Date.now();
  const claimed = await store.claim({ hooks: [hook], limit: 100, now, leaseMs: 60_000 });
  const run = claimed.find((candidate) => candidate.id === id);
  if (!run) throw new Error(`run ${id} was not claimed`);
  const piece = { runId: id, attempt: run.attempt, stream: "stdout" as const, at: now };
  await appendOutput(store.db, [{ ...piece, seq: 0, bytes: Buffer.from("hello\n") }]);
  const status = exitCode === 0 ? ("succeeded" as const) : ("failed" as const);
  await finishRun(store.db, { ...run, worker: "w1" }, { status, exitCode, signal: null, reason: null }, now);
}

/** `fetch` sends neither a host of one's own nor the headers that browsers keep for themselves. */
export function askAt(
  url: string,
  { method = "GET", body, text: raw, headers = {} }: Omit<Ask, "token">,
): Promise<Reply> {
  const text = body === undefined ? raw : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const type: Record<string, string> =
      text === undefined
        ? {}
        : {
            ...(raw === undefined ? { "content-type": "application/json" } : {}),
            "content-length": String(Buffer.byteLength(text)),
          };
    const asked = request(url, { method, headers: { ...type, ...headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const answer = Buffer.concat(parts).toString("utf8");
        const { statusCode = 0 } = response;
        resolve({
          status: statusCode,
          headers: response.headers,
          text: answer,
          get json() {
            return JSON.parse(answer);
          },
        });
      });
    });
    asked.on("error", reject);
    asked.end(text);
  });
}

export interface ReadEvent {
  event: string;
  id: string | undefined;
  data: Json;
}

export interface EventStream {
  status: number;
  /** All events so far. */
  events: ReadEvent[];
  /** Those of one kind. */
  of(event: string): ReadEvent[];
  /** Whether the other side has ended it. */
  readonly hasEnded: boolean;
  close(): void;
}

function openStream(t: Scope, url: string, { headers = {} }: Ask): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { ...headers, accept: "text/event-stream" } }, (response) => {
      const events: ReadEvent[] = [];
      let hasEnded = false;
      let rest = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        const blocks = (rest + text).split("\n\n");
        rest = blocks.pop() ?? "";
        events.push(...blocks.flatMap(readEvent));
      });
      response.on("close", () => {
        hasEnded = true;
      });
      response.on("error", () => {});
      t.after(() => asked.destroy());
      resolve({
        status: response.statusCode ?? 0,
        events,
        of: (event) => events.filter((one) => one.event === event),
        get hasEnded() {
          return hasEnded;
        },
        close: () => asked.destroy(),
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

function readEvent(block: string): ReadEvent[] {
  const fields = Map.groupBy(
    block.split("\n").filter((line) => !line.startsWith(":")),
    (line) => line.slice(0, line.indexOf(":")),
  );
  const value = (name: string) =>
    fields
      .get(name)
      ?.map((line) => line.slice(name.length + 1).replace(/^ /, ""))
      .join("\n");
  const data = value("data");
  return data === undefined
    ? []
    : [{ event: value("event") ?? "message", id: value("id"), data: JSON.parse(data) }];
}
