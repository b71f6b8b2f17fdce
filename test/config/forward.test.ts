import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkHandlerDefinition } from "../../src/config/handler-definition.ts";
import { checkHookFile } from "../../src/config/hook-file.ts";
import type { Forward, Hook } from "../../src/match/hook.ts";
import { canBeMarked, isMarked } from "../support/editors.ts";
import { CONTEXT } from "../support/hooks.ts";

function read(text: string): Hook & { work: Forward } {
  const context = { ...CONTEXT, vars: { TEAM: "blue", OTHER: "x" } };
  const { value, problems } = checkHookFile("relay", "/srv/hooks/relay.yml", `on: push\n${text}`, context);
  assert.deepEqual(
    problems.filter(({ severity }) => severity === "error"),
    [],
  );
  assert.ok(!isMarked("hook", `on: push\n${text}`), "an editor takes it, too");
  assert.ok(value?.work.kind === "forward");
  return { ...value, work: value.work };
}

const IN_MAP = (more: string) => read(`forward: { url: "https://ci.example.com/hooks", ${more} }`).work;

describe("`forward` in a hook file", () => {
  it("needs no more than a URL", () => {
    assert.deepEqual(read("forward: https://ci.example.com/hooks").work, {
      kind: "forward",
      url: "https://ci.example.com/hooks",
      headers: {},
      sign: "github",
      answerTimeoutMs: 30_000,
      timeoutMs: 3_600_000,
      shell: undefined,
      workingDirectory: undefined,
      env: {},
      inheritEnv: [],
    });
  });

  it("can have headers, a secret, and a way to sign", () => {
    const { work, vars } = read(`forward:
  url: http://[::1]:9000/in?key=1
  headers: { X-Team: "\${{ vars.team }}", X-Priority: 5, Authorization: "Bearer \${{ secrets.TOKEN }}" }
  secret: \${{ secrets.CI_SECRET }}
  sign: standard-webhooks
`);
    assert.equal(work.url, "http://[::1]:9000/in?key=1");
    assert.deepEqual(work.headers, {
      "X-Team": "${{ vars.team }}",
      "X-Priority": "5",
      Authorization: "Bearer ${{ secrets.TOKEN }}",
    });
    assert.deepEqual([work.secret, work.sign], ["${{ secrets.CI_SECRET }}", "standard-webhooks"]);
    assert.deepEqual(vars, { TEAM: "blue" });
  });

  it("signs as GitHub does unless it says otherwise, also with the source's own secret", () => {
    const { secret, sign } = IN_MAP("secret: source");
    assert.deepEqual([secret, sign], ["source", "github"]);
  });

  it("waits for an answer as long as `timeout-minutes` says", () => {
    const { answerTimeoutMs, timeoutMs } = read("timeout-minutes: 5\nforward: https://x.example").work;
    assert.deepEqual([answerTimeoutMs, timeoutMs], [300_000, 300_000]);
  });

  it("is tried as often as `retry` says; what that does not say is as usual for it", () => {
    const retryOf = (text: string) => read(`forward: https://x.example\n${text}`).retry;
    const usual = { maxAttempts: 8, backoffMs: 600_000, maxBackoffMs: 43_200_000 };
    assert.equal(retryOf(""), undefined);
    assert.deepEqual(retryOf("retry: {}"), usual);
    assert.deepEqual(retryOf("retry: { max-attempts: 2 }"), { ...usual, maxAttempts: 2 });
  });

  it("goes with what its `on-failure` needs", () => {
    const { work } = read(
      "forward: https://x.example\non-failure: ./page\nshell: sh\nworking-directory: tools\nenv: { WHO: me }\ninherit-env: SSH_AUTH_SOCK",
    );
    assert.deepEqual(
      [work.shell, work.workingDirectory, work.env, work.inheritEnv],
      ["sh", "/srv/hooks/tools", { WHO: "me" }, ["SSH_AUTH_SOCK"]],
    );
  });
});

const NO_URL = 'expected a URL such as "https://ci.example.com/hooks"';
const NO_USER =
  "a name and a password cannot stand in the URL, which is shown in outputs: put them into `headers`, as `Authorization: Basic ${{ secrets.NAME }}`";
const NO_FRAGMENT = "what stands behind `#` is not sent to any server; leave it out";
const IN_URL =
  "`${{ }}` is not read in the URL of `forward`: write the whole URL, in a hook for each if there are several, and put what is secret into `forward.headers`";
const NAME_A_SECRET =
  "name a secret, `${{ secrets.NAME }}`, and put it into the variable NAME or the file that NAME_FILE names; or write `source`, for the secret of the delivery's source";
const NOT_OF_FORWARD = (key: string, remedy = "") =>
  `\`${key}\` is for a script, and \`forward\` starts none${remedy}`;
const CONNECTION = (name: string) =>
  `${name} cannot be set: it belongs to the connection that the delivery is sent over`;
const URL_AND = "forward:\n  url: https://x.example\n";

