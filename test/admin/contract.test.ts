/** Every route answers what the API's description says. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { keepRefusals } from "../../src/store/refusals.ts";
import { type Ask, type Json, startAdmin } from "../support/admin.ts";
import { pushPayload } from "../support/github.ts";

const admin = await startAdmin(
  { after },
  {
    files: {
      "deploy.yml":
        "on: { push: { branches: [main] } }\nenv: { TOKEN: x }\nconcurrency: site\nrun: echo hello\n",
      "docs/build.yml": "on: pull_request\nrepositories: [acme/*]\nif: github.actor != 'bot'\nrun: make\n",
      "broken.yml": "on: push\nrun: echo\nretries: 3\n",
    },
  },
);
const { json: api } = await admin.ask("/api/openapi.json");
const ajv = new Ajv2020({ strict: false, formats: { "date-time": isTime, binary: true } });
ajv.addSchema(api, "api");

/** Of these bodies and numbers something is known. */
const { delivery, runs } = await admin.deliver({ hooks: ["deploy"] });
const [failed = 0] = runs;
await admin.perform(failed, "deploy", 1);
const { runs: waiting } = await admin.deliver({
  hooks: ["deploy"],
  payload: pushPayload({ ref: "refs/heads/dev" }),
});
await keepRefusals(admin.store.db, [
  {
    ...{ at: Date.now(), source: "github", code: "address_not_allowed", peer: "192.0.2.1" },
    ...{ event: "push", guid: "g", webhookId: "1" },
  },
]);

/** One request of each route that succeeds, in an order in which it can. */
const ASKED: [route: string, path: string, ask?: Ask][] = [
  ["GET /api/session", "/api/session"],
  ["GET /api/overview", "/api/overview?range=1h"],
  ["GET /api/overview", "/api/overview?range=30d"],
  ["GET /api/deliveries", "/api/deliveries?limit=1"],
  ["GET /api/deliveries", "/api/deliveries?repo=acme/site&status=failed&since=1h"],
  ["GET /api/deliveries/{id}", `/api/deliveries/${delivery}`],
  ["GET /api/deliveries/{id}", `/api/deliveries/${delivery}?payload=none`],
  ["GET /api/search", "/api/search?q=main"],
  ["GET /api/search", "/api/search?q=acme/site"],
  ["GET /api/search", "/api/search?q=nothing"],
  ["GET /api/runs", "/api/runs?hook=deploy"],
  ["GET /api/runs/{id}", `/api/runs/${failed}`],
  ["GET /api/runs/{id}", `/api/runs/${waiting[0]}`],
  ["GET /api/runs/{id}/output", `/api/runs/${failed}/output`],
  ["GET /api/hooks", "/api/hooks"],
  ["GET /api/hooks/{name}", "/api/hooks/docs%2Fbuild"],
  ["GET /api/hooks/{name}", "/api/hooks/deploy"],
  ["GET /api/hooks/{name}", "/api/hooks/broken"],
  ["GET /api/sources", "/api/sources"],
  ["GET /api/refusals", "/api/refusals"],
  ["GET /api/nodes", "/api/nodes"],
  ["GET /api/samples", "/api/samples"],
  ["GET /api/tokens", "/api/tokens"],
  ["POST /api/try", "/api/try", { method: "POST", body: { sample: { event: "push" } } }],
  ["POST /api/try", "/api/try", { method: "POST", body: { delivery, text: "on: push\nrun: [" } }],
  ["POST /api/runs/{id}/cancel", `/api/runs/${waiting[0]}/cancel`, { method: "POST", body: {} }],
  ["POST /api/runs/{id}/retry", `/api/runs/${failed}/retry`, { method: "POST", body: {} }],
  ["POST /api/deliveries/{id}/replay", `/api/deliveries/${delivery}/replay`, { method: "POST", body: {} }],
  ["POST /api/hooks/{name}/disable", "/api/hooks/docs%2Fbuild/disable", { method: "POST" }],
  ["POST /api/hooks/{name}/enable", "/api/hooks/docs%2Fbuild/enable", { method: "POST" }],
  ["GET /api/audit", "/api/audit"],
  ["DELETE /api/tokens/{id}", "/api/tokens/1", { method: "DELETE" }],
  ["DELETE /api/session", "/api/session", { method: "DELETE" }],
];

/** Those whose answer is no JSON, or is tested with what it needs. */
const OTHERS = [
  "POST /api/session",
  "GET /api/deliveries/{id}/body",
  "GET /api/runs/{id}/output.txt",
  "GET /api/events",
  "GET /api/runs/{id}/output/stream",
];

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text;
}

function assertFits(json: Json, pointer: string, what: string): void {
  const ref = `api#${pointer}`;
  const validate = ajv.compile({ $ref: ref, unevaluatedProperties: false });
  assert.ok(validate(json), `${what}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(json, null, 1)}`);
}

/** Where the answer's schema stands in the description. */
function pointerOf(route: string): string {
  const [method = "", path = ""] = route.split(" ");
  const escaped = path
    .replaceAll("~", "~0")
    .replaceAll("/", "~1")
    .replaceAll("{", "%7B")
    .replaceAll("}", "%7D");
  return `/paths/${escaped}/${method.toLowerCase()}/responses/200/content/application~1json/schema`;
}

