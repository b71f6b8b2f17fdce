import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkHookFile } from "../../src/config/hook-file.ts";
import { canBeMarked, isMarked } from "../support/editors.ts";
import { CONTEXT } from "../support/hooks.ts";

const EXPRESSION_HINT =
  "`${{ }}` is not read here, only in `if`, `concurrency`, `forward.secret` and the values of `env` and `forward.headers`";
const NO_JOBS = "a hook has no jobs or steps: put the script into `run`, beside `on`";
const RANGE = "a range goes from a to z, A to Z or 0 to 9, upwards";

/** What each text is answered: `line:column: message`. */
const TABLE: [text: string, ...mistakes: string[]][] = [
  ["", "1:1: `on` is missing", "1:1: `run` or `forward` is missing"],
  ["on: push", "1:1: `run` or `forward` is missing"],
  ["run: x", "1:1: `on` is missing"],
  ["- on: push", "1:1: expected a map"],
  ["on: push\nrun: x\nshel: bash", '3:1: unknown key `shel`. Did you mean "shell"?'],
  ["on: push\nruns: x", "1:1: `run` or `forward` is missing", '2:1: unknown key `runs`. Did you mean "run"?'],

  ["on: Push\nrun: x", '1:5: "Push" is no event name; GitHub writes them like `pull_request`'],
  [
    "on: [push, pull-request]\nrun: x",
    '1:12: "pull-request" is no event name; GitHub writes them like `pull_request`',
  ],
  ["on:\n  ../sh: {}\nrun: x", '2:3: "../sh" is no event name; GitHub writes them like `pull_request`'],
  ["on: []\nrun: x", "1:5: names no event"],
  ["on: {}\nrun: x", "1:5: names no event"],
  ["on:\nrun: x", "1:4: expected a text or a list or a map"],
  ["on: 5\nrun: x", "1:5: expected a text or a list or a map"],
  ["on:\n  push: main\nrun: x", "2:9: expected a map"],
  ["on:\n  push:\n    - main\nrun: x", "3:5: expected a map"],
  ["on:\n  push:\n    branch: main\nrun: x", '3:5: unknown key `branch`. Did you mean "branches"?'],
  ["on:\n  star:\n    types: [created, 5]\nrun: x", "3:22: expected a text"],
  ["on:\n  star:\n    types: []\nrun: x", "3:12: cannot be empty"],

  ["on:\n  push:\n    branches: [main, 'a[']\nrun: x", "3:22: this `[` has no `]` (character 2 of `a[`)"],
  ["on:\n  push:\n    branches: 'v[z-a]'\nrun: x", `3:15: ${RANGE} (character 3 of \`v[z-a]\`)`],
  [
    "on:\n  push:\n    branches: ['a[]', '?']\nrun: x",
    "3:16: `[]` needs at least one character (character 2 of `a[]`)",
    "3:23: a `?` needs a character before it (character 1 of `?`)",
  ],
  [
    "on:\n  push:\n    branches: ['!x', '!y']\nrun: x",
    "3:15: a list of only `!` patterns includes nothing; put what to include before them",
  ],
  ["on:\n  push:\n    branches: []\nrun: x", "3:15: cannot be empty"],
  ["on:\n  push:\n    branches: { a: 1 }\nrun: x", "3:15: expected a text or a list"],
  ["on:\n  push:\n    branches: [*]\nrun: x", "3:16: a text that begins with `*` needs quotes in YAML"],
  [
    "on:\n  push:\n    branches: [*feature]\nrun: x",
    "3:16: a text that begins with `*` needs quotes in YAML",
  ],
  [
    "on:\n  push:\n    branches: [main, !release/**]\nrun: x",
    "3:22: a text that begins with `!` needs quotes in YAML",
  ],

  ["on: push\nrun: 5", "2:6: expected a text"],
  ["on: push\nrun: ''", "2:6: cannot be empty"],
  ["on: push\nrun: x\nshell: bash ${{ x }}", `3:13: ${EXPRESSION_HINT}`],
  ["on: push\nrun: x\nworking-directory: /srv/${{ github.ref }}", `3:25: ${EXPRESSION_HINT}`],
  ["on:\n  push:\n    branches: ['${{ vars.B }}']\nrun: x", `3:17: ${EXPRESSION_HINT}`],

  [
    "on: push\nrun: x\nenv: { GITHUB_REF: a, 'a b': c, Ok: [1] }",
    "3:8: names that begin with GITHUB_ or LONGSHORE_ are Longshore's",
    '3:23: "a b" is no name for an environment variable',
    "3:37: expected a text or a number or true or false",
  ],
  [
    "on: push\nrun: x\nenv: { longshore_run: 1, 1A: 1, A: null }",
    "3:8: names that begin with GITHUB_ or LONGSHORE_ are Longshore's",
    '3:26: "1A" is no name for an environment variable',
    "3:36: expected a text or a number or true or false",
  ],
  ["on: push\nrun: x\nenv: []", "3:6: expected a map"],
  ["on: push\nrun: x\ntimeout-minutes: 0", "3:18: at least 1 minute"],
  ["on: push\nrun: x\ntimeout-minutes: 1.5", "3:18: expected a whole number of minutes"],
  ["on: push\nrun: x\ntimeout-minutes: '5'", "3:18: expected a whole number of minutes"],
  ["on: push\nrun: x\ntimeout-minutes: 10081", "3:18: at most 10080 minutes, a week"],

  ["on: push\njobs: {}", "1:1: `run` or `forward` is missing", `2:1: ${NO_JOBS}`],
  ["on: push\nrun: x\nsteps: []", `3:1: ${NO_JOBS}`],
  [
    "on: push\nrun: x\nuses: actions/checkout@v5\nruns-on: ubuntu-latest",
    "3:1: actions from the marketplace cannot be used; put a script into `run`",
    "4:1: a hook runs on the machine that Longshore runs on",
  ],

  ["on: push\non: issues\nrun: x", "2:1: not valid YAML: Map keys must be unique"],
  [
    "on: [push\nrun: x",
    "2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  ["on: push\nrun: x\n? [a]\n: b", "3:3: a key must be a text"],
  ["on: push\n\trun: x", "2:1: not valid YAML: Tabs are not allowed as indentation"],
  ["on: push\nrun: x\nconcurrency: 3", "3:14: expected a text or a map"],
  ["on: push\nrun: x\nconcurrency: ''", "3:14: cannot be empty"],
  ["on: push\nrun: x\nconcurrency: {}", "3:14: `group` is missing"],
  ["on: push\nrun: x\nconcurrency: { group: a, queue: all }", "3:33: expected one of single, max"],
  [
    "on: push\nrun: x\nconcurrency: { group: a, cancel-in-progres: true }",
    '3:26: unknown key `cancel-in-progres`. Did you mean "cancel-in-progress"?',
  ],
  [
    "on: push\nrun: x\nconcurrency: { group: a, queue: max, cancel-in-progress: true }",
    "3:33: `queue: max` performs all that wait and `cancel-in-progress` none but the newest; leave one of them out",
  ],
  ["on: push\nrun: x\nretry: 3", "3:8: expected a map"],
  ["on: push\nrun: x\nretry: { max-attempts: 0 }", "3:24: at least 1"],
  ["on: push\nrun: x\nretry: { max-attempts: 2.5 }", "3:24: expected a whole number"],
  ["on: push\nrun: x\nretry: { backoff: 30 }", '3:19: expected a duration such as "30s" or "10m"'],
  ["on: push\nrun: x\nretry: { backoff: soon }", '3:19: "soon" is no duration; write it like "30s" or "10m"'],
  ["on: push\nrun: x\nretry: { on: [0] }", "3:15: an exit code of a failure is 1 or more"],
  ["on: push\nrun: x\nretry: { on: 256 }", "3:14: an exit code is at most 255"],
  ["on: push\nrun: x\nretry: { times: 3 }", "3:10: unknown key `times`."],
  [
    "on: push\nrun: x\nretry: { backoff: 2m, max-backoff: 1m }",
    "3:36: `max-backoff` is shorter than `backoff`, the shortest of the pauses",
  ],
  ["on: push\nrun: x\ninterrupted: never", "3:14: expected one of retry, fail"],
  ["on: push\nrun: x\non-failure: ''", "3:13: cannot be empty"],
  [
    "on: push\nrun: x\non-failure: echo ${{ github.ref }}",
    '3:18: `on-failure` does not read `${{ github.ref }}`: whoever names a branch could run code. Write `env: { REF: "${{ github.ref }}" }`, and "$REF" in the script',
  ],
  ["on: push\nrun: x\nuser: two words", '3:7: "two words" is no name of an account'],
  ["on: push\nrun: x\nuser: -u", '3:7: "-u" is no name of an account'],
  ["on: push\nrun: x\nuser: ''", '3:7: "" is no name of an account'],
  ["on: push\nrun: x\nuser: -1", "3:7: the number of an account is 0 or more"],
  ["on: push\nrun: x\nuser: [a]", "3:7: expected a text or a number"],
  ["on: push\nrun: x\nstale: skip", "3:8: `run` is all that `stale` can say"],
  [
    "on: push\nrun: x\n---\non: push",
    "3:1: only one document is read: remove this `---` and what follows it",
  ],

  [
    "on:\n  push: { branch: x, branches: ['['] }\nrun: ${{ x }}\ntimeout-minutes: 0\nif: x",
    '2:11: unknown key `branch`. Did you mean "branches"?',
    "2:33: this `[` has no `]` (character 1 of `[`)",
    '3:6: `run` does not read `${{ x }}`: whoever names a branch could run code. Write `env: { VALUE: "${{ x }}" }`, and "$VALUE" in the script',
    "4:18: at least 1 minute",
    "5:5: there is no `x`. A text stands in single quotes",
  ],
];

const problemsOf = (text: string) =>
  checkHookFile("deploy", "hooks/deploy.yml", text, CONTEXT).problems.map(
    ({ line, column, message }) => `${line}:${column}: ${message}`,
  );

describe("a mistake in a hook file", () => {
  for (const [text, ...mistakes] of TABLE) {
    it(`is found in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(problemsOf(text), mistakes);
      assert.equal(checkHookFile("deploy", "hooks/deploy.yml", text, CONTEXT).value, undefined);
      assert.equal(isMarked("hook", text), canBeMarked(mistakes), "in an editor");
    });
  }

  for (const key of ["report", "name"]) {
    it(`is the key ${key}, which is not in this version`, () => {
      assert.deepEqual(problemsOf(`on: push\nrun: x\n${key}: 1`), [`3:1: \`${key}\` is not in this version`]);
    });
  }

  it("is a file that grows without bounds when its aliases are followed", { timeout: 10_000 }, () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 10; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(", ")}]`,
      );
    assert.deepEqual(problemsOf(lines.join("\n")), [
      "1:1: Excessive alias count indicates a resource exhaustion attack",
    ]);
  });

  it("has a place in the file, whatever the file says, and is never an exception", () => {
    const word = fc.constantFrom(
      "on",
      "push",
      "run",
      "env",
      "branches",
      "types",
      ":",
      ": ",
      "\n",
      "\n  ",
      "- ",
      "[",
      "]",
      "{",
      "}",
      ",",
      "*a",
      "&a ",
      "!t ",
      "'",
      '"',
      "|",
      "#",
      "${{",
      "}}",
      "\t",
      "---\n",
      "5",
      "null",
      "?",
      "<<",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const text = words.join("");
        const { value, problems } = checkHookFile("fuzz", "fuzz.yml", text, CONTEXT);
        assert.ok(value !== undefined || problems.length > 0);
        if (value) assert.ok(!isMarked("hook", text), `an editor marks ${JSON.stringify(text)}`);
        const lines = text.split("\n");
        for (const { line, column, message } of problems) {
          assert.ok(message !== "" && line !== null && column !== null);
          assert.doesNotMatch(message, /undefined|\[object |native code|Invalid input/);
          assert.ok(
            line >= 1 && line <= lines.length && column >= 1,
            `${line}:${column} in ${JSON.stringify(text)}`,
          );
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
