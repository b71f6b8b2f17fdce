import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { copyFileSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

describe("a backup that was made under load", () => {
  it("has every delivery that was answered before it began, and is a server's database again", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: echo deployed" } });
    const server = await place.serve();
    const answered: string[] = [];
    const pushes = await Promise.all([server.send(), server.send(), server.send()]);
    let isLoaded = true;
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (isLoaded) {
          const guid = randomUUID();
          assert.equal(
            (await server.send({ event: "issues", guid })).status,
            204,
            "nobody is refused meanwhile",
          );
          answered.push(guid);
        }
      }),
    );
    await until("there is something to lose", () => answered.length >= 50);
    const before = [...answered];
    const { code, stderr } = await place.cli("backup", "longshore-backup.db");
    assert.equal(code, 0, stderr);
    assert.ok(answered.length > before.length, "deliveries came while it was made");
    isLoaded = false;
    await load;
    await server.end("SIGTERM");

    // As docs/operations/files.md says it.
    const data = join(place.folder, "data");
    mkdirSync(join(place.folder, "broken"));
    for (const suffix of ["", "-wal", "-shm"]) {
      const path = join(data, `longshore.db${suffix}`);
      if (statSync(path, { throwIfNoEntry: false }))
        renameSync(path, join(place.folder, "broken", `db${suffix}`));
    }
    copyFileSync(join(place.folder, "longshore-backup.db"), join(data, "longshore.db"));
    rmSync(join(place.folder, "broken"), { recursive: true });

    const restored = await place.serve();
    const look = await lookInto(t, place);
    const stored = new Set((await look.deliveries()).map(({ guid }) => guid));
    assert.deepEqual(
      before.filter((guid) => !stored.has(guid)),
      [],
    );
    for (const run of pushes.flatMap(runsOf)) assert.equal((await look.ended(run)).status, "succeeded");
    assert.equal((await restored.send()).status, 202);
    assert.equal(statSync(join(data, "longshore.db")).mode & 0o777, 0o600);
  });
});
