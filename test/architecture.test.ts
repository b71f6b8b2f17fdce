/** What ARCHITECTURE.md says of the layout, kept true. A rule that has to change is changed there and here. */
import assert from "node:assert/strict";
import { dirname, posix } from "node:path";
import { describe, it } from "node:test";
import { documents } from "./support/documents.ts";
import {
  filesBelow,
  importsOf,
  readText,
  type SourceFile,
  sourcesBelow,
  withoutTexts,
} from "./support/sources.ts";

const sources = sourcesBelow("src");
const dashboard = sourcesBelow("dashboard");

/** From the top down. Imports go from a row to a lower one, never up, and never sideways within a row. */
const ROWS = [
  ["main", "index", "testing"],
  ["cli"],
  ["server", "library"],
  ["receive", "run", "admin"],
  ["github", "store"],
  ["config"],
  ["match"],
  ["lib"],
];

/** The folder below `src/`, or the name of a file that stands there alone. */
function partOf(path: string): string {
  const [, first = "", rest] = path.split("/");
  return rest === undefined ? first.replace(/\.ts$/, "") : first;
}

function rowOf(path: string): number {
  const row = ROWS.findIndex((parts) => parts.includes(partOf(path)));
  assert.notEqual(row, -1, `${path} is in none of the rows`);
  return row;
}

function localImportsOf(file: SourceFile): string[] {
  return importsOf(file)
    .filter((name) => name.startsWith("."))
    .map((name) => posix.join(dirname(file.path), name))
    .filter((path) => path.startsWith("src/") && path.endsWith(".ts"));
}

/** The paths of all files in which a pattern is found, save where it is allowed. */
function filesWith(pattern: RegExp, allowed: (path: string) => boolean): string[] {
  return sources
    .filter(({ path, code }) => !allowed(path) && pattern.test(code))
    .map(({ path, code }) => `${path}: ${pattern.exec(code)?.[0]}`);
}

function isIn(...places: string[]): (path: string) => boolean {
  return (path) => places.some((place) => path === `src/${place}` || path.startsWith(`src/${place}/`));
}

