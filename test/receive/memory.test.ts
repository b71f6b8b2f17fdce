import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { delivery, pushOfSize } from "../support/github.ts";
import { peakMemory } from "../support/processes.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";
import { headOf, startUpload } from "../support/upload.ts";

const MIB = 1024 ** 2;
const UPLOADS = 24;

describe("a crowd of strangers who send large bodies and never finish", () => {
  it("takes no more memory than max-inflight allows, and others are served (story 8)", async (t) => {
    const place = workplace(t, { environment: { LONGSHORE_MAX_INFLIGHT: "64MiB" } });
    const server = await place.serve("--only", "receiver");
    assert.equal((await server.send()).status, 204);
    const before = peakMemory(server.process.pid);

    const sent = delivery({ body: pushOfSize(25 * MIB), secret: "not the secret" });
    const uploads = Array.from({ length: UPLOADS }, () => {
      const upload = startUpload(server.url, headOf(sent));
      upload.write(sent.body.subarray(0, -1));
      return upload;
    });
    await until("most of them are refused", () => {
      const refused = uploads.filter(({ received }) => received().startsWith("HTTP/1.1 503"));
      return refused.length >= UPLOADS - 2;
    });
    assert.equal((await server.send()).status, 204);
    // Together they are 600 MiB.
    const grown = (peakMemory(server.process.pid) ?? 0) - (before ?? 0);
    assert.ok(grown < 250, `the server has grown by ${grown} MiB`);
    for (const upload of uploads) upload.abort();
    assert.equal((await server.send()).status, 204);
  });
});
