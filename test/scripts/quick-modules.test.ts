import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importsOf, readText, sourcesBelow } from "../support/sources.ts";

/** `hono` of `hono/cookie`, `@actions/expressions` of `@actions/expressions/ast`. */
function packageOf(name: string): string {
  return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
}

function listed(): string[] {
  const list = /const LIBRARIES = (\[[^\]]*\])/.exec(readText("scripts/quick-modules.ts"))?.[1] ?? "";
  return [...list.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);
}

describe("the libraries that tests read as a few files", () => {
  it("are listed by every path by which the sources import them, and by no other", () => {
    const libraries = listed();
    const isOne = (name: string) => libraries.some((library) => packageOf(library) === packageOf(name));
    const imported = new Set(sourcesBelow("src").flatMap((file) => importsOf(file).filter(isOne)));
    assert.notEqual(libraries.length, 0);
    // By a path that is not listed a library would be loaded a second time, with classes and states of its own.
    assert.deepEqual([...imported].toSorted(), libraries.toSorted());
  });
});