describe("imports", () => {
  it("go down only, never sideways between the folders of one row", () => {
    const wrong = sources.flatMap((file) =>
      localImportsOf(file)
        .filter((target) => partOf(target) !== partOf(file.path) && rowOf(target) <= rowOf(file.path))
        .map((target) => `${file.path} imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it("are all found: every file but the entries is imported by another", () => {
    // Were the pattern that finds imports wrong, the rule above would hold for nothing.
    const imported = new Set(sources.flatMap(localImportsOf));
    const alone = sources.map(({ path }) => path).filter((path) => !imported.has(path));
    assert.deepEqual(
      alone.filter((path) => path !== "src/index.ts"),
      ["src/main.ts", "src/testing.ts"],
    );
  });
});

describe("what only one place may do", () => {
  it("is SQL: in store/", () => {
    const sql = /"(kysely|node:sqlite)"|\b(select .+ from|insert into|delete from|update \w+ set|pragma) /i;
    assert.deepEqual(filesWith(sql, isIn("store")), []);
  });

  it("is to speak to SQLite itself: in store/sqlite.ts and sqlite-copy.ts", () => {
    assert.deepEqual(
      filesWith(/"node:sqlite"|\bpragma /, isIn("store/sqlite.ts", "store/sqlite-copy.ts")),
      [],
    );
  });

  it("is to start processes: in the spawner", () => {
    const allowed = isIn("run/spawner.ts", "run/spawner-process.ts");
    assert.deepEqual(filesWith(/"(node:)?child_process"/, allowed), []);
  });

  it("is to read the environment: in config/, and where a run's is made; commands hand it on whole", () => {
    assert.deepEqual(filesWith(/process\.env\b/, isIn("config", "run/environment.ts", "cli")), []);
    assert.deepEqual(filesWith(/process\.env\s*[.[]/, isIn("config", "run/environment.ts")), []);
  });

  it("is to know the fields of payloads: in match/payload.ts, and in what changes samples for `send`", () => {
    const fields =
      /\.(full_name|default_branch|pull_request|workflow_run|merge_group|head_branch|base_ref|head_ref|ref_type|head_commit|merge_commit_sha|tag_name|commit_oid)\b|\bpayload(\.(?!ts")\w+|\[)/;
    const samples = isIn("cli/sample-changes.ts", "cli/send.ts", "testing.ts");
    assert.deepEqual(
      filesWith(fields, (path) => isIn("match/payload.ts")(path) || samples(path)),
      [],
    );
  });

  it("is to touch the world: never match/, which knows no clock, no disk and no chance", () => {
    const world = /"node:|\bprocess\.|\bDate\b|\bMath\.random|\bfetch\(|\bsetTimeout\b/;
    assert.deepEqual(
      filesWith(world, (path) => !isIn("match")(path)),
      [],
    );
  });
});

describe("a file", () => {
  const all = ["src", "test", "scripts", "benchmarks", "dashboard"].flatMap((folder) => sourcesBelow(folder));

  it("has at most 300 lines", () => {
    const long = all
      .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
      .filter(({ lines }) => lines > 300);
    assert.deepEqual(long, []);
  });

  it("opens with what it is for, in src/ and dashboard/", () => {
    const silent = [...sources, ...dashboard].filter(({ text }) => !/^\/\*\*[\s\S]{20,}?\*\//.test(text));
    assert.deepEqual(
      silent.map(({ path }) => path),
      [],
    );
  });

  it("has a name in kebab-case, and so have folders; migrations have a number and say what they do", () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;
    const migration = /^src\/store\/migrations\/\d{4}_[a-z0-9_]+\.ts$/;
    const paths = ["src", "test", "scripts", "benchmarks", "bin", "dashboard"].flatMap((folder) =>
      filesBelow(folder),
    );
    const odd = paths.filter(
      (path) => !migration.test(path) && !path.split("/").every((part) => kebab.test(part)),
    );
    assert.deepEqual(odd, []);
  });

  it("is in no folder that says nothing, and has no such name", () => {
    const nothing = /(^|[/-])(utils?|helpers?|services?|managers?|common|misc)([/.-]|$)/;
    const paths = ["src", "test", "scripts", "benchmarks", "dashboard"].flatMap((folder) =>
      filesBelow(folder),
    );
    assert.deepEqual(
      paths.filter((path) => nothing.test(path)),
      [],
    );
  });

  it("does not switch the checks of types off", () => {
    const off = /@ts-(ignore|nocheck|expect-error)|:\s*any\b|\bas any\b|<any\b|\bany\[\]|\bas unknown as\b/;
    // `proxy-addr` asks for a whole request and reads two fields of it.
    const known = ["src/receive/client.ts: as unknown as"];
    // What the types of the library's face must refuse is proven by an error that has to be there.
    const allowed = (path: string, text: string) =>
      ["test/index.test.ts", "test/library/types.test.ts"].includes(path)
        ? text.replaceAll("@ts-expect-error", "")
        : text;
    const wrong = all
      .filter(({ path }) => path !== "test/architecture.test.ts")
      .map(({ path, text }) => ({ path, found: off.exec(withoutTexts(allowed(path, text)))?.[0] }))
      .flatMap(({ path, found }) => (found === undefined ? [] : `${path}: ${found}`));
    assert.deepEqual(
      wrong.filter((place) => !known.includes(place)),
      [],
    );
  });

  it("says why wherever it switches off a rule of the linter", () => {
    const wrong = all.filter(({ text }) => /biome-ignore [\w/ ]+(: *)?$/m.test(text)).map(({ path }) => path);
    assert.deepEqual(wrong, []);
  });
});

describe("a name", () => {
  /** What is declared in a file: variables, functions, types, fields. */
  function declaredIn({ code }: SourceFile): string[] {
    const declared = code.matchAll(
      /\b(?:const|let|function|class|interface|type|enum)\s+([\w$]+)|^\s*(?:readonly\s+|static\s+|async\s+|#)*([\w$]+)\??(?::|\()/gm,
    );
    return [...declared].flatMap(([, variable, field]) => variable ?? field ?? []);
  }

  const wordsOf = (name: string) =>
    name.split(/[_$-]|(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase());

  it("is of the words in ARCHITECTURE.md: no job or task for a run, no manager, helper or util at all", () => {
    const never = /^(jobs?|tasks?|managers?|services?|helpers?|utils?|canceled|cancelled?ation)$/;
    // Actions' own words, there to say that a hook has none.
    const quoted = new Set(["src/config/hook-file.ts NO_JOBS", "src/config/hook-file.ts jobs"]);
    const wrong = sources.flatMap((file) =>
      declaredIn(file)
        .filter((name) => wordsOf(name).some((word) => never.test(word)))
        .map((name) => `${file.path} ${name}`),
    );
    assert.deepEqual(
      wrong.filter((place) => !quoted.has(place)),
      [],
    );
  });

  it("has its unit at the end where it is a time or a size", () => {
    const bare = /^(timeout|delay|interval|ttl|age|lease|grace|size|max(Size|Body|Inflight)?)$/i;
    // `size` alone is a number of bytes everywhere: in the settings, the store and what is printed.
    const fields = sources.flatMap(({ path, code }) =>
      [...code.matchAll(/^\s*(?:readonly\s+)?(\w+)\??: number;/gm)]
        .flatMap(([, name]) => name ?? [])
        .filter((name) => bare.test(name) && name !== "size")
        .map((name) => `${path} ${name}`),
    );
    assert.deepEqual(fields, []);
  });

  it("spells `cancelled` as GitHub does, in whatever text", () => {
    const texts = [...sources, ...documents()];
    assert.deepEqual(
      texts.filter(({ text }) => /\bcanceled\b/i.test(text)).map(({ path }) => path),
      [],
    );
  });
});

describe("ARCHITECTURE.md", () => {
  const text = readText("ARCHITECTURE.md");

  it("is short enough to be read", () => {
    assert.ok(text.split("\n").length <= 200);
  });

  it("names every folder of src/, and only files that are there", () => {
    const folders = new Set(sources.map(({ path }) => dirname(path)).filter((folder) => folder !== "src"));
    const unnamed = [...folders].filter((folder) => !text.includes(`\`${folder}/\``));
    assert.deepEqual(unnamed, []);
    assert.deepEqual(missingIn(text), []);
  });

  it("gives the rows of imports that are tested here", () => {
    const rows = ROWS.map((parts) => parts.join(parts.includes("main") ? ", " : " | ")).join(" → ");
    assert.ok(text.replaceAll(/\s+/g, " ").includes(rows), `it does not say: ${rows}`);
  });
});

