import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { UserError } from "../../src/config/problem.ts";
import { checkSettings, loadSettings } from "../../src/config/settings.ts";
import { canBeMarked, isMarked } from "../support/editors.ts";
import { temporaryFolder } from "../support/temporary.ts";

const NO_DATABASE = 'expected "sqlite:" and the path of a file, or "postgres://…"';

const SECRET_HINT =
  "write `${{ secrets.NAME }}` and put the secret into the variable NAME or the file that NAME_FILE names";
const NO_RANGE = "is no address, no range and none of";

/** What each text is answered: `line:column: message`. */
const TABLE: [text: string, ...mistakes: string[]][] = [
  ["listn: 8080", '1:1: unknown key `listn`. Did you mean "listen"?'],
  ["wholly-unknown: 1", "1:1: unknown key `wholly-unknown`."],
  ["constructor: 1", "1:1: unknown key `constructor`."],
  ["- listen", "1:1: expected a map"],
  ["just text", "1:1: expected a map"],

  [
    "listen: nonsense",
    '1:9: "nonsense" is nothing to listen on; write it like "0.0.0.0:8080" or "unix:/run/longshore.sock"',
  ],
  [
    "listen: 65536",
    '1:9: "65536" is nothing to listen on; write it like "0.0.0.0:8080" or "unix:/run/longshore.sock"',
  ],
  [
    "listen: 'unix:'",
    '1:9: "unix:" is nothing to listen on; write it like "0.0.0.0:8080" or "unix:/run/longshore.sock"',
  ],
  ["listen: [1]", "1:9: expected a text or a number"],
  ["public-url: ftp://x", '1:13: expected a URL such as "https://hooks.example.com"'],
  ["data: 5", "1:7: expected a text"],
  ["hooks: ''", "1:8: cannot be empty"],
  ["log-level: loud", "1:12: expected one of debug, info, warn, error"],

  ["database: mysql://db/x", `1:11: ${NO_DATABASE}`],
  ["database: ./longshore.db", `1:11: ${NO_DATABASE}`],
  ["database: 'sqlite:'", `1:11: ${NO_DATABASE}`],
  ["database: postgres:db", `1:11: ${NO_DATABASE}`],
  [
    "database: postgres://a:b:c/x",
    "1:11: this is no URL; write it like `postgres://user@host:5432/database`",
  ],

  ["workers: 0", "1:10: expected at least 1"],
  ["workers: 1001", "1:10: expected at most 1000"],
  ["workers: 1.5", "1:10: expected a whole number"],
  ["workers: '4'", "1:10: expected a number"],
  ["workers:", "1:9: expected a number"],
  ["retention: 30", "1:12: expected a text or a map"],
  ["retention: never", '1:12: "never" is no duration; write it like "30d", or "forever"'],
  ["retention: 30m", '1:12: "30m" is less than an hour; "30d" are thirty days'],
  ["retention: { age: 0d }", '1:19: "0d" is less than an hour; "30d" are thirty days'],
  ["retention: { size: 1MiB }", "1:20: expected at least 10MiB; it is the size of the whole database"],
  ["retention: { size: much }", '1:20: "much" is no size; write it like "25MiB" or "1GiB"'],
  ["retention: { days: 30 }", "1:14: unknown key `days`."],
  ["max-queued: 0", "1:13: expected at least 1"],
  ["max-queued: unlimited", "1:13: expected a number"],
  ["trust-proxy-hops: 33", "1:19: expected at most 32"],
  ["stop-grace: 30", '1:13: expected a duration such as "30s" or "10m"'],
  ["stop-grace: 5 parsecs", '1:13: "5 parsecs" is no duration; write it like "30s" or "10m"'],
  ["stop-grace: 5constructor", '1:13: "5constructor" is no duration; write it like "30s" or "10m"'],
  ["max-inflight: lots", '1:15: "lots" is no size; write it like "25MiB" or "1GiB"'],
  ["min-free-disk: -1", '1:16: "-1" is no size; write it like "25MiB" or "1GiB"'],
  ["min-free-disk: true", "1:16: expected a text or a number"],

  ["trust-proxy: my-proxy", `1:14: "my-proxy" ${NO_RANGE} loopback, linklocal, uniquelocal`],
  [
    "trust-proxy: [loopback, 10.0.0.0/33]",
    `1:25: "10.0.0.0/33" ${NO_RANGE} loopback, linklocal, uniquelocal`,
  ],
  ["trust-proxy: any", `1:14: "any" ${NO_RANGE} loopback, linklocal, uniquelocal`],
  ["trust-proxy: { a: 1 }", "1:14: expected a text or a list"],
  [
    "sources: { a: { allow-from: [github, somewhere] } }",
    `1:38: "somewhere" ${NO_RANGE} github, loopback, any`,
  ],
  ["sources: { a: { allow-from: 10.1/8 } }", `1:29: "10.1/8" ${NO_RANGE} github, loopback, any`],
  ["sources: { a: { allow-from: 010.0.0.1 } }", `1:29: "010.0.0.1" ${NO_RANGE} github, loopback, any`],
  ["sources: { a: { allow-from: 0x0a000001/8 } }", `1:29: "0x0a000001/8" ${NO_RANGE} github, loopback, any`],
  ["sources: { a: { allow-from: 10.0.0.1/ } }", `1:29: "10.0.0.1/" ${NO_RANGE} github, loopback, any`],

  ["sources: { a: { secrets: hunter2 } }", `1:26: ${SECRET_HINT}`],
  ["sources: { a: { secrets: ['${{ secrets.A }}', hunter2] } }", `1:47: ${SECRET_HINT}`],
  ["sources: { a: { secrets: '${{ env.A }}' } }", `1:26: ${SECRET_HINT}`],
  ["sources: { a: { secrets: 'x${{ secrets.A }}' } }", `1:26: ${SECRET_HINT}`],
  ["sources: { a: { path: hooks } }", '1:23: expected a path such as "/github"'],
  ["sources: { a: { path: '/a?b' } }", '1:23: expected a path such as "/github"'],
  [
    "sources: { a: { path: /x }, b: { path: /x/ } }",
    '1:40: source "b" has the path /x, which is source "a"\'s',
  ],
  ["sources:\n  a: { path: /b }\n  b:", '3:5: source "b" has the path /b, which is source "a"\'s'],
  [
    "sources: { a: { path: /healthz/ } }",
    '1:23: source "a" has the path /healthz, which is the health check\'s',
  ],
  ["sources: {}", "1:10: names no source"],
  ["sources:", "1:9: expected a map"],
  ["sources: { Team A: {} }", "1:12: a source's name is of a–z, 0–9, - and _"],
  ["sources: { ../x: {} }", "1:12: a source's name is of a–z, 0–9, - and _"],
  ["sources: { a: { allow-sha1: yes } }", "1:29: expected true or false"],
  ["sources: { a: { replay-protection: maybe } }", "1:36: expected one of auto, off"],
  ["sources: { a: { max-body: huge } }", '1:27: "huge" is no size; write it like "25MiB" or "1GiB"'],
  ["sources: { a: { secret: x } }", '1:17: unknown key `secret`. Did you mean "secrets"?'],

  ["github: { api-url: api.github.com }", '1:20: expected a URL such as "https://api.github.com"'],
  [
    "github: { token: x, app: {} }",
    "1:11: `token` is not in this version",
    "1:21: `app` is not in this version",
  ],
  [
    "admin: { listen: here }",
    '1:18: "here" is nothing to listen on; write it like "0.0.0.0:8080" or "unix:/run/longshore.sock"',
  ],
  [
    "admin: { user-header: x-user }",
    "null:null: `admin.user-header` needs `trust-proxy`: it says whose word counts for who somebody is",
  ],
  ["notify: {}", "1:9: expected a list"],
  ["notify: [{ on: failed }]", "1:10: write either `run` or `forward`"],
  ["notify: [{ run: x, forward: 'https://example.com/' }]", "1:10: write either `run` or `forward`"],
  ["notify: [{ on: broken, run: x }]", "1:16: expected one of failed, recovered"],
  ["notify: [{ hooks: '[', run: x }]", "1:19: this `[` has no `]` (character 1 of `[`)"],
  ["notify: [{ hook: x, run: x }]", '1:12: unknown key `hook`. Did you mean "hooks"?'],
  ["vars: []", "1:7: expected a map"],
  ["vars: { A: [1] }", "1:12: expected a text or a number or true or false"],
  ["vars: { A: null }", "1:12: expected a text or a number or true or false"],
  ["vars: { a-b: 1 }", "1:9: the name of a variable is of a–z, A–Z, 0–9 and _"],
  ["vars: { GITHUB_X: 1 }", "1:9: names that begin with GITHUB_ are GitHub's"],
  ["vars: { A: 1, a: 2 }", "1:18: `a` and `A` are the same name"],
  [
    "vars: { A: '${{ github.ref }}' }",
    "1:12: `${{ }}` is not read here; `vars` are read by the hooks' expressions",
  ],

  ['runs: { user: "two words" }', '1:15: "two words" is no name of an account'],
  ["runs: { user: -1 }", "1:15: the number of an account is 0 or more"],
  ["runs: { inherit-env: [A B] }", '1:23: "A B" is no name for an environment variable'],
  [
    "runs: { inherit-env: LONGSHORE_DATABASE }",
    "1:22: LONGSHORE_DATABASE is not handed on: names that begin with LONGSHORE_ are the server's own",
  ],
  [
    "runs: { inherit-env: [SSH_AUTH_SOCK, PGPASSWORD] }",
    "1:38: PGPASSWORD is not handed on: names that begin with PG are those of the database",
  ],

  ["workers: 1\nworkers: 2", "2:1: not valid YAML: Map keys must be unique"],
  [
    "workers: [",
    "1:11: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  ["workers: 1\n\tlisten: 2", "2:1: not valid YAML: Tabs are not allowed as indentation"],
  ["workers: 1\n---\nworkers: 2", "2:1: only one document is read: remove this `---` and what follows it"],
  ["workers: *many", "1:10: a text that begins with `*` needs quotes in YAML"],
  ["data: !here", "1:7: a text that begins with `!` needs quotes in YAML"],

  [
    "workers: 0\nlisten: nonsense\nfoo: 1\nsources:\n  github:\n    max-body: huge\n    path: x\ndata: 1",
    "1:10: expected at least 1",
    '2:9: "nonsense" is nothing to listen on; write it like "0.0.0.0:8080" or "unix:/run/longshore.sock"',
    "3:1: unknown key `foo`.",
    '6:15: "huge" is no size; write it like "25MiB" or "1GiB"',
    '7:11: expected a path such as "/github"',
    "8:7: expected a text",
  ],
];

describe("a mistake in the settings", () => {
  for (const [text, ...mistakes] of TABLE) {
    it(`is found in ${JSON.stringify(text)}`, (t) => {
      const file = join(temporaryFolder(t), "longshore.yml");
      writeFileSync(file, text);
      const { value, problems } = checkSettings({}, file);
      assert.equal(value, undefined);
      assert.deepEqual(
        problems.map(({ line, column, message }) => `${line}:${column}: ${message}`),
        mistakes,
      );
      assert.ok(problems.every((problem) => problem.file === file && problem.severity === "error"));
      assert.equal(isMarked("settings", text), canBeMarked(mistakes), "in an editor");
    });
  }

  it("is shown with all others, those of variables too, and stops the start", (t) => {
    const file = join(temporaryFolder(t), "longshore.yml");
    writeFileSync(file, "workers: 0\nhook: x\n");
    assert.throws(
      () => loadSettings({ LONGSHORE_LOG_LEVEL: "loud" }, file),
      new UserError("The settings have mistakes:", [
        { file, line: 1, column: 10, severity: "error", message: "expected at least 1" },
        { file, line: 2, column: 1, severity: "error", message: 'unknown key `hook`. Did you mean "hooks"?' },
        {
          file: "LONGSHORE_LOG_LEVEL",
          line: null,
          column: null,
          severity: "error",
          message: "expected one of debug, info, warn, error",
        },
      ]),
    );
  });

  it("never repeats a secret that was written down", (t) => {
    const file = join(temporaryFolder(t), "longshore.yml");
    writeFileSync(file, "sources: { a: { secrets: [hunter2] } }\n");
    assert.doesNotMatch(JSON.stringify(checkSettings({}, file).problems), /hunter2/);
  });
});

describe("PostgreSQL", () => {
  it("has no size to keep", (t) => {
    const file = join(temporaryFolder(t), "longshore.yml");
    writeFileSync(file, "database: postgres://db/x\nretention: { size: 1GiB }\n");
    assert.deepEqual(
      checkSettings({}, file).problems.map(({ message }) => message),
      ["`retention.size`: PostgreSQL gives no room back that could be measured; use `retention.age`"],
    );
  });
});

describe("Enterprise Server", () => {
  const check = (
    t: Parameters<typeof temporaryFolder>[0],
    text: string,
    variables: NodeJS.ProcessEnv = {},
  ) => {
    const file = join(temporaryFolder(t), "longshore.yml");
    writeFileSync(file, text);
    return checkSettings(variables, file).problems.map(({ message }) => message);
  };
  const needsRanges = (source: string) =>
    `source "${source}": GitHub Enterprise Server publishes no list of addresses; name its ranges in \`allow-from\``;
  const API = "github: { api-url: 'https://ghe.example/api/v3' }";

  it("needs ranges for every source that counts on GitHub's list", (t) => {
    assert.deepEqual(check(t, API), [needsRanges("github")]);
    assert.deepEqual(check(t, `${API}\nsources: { a: , b: { allow-from: 10.0.0.0/8 } }`), [needsRanges("a")]);
  });

  it("is recognised in the variable, too", (t) => {
    assert.deepEqual(check(t, "", { LONGSHORE_GITHUB_API_URL: "https://ghe.example/api/v3/" }), [
      needsRanges("github"),
    ]);
  });

  it("is content with ranges", (t) => {
    assert.deepEqual(check(t, `${API}\nsources: { a: { allow-from: [10.0.0.0/8, loopback] } }`), []);
  });

  it("is not GitHub's own API, nor that of a data residence", (t) => {
    assert.deepEqual(check(t, "github: { api-url: 'https://api.octocorp.ghe.com' }"), []);
  });
});
