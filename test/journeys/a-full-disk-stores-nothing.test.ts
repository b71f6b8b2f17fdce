import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import type { Answer } from "../support/http.ts";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";

const FILES = { "hooks/deploy.yml": "on: push\nrun: echo deployed" };

describe("a delivery that cannot be stored", { concurrency: true }, () => {
  it("is answered with 503 when the disk has less room than min-free-disk (story 27)", async (t) => {
    const place = workplace(t, { files: FILES, environment: { LONGSHORE_MIN_FREE_DISK: "9000000GiB" } });
    const server = await place.serve();
    const look = await lookInto(t, place);

    assertUnavailable(await server.send());

    assert.deepEqual([await look.deliveries(), await look.runs()], [[], []]);
    assert.match(server.stderr(), /less free space than `min-free-disk`/);
  });

  it("is answered with 503 while the database is locked, and taken afterwards (story 27)", async (t) => {
    const place = workplace(t, { files: FILES });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const push = { guid: randomUUID(), body: pushPayload() };
    const somebodyElse = new DatabaseSync(join(place.folder, "data", "longshore.db"), { timeout: 5_000 });
    t.after(() => somebodyElse.close());

    somebodyElse.exec("begin immediate");
    assertUnavailable(await server.send(push));
    assert.deepEqual([await look.deliveries(), await look.runs()], [[], []]);

    somebodyElse.exec("rollback");
    assert.equal((await server.send(push)).status, 202);
    assert.deepEqual([(await look.deliveries()).length, (await look.runs()).length], [1, 1]);
  });
});

function assertUnavailable({ status, headers, json }: Answer): void {
  const { error } = json as { error: { code: string } };
  assert.deepEqual([status, error.code], [503, "store_unavailable"]);
  assert.match(String(headers["retry-after"]), /^[1-9]\d*$/);
}
