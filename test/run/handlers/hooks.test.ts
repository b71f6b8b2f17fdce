import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { after, describe, it } from "node:test";
import { HookFolder } from "../../../src/config/hook-folder.ts";
import { HandlerFiles } from "../../../src/run/handlers/hooks.ts";
import { ENDLESS, handlerText } from "../../support/handlers.ts";
import { CONTEXT, hooksFolder, hookText, type TestHooks } from "../../support/hooks.ts";
import type { Scope } from "../../support/temporary.ts";

interface TestHandlerFolder extends Omit<TestHooks, "folder"> {
  folder: HookFolder;
  /** The events of every loaded hook, by the hook's name. */
  events(): Record<string, string>;
}

/** A hooks folder whose handlers are read; files are older than the second in which something may still be written. */
async function load(
  t: Scope,
  files: Record<string, string>,
  options?: { loadWithinMs: number },
): Promise<TestHandlerFolder> {
  const handlers = new HandlerFiles(options);
  t.after(() => handlers.close());
  const hooks = hooksFolder(t);
  const folder = new HookFolder(hooks.path, CONTEXT, [handlers.reader]);
  const write = (file: string, text: string) => {
    hooks.write(file, text);
    utimesSync(join(hooks.path, file), 1e9, 1e9 + ++writes);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  await folder.load();
  return {
    ...hooks,
    folder,
    write,
    events: () =>
      Object.fromEntries(folder.hooks.map(({ name, on }) => [name, on.map(({ event }) => event).join()])),
    problems: () =>
      folder.problems.map(({ file, line, column, message }) =>
        [`${file.slice(hooks.path.length + 1)}${line === null ? "" : `:${line}:${column}`}`, message].join(
          ": ",
        ),
      ),
  };
}

let writes = 0;
const on = (event: string) =>
  `import { defineHook } from "longshore";\nexport default defineHook({ on: "${event}", run() {} });\n`;

describe("handler files in the hooks folder", () => {
  it("are hooks beside those in YAML, each named by its path", async (t) => {
    const hooks = await load(t, {
      "deploy.yml": hookText("x"),
      "label.ts": on("issues"),
      "team/notify.mts": on("release"),
      "plain.js": on("create"),
      "module.mjs": on("delete"),
    });
    assert.deepEqual(hooks.problems(), []);
    assert.deepEqual(hooks.events(), {
      deploy: "push",
      label: "issues",
      module: "delete",
      plain: "create",
      "team/notify": "release",
    });
  });

  it("are none below `_`, `.` and `node_modules`, nor declarations and other endings", async (t) => {
    const hooks = await load(t, {
      "_lib/a.ts": "not read",
      "node_modules/b/index.js": "not read",
      ".c.ts": "not read",
      "types.d.ts": "not read",
      "types.d.mts": "not read",
      "old.cjs": "not read",
      "view.tsx": "not read",
    });
    assert.deepEqual([hooks.events(), hooks.problems()], [{}, []]);
  });

  it("are told apart when they are links into a package", async (t) => {
    const hooks = await load(t, {});
    const inPackage = join(hooks.path, "node_modules/shared");
    mkdirSync(inPackage, { recursive: true });
    for (const name of ["issues", "release"]) {
      writeFileSync(join(inPackage, `${name}.js`), on(name));
      symlinkSync(join(inPackage, `${name}.js`), join(hooks.path, `${name}.mjs`));
    }
    await hooks.folder.load();
    assert.deepEqual(hooks.problems(), []);
    const codes = hooks.folder.hooks.map(({ work }) => (work.kind === "handler" ? work.code : undefined));
    assert.deepEqual(
      codes.map((code) => code?.modules.length),
      [1, 1],
    );
    assert.notEqual(codes[0]?.version, codes[1]?.version);
  });

  it("that share a name with another file are a mistake", async (t) => {
    const hooks = await load(t, { "a.yml": hookText("x"), "a.ts": on("issues") });
    assert.deepEqual(hooks.events(), { a: "issues" });
    assert.deepEqual(hooks.problems(), ["a.yml: a.ts has the same name; rename one of them"]);
  });
});

const MISTAKES: [title: string, file: string, text: string, problem: RegExp][] = [
  ["a syntax error", "a.ts", "const a =\n  (1;\n", /^a\.ts:2:\d+: syntax error: Expected/],
  [
    "a syntax error in JavaScript",
    "a.js",
    "\nconst x = ;",
    /^a\.js:2:11: syntax error: Unexpected token ';'$/,
  ],
  [
    "what is more than types",
    "a.ts",
    `enum Level { Low }\n${on("push")}`,
    /^a\.ts:1:1: TypeScript enum is not supported in strip-only mode: types are only taken away; write it in JavaScript \(instead of an enum, an object `as const`\)$/,
  ],
  [
    "an error when it is loaded",
    "a.ts",
    "\n  null.x;",
    /^a\.ts:2:8: TypeError: Cannot read properties of null \(reading 'x'\)$/,
  ],
  [
    "nothing in it",
    "a.ts",
    "",
    /^a\.ts: it has no default export: write `export default defineHook\(\{ … \}\)`$/,
  ],
  [
    "another default export",
    "a.js",
    "export default { on: 'push', run() {} };",
    /^a\.js: its default export was not made by `defineHook`$/,
  ],
  [
    "no default export",
    "a.ts",
    on("push").replace("default", "const hook ="),
    /^a\.ts: it has no default export/,
  ],
  [
    "a file that is not there",
    "a.ts",
    'import "./gone.ts";',
    /^a\.ts: Cannot find module '.*gone\.ts' imported from .*a\.ts$/,
  ],
  [
    "a package that is not there",
    "a.ts",
    'import "no-such-package";',
    /^a\.ts: Cannot find package 'no-such-package' imported from/,
  ],
  [
    "a name that Longshore does not have",
    "a.ts",
    'import { defineHooks } from "longshore";',
    /^a\.ts:1:\d+: syntax error: The requested module 'longshore' does not provide an export named 'defineHooks'$/,
  ],
  [
    "an end of its process",
    "a.ts",
    'console.error("no way"); process.exit(3);',
    /^a\.ts: its process ended while it was loaded \(exit code 3\): no way$/,
  ],
  [
    "an error that is not what it seems",
    "a.ts",
    "throw Object.defineProperty(new Error('odd'), 'stack', { get() { throw 1; } });",
    /^a\.ts: Error: odd$/,
  ],
  [
    "an error without texts",
    "a.ts",
    "throw Object.assign(new Error('odd'), { message: 7, stack: 8 });",
    /^a\.ts: Error: 7$/,
  ],
  [
    "an error that names other files",
    "a.ts",
    "throw new Error('not from file://elsewhere/a:1:2 nor file:///%E0:1:2');",
    /^a\.ts:1:7: not from file:/,
  ],
  ["a thrown null", "a.ts", "throw null;", /^a\.ts: it threw null$/],
  [
    "a rejection that nobody handles",
    "a.ts",
    "void Promise.reject(new Error('unseen')); await new Promise((r) => setTimeout(r, 60_000));",
    /^a\.ts:1:21: an unhandled rejection: Error: unseen$/,
  ],
  [
    "an `await` without an end",
    "a.ts",
    "await new Promise(() => {});",
    /^a\.ts: a top-level `await` never ends$/,
  ],
  [
    "a definition with a mistake",
    "a.ts",
    on("push").replace("run()", "report: 3, run()"),
    /^a\.ts: `report` is not in this version$/,
  ],
  [
    "a definition that is no data",
    "a.ts",
    on("push").replace("run()", "env: { A: 1n }, run()"),
    /^a\.ts: TypeError: Do not know how to serialize a BigInt/,
  ],
];

describe("a handler file with", async () => {
  const fileOf = (title: string, ending: string) => `${title.replaceAll(/\W+/g, "-")}${extname(ending)}`;
  const files = MISTAKES.map(([title, file, text]) => [fileOf(title, file), text]);
  const hooks = await load({ after }, { ...Object.fromEntries(files), "other.ts": on("issues") });

  for (const [title, file, , problem] of MISTAKES)
    it(`${title} says so`, () => {
      const own = fileOf(title, file);
      const problems = hooks.problems().filter((text) => text.startsWith(own));
      assert.equal(problems.length, 1);
      assert.match((problems[0] ?? "").replaceAll(own, file), problem);
    });

  it("a mistake leaves the other hooks alone", () => {
    assert.deepEqual(hooks.events(), { other: "issues" });
    assert.equal(hooks.problems().length, MISTAKES.length);
  });

  it("an endless loop is given up", async (t) => {
    const endless = await load(t, { "a.ts": ENDLESS }, { loadWithinMs: 3_000 });
    assert.deepEqual(endless.problems(), ["a.ts: it took longer than 3 s to load"]);
  });
});

describe("a handler file that has changed", () => {
  it("is loaded anew, and keeps its last good version when it is broken", async (t) => {
    const hooks = await load(t, { "a.ts": on("issues") });
    hooks.write("a.ts", on("release"));
    await hooks.folder.load();
    assert.deepEqual(hooks.events(), { a: "release" });
    hooks.write("a.ts", "(");
    await hooks.folder.load();
    assert.deepEqual(hooks.events(), { a: "release" });
    assert.equal(hooks.problems().length, 1);
    hooks.write("a.ts", on("create"));
    await hooks.folder.load();
    assert.deepEqual([hooks.events(), hooks.problems()], [{ a: "create" }, []]);
  });

  it("is one that imports a changed file, also when that was broken", async (t) => {
    const importing = on("x")
      .replace('"x"', "event")
      .replace("import", 'import { event } from "./_lib/event.ts";\nimport');
    const part = (event: string) => `export const event = "${event}";`;
    const hooks = await load(t, { "a.ts": importing, "_lib/event.ts": part("issues") });
    assert.deepEqual(hooks.events(), { a: "issues" });
    hooks.write("_lib/event.ts", part("release"));
    await hooks.folder.load();
    assert.deepEqual(hooks.events(), { a: "release" });
    hooks.write("_lib/event.ts", "export const event = ");
    await hooks.folder.load();
    assert.deepEqual(hooks.events(), { a: "release" });
    assert.match(hooks.problems()[0] ?? "", /^_lib\/event\.ts:1:\d+: syntax error/);
    hooks.write("_lib/event.ts", part("create"));
    await hooks.folder.load();
    assert.deepEqual([hooks.events(), hooks.problems()], [{ a: "create" }, []]);
    assert.equal(await hooks.folder.reload(), false);
  });

  it("is read again when a file that it imports may have been half-written", async (t) => {
    const hooks = await load(t, { "a.ts": handlerText(""), "_b.ts": "" });
    hooks.write("a.ts", `import "./_b.ts";\n${on("issues")}`);
    utimesSync(join(hooks.path, "_b.ts"), new Date(), new Date());
    await hooks.folder.load();
    assert.deepEqual(hooks.events(), { a: "issues" });
    await hooks.folder.reload();
    assert.equal(await hooks.folder.reload(), true);
  });
});