describe("a recipe in CONTRIBUTING.md", () => {
  const recipes = readText("CONTRIBUTING.md")
    .split(/^### /m)
    .slice(1)
    .map((recipe) => recipe.split(/^## /m)[0] ?? "");

  it("names files that are there", () => {
    assert.ok(recipes.length >= 6);
    assert.deepEqual(recipes.flatMap(missingIn), []);
  });

  it("needs at most three files of src/", () => {
    const long = recipes
      .map((recipe) => ({
        name: recipe.split("\n")[0],
        files: [...recipe.matchAll(/^\d\. `(src\/[^`]+)`/gm)].length,
      }))
      .filter(({ files }) => files > 3);
    assert.deepEqual(long, []);
  });
});

/** The files of ours that a text names and that are not there. `<name>` and `NNNN` stand for names. */
function missingIn(text: string): string[] {
  const known = new Set(["src", "test", "scripts", "benchmarks", "bin", "docs", "tools"].flatMap(filesBelow));
  const named = [...text.matchAll(/`((?:src|test|scripts|benchmarks|bin|docs|tools)\/[^`\s]*)`/g)]
    .flatMap(([, path]) => path ?? [])
    .filter((path) => !/[<…]|NNNN/.test(path));
  return named.filter((path) =>
    path.endsWith("/") ? ![...known].some((file) => file.startsWith(path)) : !known.has(path),
  );
}
