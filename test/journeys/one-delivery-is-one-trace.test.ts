import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

const SDK = fileURLToPath(new URL("../support/tracing.ts", import.meta.url));

interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parent?: string;
  attributes: Record<string, unknown>;
  status: { code: number };
}

describe("with an OpenTelemetry SDK", () => {
  it("one delivery is one trace, from the request over the store to its runs, on whatever thread", async (t) => {
    const place = workplace(t, {
      files: { "hooks/good.yml": "on: push\nrun: echo good\n", "hooks/bad.yml": "on: push\nrun: exit 3\n" },
    });
    const file = join(place.folder, "spans.jsonl");
    place.environment.SPANS_FILE = file;
    place.environment.NODE_OPTIONS = `${place.environment.NODE_OPTIONS ?? ""} --import=${SDK}`;
    const server = await place.serve();
    await server.send({ guid: "11111111-2222-3333-4444-555555555555" });
    await server.send();
    await server.send({ secret: "not the secret, but long enough" });
    const spans = (): Span[] =>
      existsSync(file)
        ? readFileSync(file, "utf8")
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line))
        : [];
    await until("all has been told", () => spans().filter(({ name }) => name === "run").length === 4);

    const all = spans();
    assert.deepEqual([...new Set(all.map(({ name }) => name))].sort(), ["receive", "run", "store"]);
    const traces = Map.groupBy(all, ({ traceId }) => traceId);
    // The one that was refused has left none.
    assert.equal(traces.size, 2);
    for (const trace of traces.values()) {
      assert.deepEqual(trace.map(({ name }) => name).sort(), ["receive", "run", "run", "store"]);
      const receive = trace.find(({ name }) => name === "receive");
      assert.equal(trace.find(({ name }) => name === "store")?.parent, receive?.spanId);
      const failed = trace.filter(({ status }) => status.code === 2);
      assert.deepEqual(
        failed.map(({ attributes }) => attributes["longshore.hook"]),
        ["bad"],
      );
    }
    assert.ok(
      all.some(({ attributes }) => attributes["longshore.guid"] === "11111111-2222-3333-4444-555555555555"),
    );
  });
});
