import assert from "node:assert/strict";
import { describe, it } from "node:test";
import packageJson from "../../package.json" with { type: "json" };
import { NEEDED_NODE, tooOld } from "../../src/lib/node-version.ts";

describe("tooOld", () => {
  it("says which Node is needed, and which one this is", () => {
    const said = ["20.20.2", "24.5.9", "24.6.0", "24.10.0", "26.0.0"].map((node) =>
      tooOld({ ...process.versions, node }),
    );
    assert.deepEqual(said, [
      "Longshore needs Node 24.6 or newer; this is 20.20.2",
      "Longshore needs Node 24.6 or newer; this is 24.5.9",
      undefined,
      undefined,
      undefined,
    ]);
    assert.equal(`>=${NEEDED_NODE}`, packageJson.engines.node);
  });

  it("has nothing to say of Bun and Deno, whatever Node they resemble", () => {
    for (const other of ["bun", "deno"])
      assert.equal(tooOld({ ...process.versions, node: "20.0.0", [other]: "1.0.0" }), undefined);
  });
});