describe("the API's description", () => {
  it("is OpenAPI 3.1, and every route has been asked here", () => {
    assert.equal(api.openapi, "3.1.0");
    const described = Object.entries<object>(api.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const asked = new Set([...ASKED.map(([route]) => route), ...OTHERS]);
    assert.deepEqual(
      described.filter((route) => !asked.has(route)),
      [],
    );
  });

  it("says of every route what it is for, and what errors look like", () => {
    for (const [path, operations] of Object.entries<Json>(api.paths))
      for (const [method, operation] of Object.entries<Json>(operations)) {
        assert.match(operation.summary, /\w+ \w+/, `${method} ${path}`);
        assert.equal(
          operation.responses.default.content["application/json"].schema.$ref,
          "#/components/schemas/Error",
        );
      }
  });
});

describe("an answer", () => {
  for (const [route, path, ask] of ASKED)
    it(`is as described: ${route.split(" ")[0]} ${path}`, async () => {
      const reply = await admin.ask(path, ask);
      assert.equal(reply.status, 200, reply.text);
      assert.equal(reply.headers["cache-control"], "no-store");
      assertFits(reply.json, pointerOf(route), route);
    });

  it("says what is wrong with a request, in the same form everywhere", async () => {
    const wrong: [path: string, status: number, ask?: Ask][] = [
      ["/api/deliveries?limit=0", 400],
      ["/api/deliveries?limit=1001", 400],
      ["/api/deliveries?after=x", 400],
      ["/api/deliveries?since=yesterday", 400],
      ["/api/runs?status=done", 400],
      ["/api/deliveries/0", 400],
      ["/api/deliveries/x", 400],
      ["/api/deliveries/99999", 404],
      ["/api/runs/99999/output", 404],
      ["/api/hooks/nothing", 404],
      ["/api/nothing", 404],
      ["/api/try", 400, { method: "POST", body: {} }],
      ["/api/try", 404, { method: "POST", body: { sample: { event: "nothing" } } }],
      ["/api/try", 413, { method: "POST", body: { text: "x".repeat(3_000_000), delivery } }],
      ["/api/runs/1/retry", 400, { method: "POST", body: { force: "yes" } }],
    ];
    for (const [path, status, ask] of wrong) {
      const reply = await admin.ask(path, ask);
      assert.equal(reply.status, status, `${path}: ${reply.text}`);
      assertFits(reply.json, "/components/schemas/Error", path);
    }
  });
});

describe("a mistake in a request", () => {
  const say = async (path: string, ask?: Ask) => {
    const { status, json } = await admin.ask(path, ask);
    return [status, json.error?.code, json.error?.message];
  };
  const post = (body: string, headers: Record<string, string> = {}) => ({
    method: "POST",
    text: body,
    headers,
  });

  it("is named in plain words", async () => {
    for (const [path, message, ask] of [
      ["/api/search?what=main", "`q` is missing. There is no parameter `what`. There are: q, hook, repo."],
      ["/api/search?q=", "`q` is empty."],
      ["/api/deliveries/abc/replay", "`id` must be a number.", { method: "POST", body: {} }],
      [
        "/api/deliveries?repository=a/b&limit=0",
        "`limit` must be at least 1. There is no parameter `repository`.",
      ],
      ["/api/runs?statsu=failed", 'There is no parameter `statsu`. Did you mean "status"?'],
      ["/api/overview?range=2h", "`range` must be 1h or 24h or 7d or 30d."],
      ["/api/runs/1/retry", "`force` must be true or false.", { method: "POST", body: { force: "yes" } }],
    ] as const) {
      const [status, code, said] = await say(path, ask);
      assert.deepEqual([status, code], [400, "invalid"], path);
      assert.ok(String(said).startsWith(message), `${path}: ${said}`);
    }
  });

  it("is the body's form, and is no failure of the server's", async (t) => {
    const { mock } = t.mock.method(console, "error");
    const types: Record<string, string>[] = [{}, { "content-type": "application/x-www-form-urlencoded" }];
    for (const type of types)
      assert.deepEqual((await say("/api/session", post("{}", type))).slice(0, 2), [
        415,
        "wrong_content_type",
      ]);
    assert.deepEqual(await say("/api/session", post("{bad", { "content-type": "application/json" })), [
      400,
      "invalid",
      "The body is not valid JSON.",
    ]);
    assert.equal(mock.callCount(), 0);
  });
});

describe("bytes that strangers sent", () => {
  it("are given to be saved, never shown as a page", async () => {
    for (const path of [`/api/deliveries/${delivery}/body`, `/api/runs/${failed}/output.txt`]) {
      const { status, headers } = await admin.ask(path);
      assert.equal(status, 200);
      assert.equal(headers["content-type"], "application/octet-stream");
      assert.match(String(headers["content-disposition"]), /^attachment/);
      assert.equal(headers["x-content-type-options"], "nosniff");
    }
  });
});
