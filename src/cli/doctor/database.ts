/** Whether the database is there, can be opened, and is whole. */
import { isDatabaseServer, showDatabase } from "../../config/database.ts";
import { formatSize } from "../../lib/quantity.ts";
import { schemaVersion } from "../../store/migrate.ts";
import { bad, type Check, good, unknown } from "./check.ts";

export const database: Check = {
  name: "database",
  async examine({ settings, store, storeProblem }) {
    const path = showDatabase(settings.database);
    if (storeProblem !== undefined)
      return [
        bad(
          `${path} cannot be opened: ${storeProblem}`,
          isDatabaseServer(settings.database)
            ? "See that it runs, and what `database` and the variables PG* say"
            : "A backup is restored as docs/operations/files.md says",
        ),
      ];
    if (!store) return [unknown(`there is none at ${path} yet`, "longshore serve makes one")];
    const [damage] = await store.damage();
    if (damage !== undefined)
      return [
        bad(
          `${path} is damaged: ${damage}`,
          "Stop the server, keep a copy of the file, and restore a backup: docs/operations/files.md. Look after the disk",
        ),
      ];
    const { totalBytes, usedBytes } = await store.size();
    const schema = `schema ${await schemaVersion(store.db)}`;
    if (store.isRemote) return [good(`${path} answers: ${formatSize(totalBytes)}, ${schema}`)];
    return [
      good(`${path} is whole: ${formatSize(usedBytes)} in use of ${formatSize(totalBytes)}, ${schema}`),
    ];
  },
};
