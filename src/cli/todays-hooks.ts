/** The hooks as a server would load them now: those in the folder, and which of them are disabled. */
import type { HookFolder } from "../config/hook-folder.ts";
import type { LoadedSettings } from "../config/settings.ts";
import { listDisabledHooks } from "../store/disabled-hooks.ts";
import { type Database, databaseExists, openStore } from "../store/store.ts";
import { readHooks } from "./context.ts";

/** @param db the store where it is open already; without it, it is looked into if there is one. */
export async function loadTodaysHooks(loaded: LoadedSettings, db?: Database): Promise<HookFolder> {
  const folder = await readHooks(loaded);
  folder.disable(await (db ? listDisabledHooks(db) : disabledIn(loaded.settings.database)));
  return folder;
}

async function disabledIn(database: string): Promise<string[]> {
  if (!databaseExists(database)) return [];
  const store = await openStore(database);
  try {
    return await listDisabledHooks(store.db);
  } finally {
    await store.close();
  }
}
