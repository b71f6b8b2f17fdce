import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HookContext } from "../../src/config/hook-context.ts";
import { checkHookFile } from "../../src/config/hook-file.ts";
import { hookSecrets } from "../../src/config/hook-secrets.ts";
import { UserError } from "../../src/config/problem.ts";

const SET: Record<string, string> = {
  TOKEN: "t",
  KEY: "k",
  EMPTY: "",
  GITHUB_WEBHOOK_SECRET: "s",
  TEAM: "s",
};
const CONTEXT: HookContext = {
  sources: ["github"],
  vars: { TARGET: "production", Region: "eu" },
  secrets: hookSecrets(
    {
      get(name) {
        if (name === "BROKEN") throw new UserError("BROKEN_FILE names /x, which cannot be read: ENOENT");
        return SET[name];
      },
    },
    ["TEAM"],
  ),
};

function check(text: string) {
  const { value, problems } = checkHookFile("deploy", "hooks/deploy.yml", text, CONTEXT);
  const shown = problems.map(
    ({ line, column, severity, message }) =>
      `${line}:${column}: ${severity === "warning" ? "(warning) " : ""}${message}`,
  );
  return { hook: value, problems: shown };
}

const QUOTES = "A text stands in single quotes";
const IN_IF = (name: string) => `\`${name}\` is not read in \`if\`; there are \`github\`, \`vars\``;
const IN_ENV = (name: string) =>
  `\`${name}\` is not read in \`env\`; there are \`github\`, \`vars\`, \`secrets\``;
const NOT_READ =
  "`${{ }}` is not read here, only in `if`, `concurrency`, `forward.secret` and the values of `env` and `forward.headers`";
const PART =
  "with `${{ }}` around a part, the whole is a text, and every text counts as true; put it around the whole condition, or leave it out";
const STATUS =
  "nothing has run yet when this is read. What is to happen after a failure stands in `on-failure`";
const IN_RUN = (expression: string, variable: string) =>
  `\`run\` does not read \`\${{ ${expression} }}\`: whoever names a branch could run code. Write \`env: { ${variable}: "\${{ ${expression} }}" }\`, and "$${variable}" in the script`;
const KEPT = "it is the secret of a source: whoever has it can forge deliveries";

