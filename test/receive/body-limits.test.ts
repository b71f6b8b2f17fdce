import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { readContents } from "../../src/store/deliveries.ts";
import { assertRefused, deliveryOf, storedDeliveries } from "../support/contract.ts";
import { delivery, pushOfSize } from "../support/github.ts";
import { fetchRaw, talk } from "../support/http.ts";
import { startReceiver } from "../support/receiver.ts";
import { headOf } from "../support/upload.ts";

const MIB = 1024 ** 2;
const CHUNKED = { headers: { "transfer-encoding": "chunked" } };
const HOW: [how: string, headers: Record<string, string>][] = [
  ["with its length in front", {}],
  ["in chunks", CHUNKED.headers],
];

const receiver = await startReceiver({ after });
const small = await startReceiver({ after }, { source: { maxBodyBytes: 1_000 } });

describe("the largest body", () => {
  for (const [how, headers] of HOW) {
    it(`is taken in at 25 MiB and stored byte for byte, ${how} (stories 8, 9)`, async () => {
      const body = pushOfSize(25 * MIB);
      const answer = await receiver.send({ body, headers });
      assert.equal(answer.status, 202, answer.text);
      const { id, size, ref } = await deliveryOf(receiver, answer);
      assert.deepEqual({ size, ref }, { size: 25 * MIB, ref: "refs/heads/main" });
      assert.ok((await readContents(receiver.db, id))?.body.equals(body));
    });

    it(`is refused at one byte more, and nothing of it stored, ${how} (stories 8, 9)`, async () => {
      const before = (await storedDeliveries(receiver)).length;
      const answer = await receiver.send({ body: pushOfSize(25 * MIB + 1), headers });
      assertRefused(answer, 413, "body_too_large");
      assert.match(answer.text, /25(\.0)? MiB.*max-body/);
      assert.equal((await storedDeliveries(receiver)).length, before);
    });

    it(`is what max-body says, ${how}`, async () => {
      assert.equal((await small.send({ body: pushOfSize(1_000), headers })).status, 202);
      assertRefused(await small.send({ body: pushOfSize(1_001), headers }), 413, "body_too_large");
      assert.deepEqual(
        (await storedDeliveries(small)).filter(({ size }) => size !== 1_000),
        [],
      );
    });
  }

  it("is refused at one byte more also as a form", async () => {
    const form = { form: true, body: `{"a":"${"x".repeat(1_000)}"}` };
    assertRefused(await small.send(form), 413, "body_too_large");
    assertRefused(await small.send({ ...form, ...CHUNKED }), 413, "body_too_large");
  });
});

describe("a body without an end", () => {
  it("is refused while it is still coming, and then cut off (story 8)", async () => {
    let sent = 0;
    async function* forever() {
      yield headOf(delivery(CHUNKED));
      for (;;) {
        yield `10000\r\n${"x".repeat(0x10000)}\r\n`;
        sent += 0x10000;
        await setImmediate();
      }
    }
    const text = await talk(small.url, forever());
    assert.match(text, /^HTTP\/1\.1 413 .*"body_too_large"/s);
    assert.ok(sent < 256 * MIB, `${sent} bytes were taken before the end`);
  });
});

describe("nesting", () => {
  const nested = (depth: number) =>
    `{"unique":${Math.random()},"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;

  it("may be 1,000 deep and not deeper", async () => {
    assert.equal((await receiver.send({ body: nested(999) })).status, 202);
    const answer = await receiver.send({ body: nested(1_000) });
    assertRefused(answer, 400, "body_invalid");
    assert.match(answer.text, /nested/);
    assertRefused(await receiver.send({ body: nested(1_000), form: true }), 400, "body_invalid");
  });

  it("is not counted in texts, nor side by side", async () => {
    const body = JSON.stringify({
      a: '[{"\\'.repeat(5_000),
      b: Array(5_000).fill([{}]),
      unique: Math.random(),
    });
    assert.equal((await receiver.send({ body })).status, 202);
  });

  const deep: [what: string, body: Buffer][] = [
    ["arrays", Buffer.alloc(24e6, "[")],
    ["objects", Buffer.alloc(24e6, '{"a":')],
    ["arrays after spaces", Buffer.concat([Buffer.alloc(12e6, " "), Buffer.alloc(12e6, "[")])],
    ["arrays in a form", Buffer.concat([Buffer.from("payload="), Buffer.alloc(24e6, "[")])],
  ];
  for (const [what, body] of deep) {
    it(`of 24 MB of ${what} is refused without being followed`, async () => {
      const type = what.endsWith("form") ? "application/x-www-form-urlencoded" : "application/json";
      const start = performance.now();
      assertRefused(await receiver.send({ body, headers: { "content-type": type } }), 400, "body_invalid");
      // A parser takes ten seconds for it, and more.
      assert.ok(performance.now() - start < 5_000);
    });
  }
});

describe("small deliveries", () => {
  it("are answered while a body of 25 MiB is examined", async () => {
    // Nothing takes a parser longer than small things.
    const slow = `{"unique":${Math.random()},"a":[${"[],".repeat(MIB)}0],"padding":"`;
    const body = Buffer.from(`${slow.padEnd(25 * MIB - 2, "x")}"}`);
    let isAnswered = false;
    const large = fetchRaw(receiver.url, delivery({ body })).finally(() => {
      isAnswered = true;
    });
    let answeredMeanwhile = 0;
    while (!isAnswered) {
      assert.equal((await receiver.send()).status, 202);
      answeredMeanwhile++;
    }
    assert.equal((await large).status, 202);
    // On one thread they would have to wait: a handful could slip in while the body was on its way.
    assert.ok(answeredMeanwhile > 25, `only ${answeredMeanwhile} were`);
  });
});
