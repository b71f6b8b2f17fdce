/**
 * The documents against what they describe: a code, command or variable that is not written down fails here. Their
 * tables of keys are written from the schemas, and `npm run check:reference` says when they are not.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, it } from "node:test";
import { checkHookFile } from "../src/config/hook-file.ts";
import { SETTINGS } from "../src/config/settings-schema.ts";
import { readFacts } from "../src/match/payload.ts";
import { STATUS_OF_CODE } from "../src/receive/rejection.ts";
import { ownAccount } from "../src/run/account.ts";
import { runEnvironment } from "../src/run/environment.ts";
import { anchorsOf, codeIn, documents, linksOf, sectionOf, tableRows } from "./support/documents.ts";
import { pushPayload } from "./support/github.ts";
import { readHelp } from "./support/help.ts";
import { CONTEXT } from "./support/hooks.ts";
import { filesBelow, ROOT, readText, sourcesBelow } from "./support/sources.ts";

describe("docs/reference/settings.md", () => {
  const text = readText("docs/reference/settings.md");

  it("calls only those keys not in this version that are refused as such", () => {
    const later = codeIn(sectionOf(text, "## Not in this version"));
    assert.ok(later.length > 0);
    for (const key of later) {
      const { error } = SETTINGS.safeParse(nested(key.split("."), "x"));
      assert.match(error?.message ?? "", /is not in this version/, key);
    }
  });
});

function nested([key = "", ...rest]: readonly string[], value: unknown): object {
  return { [key]: rest.length > 0 ? nested(rest, value) : value };
}

describe("docs/reference/hooks.md", () => {
  const text = readText("docs/reference/hooks.md");

  it("has every variable that a script is given, and no other", () => {
    const section = sectionOf(text, "## A script's environment");
    const written = tableRows(section).flatMap(([first = ""]) => codeIn(first));
    const files = { output: "o", env: "e", path: "p", summary: "s" };
    const environment = runEnvironment({
      run: 1,
      attempt: 1,
      delivery: { id: 1, guid: "g", event: "push" },
      facts: readFacts("push", pushPayload()),
      hook: { name: "deploy", env: {} },
      folder: { path: "f", account: ownAccount(), work: "w", temporary: "t", script: "s", event: "e", files },
      githubApiUrl: "https://api.github.com",
      lastSuccessSha: null,
      ended: { status: "failed", exitCode: 1 },
    });
    assert.ok("variables" in environment);
    // TZ is there only when the server has one.
    assert.deepEqual([...new Set([...Object.keys(environment.variables), "TZ"])].sort(), [...written].sort());
  });

  it("calls only those keys not in this version that are refused as such", () => {
    const later = codeIn(sectionOf(text, "## Not in this version"));
    assert.ok(later.length > 0);
    for (const key of later) {
      const path = key.replace("<event>", "push").split(".");
      const hook = { on: "push", run: "true", ...nested(path, "x") };
      const { problems } = checkHookFile("x", "x.yml", JSON.stringify(hook), CONTEXT);
      assert.match(problems.map(({ message }) => message).join(), /is not in this version/, key);
    }
  });
});

describe("docs/reference/http.md", () => {
  it("has every code of a refusal, with its status, and no other", () => {
    const rows = tableRows(sectionOf(readText("docs/reference/http.md"), "## Refusals")).slice(1);
    const written = rows.map(([status, code = ""]) => [codeIn(code)[0], Number(status)]);
    assert.deepEqual(Object.fromEntries(written), STATUS_OF_CODE);
  });

  it("has the exits of ARCHITECTURE.md's diagram, and that has all of them", () => {
    const diagram = readText("ARCHITECTURE.md");
    assert.deepEqual(
      Object.keys(STATUS_OF_CODE).filter((code) => !diagram.includes(code)),
      [],
    );
  });
});

describe("docs/reference/commands.md", () => {
  const text = readText("docs/reference/commands.md");
  const help = readHelp();
  const leaves = [...help.values()].filter(({ name, commands }) => name !== "" && commands.length === 0);

  const optionsIn = (section: string) => tableRows(section).flatMap(([first = ""]) => codeIn(first));

  it("has a section for every command, and no other", () => {
    assert.ok(leaves.length > 5);
    const written = [...text.matchAll(/^## `longshore (.+)`$/gm)].flatMap(([, name]) => name ?? []);
    assert.deepEqual(written.sort(), leaves.map(({ name }) => name).sort());
  });

  it("has every option of each, as help prints it, and no other", () => {
    for (const { name, options } of leaves)
      assert.deepEqual(optionsIn(sectionOf(text, `## \`longshore ${name}\``)).sort(), options.sort(), name);
  });

  it("has the options of all commands", () => {
    const general = text.slice(0, text.indexOf("\n## "));
    const written = new Set(optionsIn(general));
    assert.deepEqual(
      (help.get("")?.options ?? []).filter((option) => !written.has(option)),
      [],
    );
  });

  it("and every other document name only commands that there are", () => {
    const unknown = documents().flatMap(({ path, text: document }) =>
      [...document.matchAll(/\blongshore ([a-z]+)(?: ([a-z]+))?/g)]
        .filter(([, first = "", second]) => {
          const command = help.get(first);
          const isGroup = command !== undefined && command.commands.length > 0;
          return !command || (isGroup && second !== undefined && !help.has(`${first} ${second}`));
        })
        .map(([said]) => `${path}: ${said}`),
    );
    assert.deepEqual(unknown, []);
  });
});

describe("docs/reference/failure-stories.md", () => {
  const rows = tableRows(readText("docs/reference/failure-stories.md")).slice(1);
  const written = rows.map(([number]) => Number(number));
  /** Titles stand in `it(…)` or, where cases are listed, in the list; comments do not count. */
  const tested = sourcesBelow("test")
    .flatMap(({ code }) => [...code.matchAll(/\(stor(?:y|ies) (\d[\d, ]*)\)/g)])
    .flatMap(([, numbers = ""]) => numbers.split(",").map(Number));

  it("tells each story once, in order, with a public source", () => {
    assert.ok(written.length > 40);
    assert.deepEqual(
      written,
      [...new Set(written)].sort((a, b) => a - b),
    );
    const unproven = rows.filter(
      ([, story = ""]) => !linksOf(story).some((link) => link.startsWith("https://")),
    );
    assert.deepEqual(unproven, []);
  });

  it("tells every story that a test names", () => {
    assert.deepEqual(
      tested.filter((number) => !written.includes(number)),
      [],
    );
  });

  it("has a test for every story, save for what is there later", () => {
    const untested = rows
      .filter(([number, , answer = ""]) => !tested.includes(Number(number)) && !answer.includes("**Later:**"))
      .map(([number]) => Number(number));
    assert.deepEqual(untested, []);
  });
});