describe("a mistake in a condition", () => {
  /** What stands in the third line, as a value of `if`, and what is answered. */
  const table: [condition: string, ...mistakes: string[]][] = [
    ["if: githb.ref == 'x'", `3:5: there is no \`githb\`. Did you mean "github"? ${QUOTES}`],
    ["if: github.ref_name == main", `3:24: there is no \`main\`. ${QUOTES}`],
    ["if: github.refname == 'x'", '3:12: there is no `github.refname`. Did you mean "ref_name"?'],
    ["if: github['refs'] == 'x'", '3:12: there is no `github.refs`. Did you mean "ref"?'],
    [
      "if: github.action == 'opened'",
      "3:12: there is no `github.action`: the event's action is `github.event.action`",
    ],
    ["if: github.run_id > 1", "3:12: `github.run_id` is not known yet in `if`; it is in `env`"],
    [
      "if: github.token",
      "3:12: there is no `github.token`: put a token into a secret, and name that in `env`",
    ],
    [
      "if: vars.TARGT == 'x'",
      '3:10: there is no `vars.TARGT`: the settings\' `vars` do not name it. Did you mean "TARGET"?',
    ],
    ["if: secrets.TOKEN != ''", `3:5: ${IN_IF("secrets")}`],
    ["if: matrix.os == 'x' || env.CI", `3:5: ${IN_IF("matrix")}`, `3:25: ${IN_IF("env")}`],
    ["if: failure()", `3:5: \`failure()\` does not apply: ${STATUS}`],
    [
      "if: always() && !cancelled()",
      `3:5: \`always()\` does not apply: ${STATUS}`,
      `3:18: \`cancelled()\` does not apply: ${STATUS}`,
    ],
    ["if: success() || true", `3:5: \`success()\` does not apply: ${STATUS}`],
    ["if: hashFiles('x') != ''", "3:5: `hashFiles()` does not apply: there are no files when this is read"],
    ["if: contain(github.ref, 'x')", '3:5: there is no function `contain`. Did you mean "contains"?'],
    ["if: contains(github.ref)", "3:5: `contains()` needs more than it is given"],
    ["if: toJSON(github.ref, 1)", "3:5: `toJSON()` is given more than it takes"],
    ["if: case(true, 1, 2, 3)", "3:5: `case()` needs a value for the case that no condition is true"],
    ["if: github.ref = 'x'", "3:16: `=` compares nothing; write `==`"],
    ["if: github.ref == 'x' & true", "3:23: write `&&`"],
    ['if: github.ref == "x"', "3:19: a text stands in single quotes: 'text'"],
    ["if: github.ref == 'x", "3:19: this text has no closing `'`"],
    ["if: github.ref ==", "3:16: the expression ends too early"],
    ["if: (github.ref", "3:13: the expression ends too early"],
    ["if: github.ref github.sha", "3:16: `github` is not expected here"],
    ["if: github.ref + 1", "3:16: `+` is nothing that an expression knows"],
    ["if: ${{ }}", "3:9: an expression cannot be empty"],
    ["if: ${{ github.ref", "3:5: this `${{` has no `}}`"],
    ["if: github.ref == 'x' && ${{ vars.TARGET }}", `3:26: ${PART}`],
    ["if: ${{ github.ref }} == 'x'", `3:5: ${PART}`],
    ["if: ''", "3:5: an expression cannot be empty"],
    ["if:", "3:4: expected a text or true or false"],
    ["if: [true]", "3:5: expected a text or true or false"],
    [`if: ${"(".repeat(51)}1${")".repeat(51)}`, "3:55: it is nested more than 50 levels deep"],
    [`if: ${"x".repeat(21_001)}`, "3:5: an expression has at most 21000 characters"],
  ];
  for (const [condition, ...mistakes] of table) {
    it(`is found in \`${condition.slice(0, 60)}\``, () => {
      const { hook, problems } = check(`on: push\nrun: x\n${condition}`);
      assert.deepEqual(problems, mistakes);
      assert.equal(hook, undefined);
    });
  }
});

describe("the place of a mistake", () => {
  const table: [written: string, text: string, place: string][] = [
    ["within `${{ }}`", "if: ${{  nope }}", "1:10"],
    ["in single quotes", "if: 'github.ref == ''x'' && nope'", "1:29"],
    ["in double quotes", 'if: "github.ref == \\"x\\""', "1:20"],
    ["behind escapes", 'if: "\\u0067ithub.ref ==\\n \\x27\\\\n\\x27 && nope"', "1:42"],
    ["behind an escaped line end", 'if: "github.ref \\\n  == nope"', "2:6"],
    ["in a literal block", "if: |\n  github.ref\n  == nope\n", "3:6"],
    ["in a folded block", "if: >- # why\n    github.ref ==\n\n    nope\n", "4:5"],
    ["in a folded text", "if: github.ref ==\n  'x' &&\n  nope", "3:3"],
    ["behind an anchor", "if: &a github.ref == nope", "1:22"],
    ["behind characters of two units", "if: github.ref == '😀' && nope", "1:27"],
  ];
  for (const [where, text, place] of table) {
    it(`is right ${where}`, () => {
      const { problems } = check(`${text}\non: push\nrun: x`);
      assert.equal(problems.length, 1, problems.join());
      assert.ok(problems[0]?.startsWith(`${place}: `), problems[0]);
    });
  }

  it("is the alias where the text stands elsewhere", () => {
    const { problems } = check("on: push\nenv: { A: &a '${{ github.sha }}' }\nrun: *a");
    assert.deepEqual(problems, [`3:6: ${IN_RUN("github.sha", "SHA")}`]);
  });
});

