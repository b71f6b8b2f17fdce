import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { listDeliveries, readContents } from "../../src/store/deliveries.ts";
import { openStore } from "../../src/store/store.ts";
import { assertRefused } from "../support/contract.ts";
import { delivery } from "../support/github.ts";
import { fetchRaw } from "../support/http.ts";
import { workplace } from "../support/server.ts";
import { countBodies } from "../support/store.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
/** No file of the server's may grow beyond a few MiB, as on a full disk. What fails is SQLite's own writing. */
const LIMITED = ["sh", "-c", 'ulimit -f 4096; exec "$0" "$@"', process.execPath, MAIN];

/** A delivery that does not compress. */
function bulky() {
  return delivery({ body: { noise: randomBytes(100_000).toString("base64"), unique: randomUUID() } });
}

describe("a database that cannot grow any more", () => {
  it("is answered with 503, keeps what was answered with 2xx whole, and nothing else (story 27)", async (t) => {
    const environment = { NODE_DISABLE_COMPILE_CACHE: "1" };
    const place = workplace(t, { command: LIMITED, environment });
    const server = await place.serve("--only", "receiver");
    const taken = new Map<string, Buffer>();
    const refused = [];
    while (refused.length < 5) {
      const sent = bulky();
      const answer = await fetchRaw(server.url, sent);
      if (answer.status === 204) taken.set(sent.guid, sent.body);
      else {
        assertRefused(answer, 503, "store_unavailable");
        assert.ok(answer.headers["retry-after"]);
        refused.push(sent);
      }
    }
    // Whoever has no room may still find out that a signature is wrong, or that all is well.
    assertRefused(await server.send({ secret: "wrong" }), 403, "signature_mismatch");
    assert.equal((await fetchRaw(server.url, { method: "GET", path: "/healthz" })).status, 200);
    assert.ok(taken.size > 5);
    assert.match(server.stderr(), /disk (I\/O error|is full)/);
    assert.deepEqual(await server.end("SIGTERM"), { code: 0, signal: null });

    const database = join(place.folder, "data", "longshore.db");
    await assertStored(database, taken);

    const roomy = workplace(t, { environment: { LONGSHORE_DATA: join(place.folder, "data") } });
    const next = await roomy.serve("--only", "receiver");
    for (const sent of refused) {
      assert.equal((await fetchRaw(next.url, sent)).status, 204);
      taken.set(sent.guid, sent.body);
    }
    await next.end("SIGTERM");
    await assertStored(database, taken);
  });
});

async function assertStored(database: string, bodies: ReadonlyMap<string, Buffer>): Promise<void> {
  const raw = new DatabaseSync(database);
  assert.deepEqual({ ...raw.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
  raw.close();
  const store = await openStore(database);
  try {
    const stored = await listDeliveries(store.db, {}, { limit: 10_000 });
    assert.deepEqual(stored.map(({ guid }) => guid).sort(), [...bodies.keys()].sort());
    for (const { id, guid } of stored)
      assert.deepEqual((await readContents(store.db, id))?.body, bodies.get(guid));
    assert.equal(await countBodies(store.db), bodies.size);
  } finally {
    await store.close();
  }
}
