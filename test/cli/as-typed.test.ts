import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { asTyped, isHere } from "../../src/cli/as-typed.ts";

describe("a command that is to be typed", () => {
  it("begins with `npx` in a clone", () => {
    assert.equal(asTyped("runs list"), "npx longshore runs list");
  });

  it("does so for a package of the folder or of one above, and not for one of the whole machine", () => {
    const inFolder = (folder: string) =>
      join(folder, "node_modules", "longshore", "dist", "cli", "as-typed.js");
    const app = join("/srv", "app");
    assert.deepEqual(
      [app, "/srv", join("/usr", "lib"), join("/srv", "ap")].map((folder) => isHere(inFolder(folder), app)),
      [true, true, false, false],
    );
  });
});