describe("a mistake in `env`", () => {
  const table: [value: string, ...mistakes: string[]][] = [
    ["${{ secrets.TOKEN }}"],
    ["${{ vars.target }}-${{ VARS['REGION'] }}"],
    ["${{ github.run_id }}/${{ GitHub.Server_URL }}"],
    ["${{ format('}}{0}', github.sha) }}"],
    [
      "a ${{ nope }} b ${{ github.nope }}",
      `4:12: there is no \`nope\`. ${QUOTES}`,
      "4:33: there is no `github.nope`.",
    ],
    ["${{ env.OTHER }}", `4:10: ${IN_ENV("env")}`],
    ["${{ secrets }}", "4:10: a secret is named in full: `secrets.NAME`"],
    ["${{ toJSON(secrets) }}", "4:17: a secret is named in full: `secrets.NAME`"],
    ["${{ secrets[github.ref_name] }}", "4:10: a secret is named in full: `secrets.NAME`"],
    ["${{ secrets.* }}", "4:10: a secret is named in full: `secrets.NAME`"],
    ["${{ secrets.TOKEN.x }}", "4:18: a secret is named in full: `secrets.NAME`"],
    [
      "${{ secrets.GITHUB_WEBHOOK_SECRET }}",
      `4:18: hooks cannot read the secret GITHUB_WEBHOOK_SECRET: ${KEPT}`,
    ],
    ["${{ secrets.team }}", `4:18: hooks cannot read the secret team: ${KEPT}`],
    [
      "${{ secrets.LONGSHORE_TOKEN }}",
      "4:18: hooks cannot read the secret LONGSHORE_TOKEN: names that begin with LONGSHORE_ are the server's own",
    ],
    [
      "${{ secrets.pgpassword }}",
      "4:18: hooks cannot read the secret pgpassword: names that begin with PG are those of the database",
    ],
    [
      "${{ secrets.NOPE }}",
      "4:18: (warning) runs will fail: the secret NOPE is not set: set the variable NOPE or NOPE_FILE",
    ],
    [
      "${{ secrets.EMPTY }}",
      "4:18: (warning) runs will fail: the secret EMPTY is set but empty: set the variable EMPTY or EMPTY_FILE",
    ],
    [
      "${{ secrets.BROKEN }}",
      "4:18: (warning) runs will fail: the secret BROKEN cannot be read: BROKEN_FILE names /x, which cannot be read: ENOENT",
    ],
  ];
  for (const [value, ...mistakes] of table) {
    it(`is ${mistakes.length === 0 ? "none" : "found"} in \`${value}\``, () => {
      const { hook, problems } = check(`on: push\nrun: x\nenv:\n  A: ${value}`);
      assert.deepEqual(problems, mistakes);
      assert.equal(
        hook !== undefined,
        mistakes.every((mistake) => mistake.includes("(warning)")),
      );
    });
  }
});

