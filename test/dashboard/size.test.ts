import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { buildDashboard } from "../../scripts/build-dashboard.ts";
import { ROOT } from "../support/sources.ts";

const DIST = join(ROOT, "dashboard/dist");
const KIB = 1_024;

interface Part {
  file: string;
  css?: string[];
  imports?: string[];
  dynamicImports?: string[];
}

describe("the first page", () => {
  before(() => buildDashboard());

  it("is less than 300 KiB compressed: for a browser that takes gzip only, and with the overview", () => {
    const files = [
      "index.html",
      "icon.svg",
      ...filesOf("index.html"),
      ...filesOf("src/pages/overview/overview.tsx"),
    ];
    const bytes = [...new Set(files)].map(compressedBytes).reduce((sum, one) => sum + one, 0);
    assert.ok(bytes < 300 * KIB, `${(bytes / KIB).toFixed(1)} KiB`);
    assert.ok(bytes > 100 * KIB, "something is missing");
  });

  it("does not bring the other pages along", () => {
    const first = new Set(filesOf("index.html"));
    for (const page of ["run/run", "delivery/delivery", "hooks/hook", "system/system", "run/markdown"]) {
      const { file } = partOf(`src/pages/${page}.tsx`);
      assert.ok(!first.has(file), page);
    }
  });
});

/** What has to be there before a part can be shown. */
function filesOf(name: string): string[] {
  const { file, css = [], imports = [] } = partOf(name);
  return [file, ...css, ...imports.flatMap(filesOf)];
}

function partOf(name: string): Part {
  const manifest = JSON.parse(readFileSync(join(DIST, ".vite/manifest.json"), "utf8")) as Record<
    string,
    Part
  >;
  const part = manifest[name];
  assert.ok(part, `${name} is not built`);
  return part;
}

function compressedBytes(file: string): number {
  const path = join(DIST, file);
  assert.ok(existsSync(dirname(path)));
  return statSync(existsSync(`${path}.gz`) ? `${path}.gz` : path).size;
}