describe("every document", () => {
  it("links only to what is there", () => {
    const broken = documents().flatMap(({ path, text }) =>
      linksOf(text)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !resolves(path, target))
        .map((target) => `${path}: ${target}`),
    );
    assert.deepEqual(broken, []);
  });

  it("below docs/ is linked to from another one", () => {
    const linked = new Set(
      documents().flatMap(({ path, text }) =>
        linksOf(text).map((target) => posix.join(dirname(path), target.split("#")[0] ?? "")),
      ),
    );
    const alone = filesBelow("docs").filter((path) => !linked.has(path));
    assert.deepEqual(alone, []);
  });

  it("names only scripts that package.json has", () => {
    const scripts = Object.keys(
      (JSON.parse(readText("package.json")) as { scripts: Record<string, string> }).scripts,
    );
    const unknown = documents().flatMap(({ path, text }) =>
      [...text.matchAll(/\bnpm (?:run ([a-z:-]+)|(start|test)\b)/g)]
        .filter(([, script, builtIn = ""]) => !scripts.includes(script ?? builtIn))
        .map(([said]) => `${path}: ${said}`),
    );
    assert.deepEqual(unknown, []);
    const readme = readText("README.md");
    for (const script of ["check", "fix", "dev", "spec", "bench", "demo"])
      assert.ok(readme.includes(`\`npm run ${script}\``), `README.md does not tell of npm run ${script}`);
  });
});

function resolves(from: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : posix.join(dirname(from), file);
  if (!existsSync(join(ROOT, path))) return false;
  return anchor === undefined || anchorsOf(readText(path)).has(anchor);
}

describe("docs/decisions", () => {
  const decisions = filesBelow("docs/decisions").map((path) => ({ path, text: readText(path) }));

  it("are numbered without gaps, in their names and titles", () => {
    assert.ok(decisions.length > 0);
    for (const [index, { path, text }] of decisions.entries()) {
      assert.match(path, new RegExp(`/${String(index + 1).padStart(4, "0")}-[a-z0-9-]+\\.md$`));
      assert.match(text, new RegExp(`^# ${index + 1}\\. `));
    }
  });

  it("say why, what, and what it costs, on half a page", () => {
    for (const { path, text } of decisions) {
      const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
      assert.deepEqual(headings, ["Context", "Decision", "What it costs"], path);
      assert.ok(text.split("\n").length <= 40, `${path} is longer than half a page`);
    }
  });
});