/** What stands from the second line on, and what is answered: `line:column: message`. */
const TABLE: [text: string, ...mistakes: string[]][] = [
  [
    "run: x\nforward: https://x.example",
    "3:1: `run` and `forward` are two kinds of work: put one of them into a hook of its own",
  ],
  ["forward: ci.example.com", `2:10: ${NO_URL}`],
  ["forward: ftp://x.example", `2:10: ${NO_URL}`],
  ["forward: 'http://'", `2:10: ${NO_URL}`],
  ["forward: 'https://x.example/a b'", `2:10: ${NO_URL}`],
  ["forward: http://me:secret@x.example", `2:10: ${NO_USER}`],
  ["forward: { url: 'https://me@x.example' }", `2:17: ${NO_USER}`],
  ["forward: https://x.example/a#b", `2:10: ${NO_FRAGMENT}`],
  ["forward: https://x.example/${{ github.ref_name }}", `2:28: ${IN_URL}`],
  ["forward: { url: 'https://${{ vars.HOST }}/in' }", `2:26: ${IN_URL}`],
  ["forward: 5", "2:10: expected a text or a map"],
  ["forward: {}", "2:10: `url` is missing"],
  [
    "forward: { uri: 'https://x.example' }",
    "2:10: `url` is missing",
    '2:12: unknown key `uri`. Did you mean "url"?',
  ],

  ["shell: sh\nforward: https://x.example", `2:1: ${NOT_OF_FORWARD("shell")}`],
  ["user: www-data\nforward: https://x.example", `2:1: ${NOT_OF_FORWARD("user")}`],
  ["working-directory: /srv\nforward: https://x.example", `2:1: ${NOT_OF_FORWARD("working-directory")}`],
  [
    "env: { A: 1 }\ninherit-env: HOME\nforward: https://x.example",
    `2:1: ${NOT_OF_FORWARD("env", ". What is to be sent besides goes into `forward.headers`")}`,
    `3:1: ${NOT_OF_FORWARD("inherit-env")}`,
  ],
  [
    "retry: { on: 5 }\nforward: https://x.example",
    "2:10: `on` names exit codes, and `forward` has none: what is worth another attempt is settled",
  ],

  [`${URL_AND}  headers: { Host: x }`, `4:14: ${CONNECTION("Host")}`],
  [`${URL_AND}  headers: { CONTENT-length: 1 }`, `4:14: ${CONNECTION("CONTENT-length")}`],
  [`${URL_AND}  headers: { transfer-encoding: chunked }`, `4:14: ${CONNECTION("transfer-encoding")}`],
  [`${URL_AND}  headers: { Proxy-Authorization: x }`, `4:14: ${CONNECTION("Proxy-Authorization")}`],
  [`${URL_AND}  headers: { 'a b': 1 }`, '4:14: "a b" is no name for a header'],
  [`${URL_AND}  headers: { A: [1] }`, "4:17: expected a text or a number or true or false"],
  [`${URL_AND}  headers: x`, "4:12: expected a map"],
  [`${URL_AND}  secret: hunter2`, `4:11: ${NAME_A_SECRET}`],
  [`${URL_AND}  secret: Source`, `4:11: ${NAME_A_SECRET}`],
  [`${URL_AND}  secret: "\${{ github.sha }}"`, `4:11: ${NAME_A_SECRET}`],
  [`${URL_AND}  sign: github`, "4:9: `sign` says nothing without `secret`: then nothing is signed"],
  [`${URL_AND}  secret: source\n  sign: gitlab`, "5:9: expected one of github, standard-webhooks"],
  [
    `${URL_AND}  secret: source\n  headers: { X-Hub-Signature-256: a }`,
    "5:35: X-Hub-Signature-256 is set by signing; leave it out, or `secret`",
  ],
  [
    `${URL_AND}  secret: source\n  sign: standard-webhooks\n  headers: { Webhook-Id: a }`,
    "6:26: Webhook-Id is set by signing; leave it out, or `secret`",
  ],
];

/** Expressions have a grammar, of which no editor knows. */
const EXPRESSIONS: typeof TABLE = [
  [
    `${URL_AND}  headers: { A: "\${{ github.refname }}" }`,
    '4:29: there is no `github.refname`. Did you mean "ref_name"?',
  ],
  [
    `${URL_AND}  headers: { A: "\${{ env.B }}" }`,
    "4:22: `env` is not read in `forward.headers`; there are `github`, `vars`, `secrets`",
  ],
  [
    `${URL_AND}  headers: { A: "\${{ secrets.GITHUB_WEBHOOK_SECRET }}" }`,
    "4:30: hooks cannot read the secret GITHUB_WEBHOOK_SECRET: it is the secret of a source: whoever has it can forge deliveries",
  ],
  [
    `${URL_AND}  secret: "\${{ vars.KEY }}"`,
    `4:21: there is no \`vars.KEY\`: the settings' \`vars\` do not name it.`,
  ],
];

describe("a mistake in `forward`", () => {
  for (const [text, ...mistakes] of [...TABLE, ...EXPRESSIONS]) {
    it(`is found in ${JSON.stringify(text)}`, () => {
      const whole = `on: push\n${text}`;
      const { value, problems } = checkHookFile("relay", "relay.yml", whole, CONTEXT);
      assert.deepEqual(
        problems.map(({ line, column, message }) => `${line}:${column}: ${message}`),
        mistakes,
      );
      assert.equal(value, undefined);
      if (TABLE.some(([other]) => other === text))
        assert.equal(isMarked("hook", whole), canBeMarked(mistakes), "in an editor");
    });
  }

  it("is that a handler says it", () => {
    const data = { on: "push", forward: "https://x.example" };
    const code = { version: "v", modules: [] };
    const { problems } = checkHandlerDefinition("h", "h.ts", { data, functions: ["run"] }, code, CONTEXT);
    assert.deepEqual(
      problems.map(({ message }) => message),
      ["`forward` stands in a hook file in YAML; a handler sends what it likes with `fetch`"],
    );
  });
});

describe("a secret that `forward` names and nobody has set", () => {
  it("is a warning", () => {
    const text = 'on: push\nforward: { url: "https://x.example", secret: "${{ secrets.NOPE }}" }';
    const { problems } = checkHookFile("relay", "relay.yml", text, CONTEXT);
    assert.deepEqual(
      problems.map(({ severity, message }) => `${severity}: ${message}`),
      ["warning: runs will fail: the secret NOPE is not set: set the variable NOPE or NOPE_FILE"],
    );
  });
});
