/** The examples in the documents: every hook that is shown loads, and every mistake that is shown is told so. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { type Block, blocksIn, documents } from "./support/documents.ts";
import { workplace } from "./support/server.ts";

/** A hook that is shown with its mistakes: the first line names its file and says so, and `check` follows. */
const WRONG = /^# (hooks\/.+\.yml), wrong\n/;
const SETTINGS = /^# longshore\.yml\n/;

interface Examples {
  hooks: string[];
  /** By the name of their file. */
  wrong: Map<string, string>;
  /** What `check` says of those. */
  mistakes: string[];
  /** All settings of a document together, as JSON, which is YAML too. */
  settings: string;
  /** The names of all secrets. */
  secrets: string[];
}

function examplesIn(text: string): Examples {
  const blocks = blocksIn(text);
  const yaml = blocks.filter(({ language }) => language === "yaml").map((block) => block.text);
  const wrong = blocks.flatMap((block, index) => {
    const file = WRONG.exec(block.text)?.[1];
    return file === undefined ? [] : [{ file, text: block.text, next: blocks[index + 1] }];
  });
  assert.equal(new Set(wrong.map(({ file }) => file)).size, wrong.length, "two wrong hooks have one name");
  const hooks = yaml.filter((block) => !WRONG.test(block) && isHook(block));
  const settings = yaml.filter((block) => SETTINGS.test(block)).map((block) => parse(block) as object);
  if (settings.length === 0) settings.push(settingsFor(hooks));
  return {
    hooks,
    wrong: new Map(wrong.map(({ file, text: block }) => [file, block])),
    mistakes: wrong.flatMap(({ file, next }) => mistakesIn(file, next)),
    settings: JSON.stringify(Object.assign({}, ...settings)),
    secrets: [...text.matchAll(/\bsecrets\.([A-Z][A-Z0-9_]*)/g)].flatMap(([, name]) => name ?? []),
  };
}

/** Where a document shows no settings, because they are not what it is about. */
function settingsFor(hooks: readonly string[]): object {
  const named = hooks.flatMap((hook) => [...hook.matchAll(/\bvars\.([A-Z][A-Z0-9_]*)/g)]);
  return named.length === 0 ? {} : { vars: Object.fromEntries(named.map(([, name]) => [name, "shown"])) };
}

/** A workflow is shown for comparison only. */
function isHook(block: string): boolean {
  const keys = Object.keys((parse(block) as object | null) ?? {});
  return keys.includes("on") && !keys.includes("jobs");
}

function mistakesIn(file: string, block: Block | undefined): string[] {
  const [command, ...lines] = block?.text.trimEnd().split("\n") ?? [];
  assert.equal(command, "$ npx longshore check", `what check says of ${file} is not shown`);
  const mistakes = lines.filter((line) => line.startsWith(`${file}:`));
  assert.ok(mistakes.length > 0, `${file} is shown without its mistake`);
  return mistakes;
}

describe("the hooks that are shown in", { concurrency: 2 }, () => {
  for (const { path, text } of documents()) {
    const { hooks, wrong, mistakes, settings, secrets } = examplesIn(text);
    if (hooks.length === 0) continue;
    it(`${path} load without a warning, and those with a mistake as it is told`, async (t) => {
      const place = workplace(t, {
        environment: {
          LONGSHORE_HOOKS: "hooks",
          ...Object.fromEntries(secrets.map((name) => [name, "0123456789abcdef"])),
        },
      });
      place.write("longshore.yml", settings);
      for (const [index, hook] of hooks.entries()) place.write(`hooks/shown-${index}.yml`, hook);
      for (const [file, hook] of wrong) place.write(file, hook);
      const { stdout } = await place.cli("check");
      const [last = "", ...told] = stdout.trimEnd().split("\n").reverse();
      // The account of an example is on its reader's machine.
      const ofTexts = told.filter((line) => !line.includes(": warning: runs will fail: "));
      assert.deepEqual(ofTexts.sort(), mistakes.sort());
      assert.match(last, new RegExp(`, ${hooks.length} hooks? in hooks: `));
    });
  }
});

describe("the guides on hooks", () => {
  for (const guide of ["writing-a-hook", "from-github-actions"]) {
    it(`show nothing in ${guide}.md but hooks, workflows and settings`, () => {
      const text = documents().find(({ path }) => path === `docs/guides/${guide}.md`)?.text ?? "";
      const yaml = blocksIn(text).filter(({ language }) => language === "yaml");
      assert.ok(yaml.length > 10);
      const others = yaml
        .filter((block) => !WRONG.test(block.text) && !isHook(block.text))
        .filter((block) => !SETTINGS.test(block.text) && !("jobs" in parse(block.text)))
        .map((block) => block.text);
      assert.deepEqual(others, []);
    });
  }
});