describe("an expression where none is read", () => {
  const table: [text: string, ...mistakes: string[]][] = [
    ["on: push\nrun: echo ${{ github.head_ref }}", `2:11: ${IN_RUN("github.head_ref", "HEAD_REF")}`],
    [
      "on: push\nrun: |\n  echo a\n  echo ${{ github.event.pull_request.title }} ${{secrets.TOKEN}}",
      `4:8: ${IN_RUN("github.event.pull_request.title", "PULL_REQUEST_TITLE")}`,
      `4:47: ${IN_RUN("secrets.TOKEN", "TOKEN")}`,
    ],
    [
      "on: push\nrun: echo ${{ github.event.commits[0].message }}",
      `2:11: ${IN_RUN("github.event.commits[0].message", "0_MESSAGE").replaceAll("0_MESSAGE", "VALUE")}`,
    ],
    [
      "on: push\nrun: echo ${{ format('{0}', github.ref) || 1 }}",
      `2:11: ${IN_RUN("format('{0}', github.ref) || 1", "REF")}`,
    ],
    ["on: push\nrun: echo ${{ github.event }}", `2:11: ${IN_RUN("github.event", "VALUE")}`],
    ["on: push\nrun: 'echo ${{ never closed'", `2:12: ${IN_RUN("never closed", "VALUE")}`],
    ["on: ${{ vars.EVENT }}\nrun: x", `1:5: ${NOT_READ}`],
    ["on:\n  issues:\n    types: [opened, '${{ vars.TARGET }}']\nrun: x", `3:22: ${NOT_READ}`],
    ["on: push\nrun: x\nsource: ${{ vars.TARGET }}", `3:9: ${NOT_READ}`],
    ["on: push\nrun: x\nrepositories: acme/${{ x }}-${{ y }}", `3:20: ${NOT_READ}`, `3:29: ${NOT_READ}`],
    ["on: push\nrun: x\nforks: ${{ true }}", `3:8: ${NOT_READ}`],
    [
      "on:\n  star:\n    tags: ['${{ x }}']\nrun: x",
      "3:5: `tags` does not go with `star`; it belongs to push",
    ],
    [
      "on: push\nrun: x\nenv: { GITHUB_A: '${{ x }}' }",
      "3:8: names that begin with GITHUB_ or LONGSHORE_ are Longshore's",
      `3:23: there is no \`x\`. ${QUOTES}`,
    ],
    ["on: push\nrun: x\nshell: bash ${{ x }}", `3:13: ${NOT_READ}`],
    ["on: push\nrun: x\nworking-directory: '/srv/${{ github.ref }}'", `3:26: ${NOT_READ}`],
    [
      "on: push\nrun: x\nconcurrency: { group: '${{ github.rf }}', cancel-in-progress: secrets.A }",
      '3:35: there is no `github.rf`. Did you mean "ref"?',
      "3:63: `secrets` is not read in `concurrency`; there are `github`, `vars`",
    ],
    ["on: push\nrun: x\nconcurrency: { group: x, queue: '${{ github.ref }}' }", `3:34: ${NOT_READ}`],
  ];
  for (const [text, ...mistakes] of table) {
    it(`is refused in ${JSON.stringify(text)}`, () => assert.deepEqual(check(text).problems, mistakes));
  }
});

describe("a hook with expressions", () => {
  const hookOf = (rest: string) => check(`on: push\nrun: x\n${rest}`).hook ?? assert.fail();

  for (const [written, condition] of [
    ["github.ref == 'x'", "github.ref == 'x'"],
    ["${{ github.ref == 'x' }}", "github.ref == 'x'"],
    ["|\n  ${{\n    github.ref == 'x'\n  }}\n", "github.ref == 'x'"],
    ["'!github.event.deleted'", "!github.event.deleted"],
    ["true", "true"],
    ["false", "false"],
  ] as const) {
    it(`has the condition of \`if: ${written}\``, () => assert.equal(hookOf(`if: ${written}`).if, condition));
  }

  it("has no condition and no variables when it names none", () => {
    const hook = hookOf("env: { A: b }");
    assert.ok(!("if" in hook) && !("vars" in hook));
  });

  it("carries the variables that it names, and no others", () => {
    assert.deepEqual(hookOf("if: vars.target == 'x'").vars, { TARGET: "production" });
    assert.deepEqual(hookOf("env: { R: \"${{ vars['REGION'] }}\" }").vars, { Region: "eu" });
    assert.deepEqual(hookOf("if: vars[github.ref_name] == 'x'").vars, CONTEXT.vars);
    assert.deepEqual(hookOf("if: contains(toJSON(vars), 'x')").vars, CONTEXT.vars);
  });

  it("has the names of secrets, never their values", () => {
    const hook = hookOf('env: { A: "${{ secrets.TOKEN }}" }');
    assert.deepEqual(hook.work.kind === "script" && hook.work.env, { A: "${{ secrets.TOKEN }}" });
    assert.ok(!JSON.stringify(hook).includes('"t"'));
  });
});
