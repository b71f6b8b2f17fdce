import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import snapshot from "../../src/github/addresses.json" with { type: "json" };
import { ETAG, meta, NEW_RANGES, startMeta } from "../support/meta.ts";

describe("the snapshot", () => {
  it("has all of GitHub's ranges of its day, and counts when there is nothing else (story 18)", async (t) => {
    const { list } = await startMeta(t);
    const addresses = list();
    await addresses.load();
    assert.deepEqual([...addresses.ranges].sort(), [
      "140.82.112.0/20",
      "143.55.64.0/20",
      "185.199.108.0/22",
      "192.30.252.0/22",
      "2606:50c0::/32",
      "2a0a:a440::/29",
      "9.234.106.48/28",
      "9.234.98.160/28",
      "9.234.98.176/28",
    ]);
    assert.equal(addresses.checkedAt, `${snapshot.date}T00:00:00Z`);
    assert.deepEqual(
      ["140.82.115.1", "9.234.98.191", "2a0a:a447::1", "140.82.128.1", "9.234.98.192", "10.0.0.1"].map(
        (address) => addresses.has(address),
      ),
      [true, true, true, false, false, false],
    );
  });
});

describe("asking GitHub", () => {
  it("takes the ranges, once, and says that they have changed", async (t) => {
    const { list, requests, log, apiUrl, file } = await startMeta(t);
    const addresses = list();
    const before = Date.now();
    await addresses.refresh();
    assert.deepEqual(addresses.ranges, NEW_RANGES);
    assert.deepEqual([addresses.has("203.0.113.9"), addresses.has("140.82.115.1")], [true, false]);
    assert.ok(Date.parse(addresses.checkedAt) >= before);
    assert.deepEqual(
      requests.map(({ method, url }) => `${method} ${url}`),
      ["GET /meta"],
    );
    assert.equal(requests[0]?.headers["user-agent"], "longshore");
    assert.equal(requests[0]?.headers["x-github-api-version"], "2022-11-28");
    assert.equal(requests[0]?.headers.authorization, undefined);
    assert.match(log.join(), /^info: GitHub's addresses have changed/);
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), {
      apiUrl,
      etag: ETAG,
      checkedAt: addresses.checkedAt,
      hooks: NEW_RANGES,
    });
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("says the second time what it knows already, and keeps the list on 304", async (t) => {
    const { list, requests, log, file } = await startMeta(t);
    const addresses = list();
    await addresses.refresh();
    await addresses.refresh();
    assert.deepEqual(
      requests.map(({ headers }) => headers["if-none-match"]),
      [undefined, ETAG],
    );
    assert.deepEqual(addresses.ranges, NEW_RANGES);
    assert.equal(log.length, 1, "nothing has changed");
    assert.equal(JSON.parse(readFileSync(file, "utf8")).checkedAt, addresses.checkedAt);
  });

  it("takes a list that has changed", async (t) => {
    const { list, answer, log } = await startMeta(t);
    const addresses = list();
    await addresses.refresh();
    answer(meta({ hooks: [...NEW_RANGES, "198.51.100.7"] }, 'W/"2"'));
    await addresses.refresh();
    assert.equal(addresses.has("198.51.100.7"), true);
    assert.equal(log.length, 2);
  });

  it("takes an address without a prefix length for one address, in IPv6 too (story 17)", async (t) => {
    const { list, answer } = await startMeta(t);
    answer(meta({ hooks: ["2001:db8::1", "198.51.100.7"] }));
    const addresses = list();
    await addresses.refresh();
    const asked = ["2001:db8::1", "2001:db8::2", "2001:db8:1::1", "198.51.100.7", "198.51.100.8"];
    assert.deepEqual(
      asked.filter((address) => addresses.has(address)),
      ["2001:db8::1", "198.51.100.7"],
    );
  });

  it("does not happen for a delivery, only at the start and then every hour (story 18)", async (t) => {
    const { list, answer, requests } = await startMeta(t);
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const addresses = list();
    await addresses.load();
    await addresses.keepFresh();
    for (let i = 0; i < 1_000; i++) addresses.has(`203.0.113.${i % 256}`);
    assert.equal(requests.length, 1);
    t.mock.timers.tick(3_600_000 - 1);
    assert.equal(requests.length, 1);
    const asked = Promise.withResolvers<void>();
    answer(() => asked.resolve());
    t.mock.timers.tick(1);
    await asked.promise;
    assert.equal(requests.length, 2);
  });

  it("ends when the list is stopped", async (t) => {
    const { list, answer, log, requests } = await startMeta(t);
    const arrived = Promise.withResolvers<void>();
    answer(() => arrived.resolve()); // and never an answer
    const addresses = list();
    const asking = addresses.keepFresh();
    await arrived.promise;
    addresses.stop();
    await asking;
    assert.deepEqual([log, requests.length], [[], 1]);
  });
});

describe("the last good copy", () => {
  it("is used after a restart without a network (story 18)", async (t) => {
    const { list, answer, requests } = await startMeta(t);
    await list().refresh();
    answer((request) => request.socket.destroy());
    const restarted = list();
    await restarted.load();
    assert.deepEqual(restarted.ranges, NEW_RANGES);
    assert.equal(requests.length, 1, "loading asks nobody");
    await restarted.refresh();
    assert.deepEqual(restarted.ranges, NEW_RANGES);
  });

  it("spares the next start a whole answer", async (t) => {
    const { list, requests } = await startMeta(t);
    await list().refresh();
    const restarted = list();
    await restarted.load();
    await restarted.refresh();
    assert.equal(requests[1]?.headers["if-none-match"], ETAG);
    assert.deepEqual(restarted.ranges, NEW_RANGES);
  });

  it("does not count for another API, nor does its ETag", async (t) => {
    const { list, apiUrl, requests } = await startMeta(t);
    await list().refresh();
    const elsewhere = list({ apiUrl: apiUrl.replace("127.0.0.1", "localhost") });
    await elsewhere.load();
    assert.deepEqual(elsewhere.ranges, snapshot.hooks);
    await elsewhere.refresh();
    assert.equal(requests[1]?.headers["if-none-match"], undefined);
  });

  const spoiled: [what: string, text: string][] = [
    ["half written", '{"apiUrl":"API","hooks":["203.0.113.0/24"'],
    ["empty", ""],
    ["without ranges", '{"apiUrl":"API","checkedAt":"2026-11-01T00:00:00Z","hooks":[]}'],
    [
      "with a bad range",
      '{"apiUrl":"API","checkedAt":"2026-11-01T00:00:00Z","hooks":["203.0.113.0/24","x"]}',
    ],
    ["null", "null"],
  ];
  for (const [what, text] of spoiled) {
    it(`is not used when it is ${what}; the log says so (story 18)`, async (t) => {
      const { list, apiUrl, file, log } = await startMeta(t);
      writeFileSync(file, text.replace("API", apiUrl));
      const addresses = list();
      await addresses.load();
      assert.deepEqual(addresses.ranges, snapshot.hooks);
      assert.match(
        log.join(),
        /github-addresses\.json is of no use; the list of \d{4}-\d\d-\d\dT00:00:00Z is used/,
      );
    });
  }

  it("that cannot be written does not keep the new list from counting", async (t) => {
    const { list, file, log } = await startMeta(t);
    mkdirSync(`${file}.new`);
    const addresses = list();
    await addresses.refresh();
    assert.deepEqual(addresses.ranges, NEW_RANGES);
    assert.match(log.at(-1) ?? "", /^warn: .*EISDIR/);
  });
});
