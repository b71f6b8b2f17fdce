import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertRefused } from "../support/contract.ts";
import { delivery, pushOfSize, SECRET } from "../support/github.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { headOf, startUpload } from "../support/upload.ts";

const LIMIT = 900_000;

/** Fails unless there is room again for as many bytes as the limit allows, to the byte. */
async function assertAllReleased(receiver: TestReceiver): Promise<void> {
  assertRefused(await receiver.send({ body: pushOfSize(LIMIT + 1) }), 503, "overloaded");
  const answer = await receiver.send({ body: pushOfSize(LIMIT) });
  assert.equal(answer.status, 202, answer.text);
}

/** Begins an upload of two thirds of the limit. */
function beginUpload(receiver: TestReceiver, path = "/github") {
  const sent = delivery({ body: pushOfSize((2 / 3) * LIMIT), path });
  const upload = startUpload(receiver.url, headOf(sent));
  upload.write(sent.body.subarray(0, -1));
  return { ...upload, finish: () => upload.write(sent.body.subarray(-1)) };
}

describe("too many bytes in flight", () => {
  for (const [what, path] of [
    ["of one source", "/github"],
    ["of several sources", "/forge"],
  ]) {
    it(`are refused with 503 and when to come again, while others go on: ${what}`, async (t) => {
      const receiver = await startReceiver(t, { maxInflightBytes: LIMIT, sources: [{ name: "forge" }] });
      const uploads = [beginUpload(receiver), beginUpload(receiver, path)];
      const refused = await until("one is answered", () => uploads.find(({ received }) => received() !== ""));
      assert.match(refused.received(), /^HTTP\/1\.1 503 .*\r\nRetry-After: [1-9]\d*\r\n.*"overloaded"/s);
      refused.abort();
      assert.equal((await receiver.send()).status, 202);

      const other = uploads.find((upload) => upload !== refused);
      other?.finish();
      assert.match((await other?.answer) ?? "", /^HTTP\/1\.1 202 /);
      await assertAllReleased(receiver);
    });
  }
});

describe("the bytes of a request", () => {
  for (const how of ["end", "abort"] as const) {
    it(`are released when its sender hangs up: ${how}`, async (t) => {
      const receiver = await startReceiver(t, { maxInflightBytes: LIMIT });
      for (let i = 0; i < 3; i++) {
        const upload = beginUpload(receiver);
        upload[how]();
        await upload.answer;
      }
      await until("there is room again", async () => {
        const { status } = await receiver.send({ body: pushOfSize(LIMIT) });
        return status === 202;
      });
      await assertAllReleased(receiver);
      assert.deepEqual(
        receiver.log.filter(({ level }) => level === "error"),
        [],
      );
    });
  }

  it("are released when they do not come in time", async (t) => {
    const receiver = await startReceiver(t, { maxInflightBytes: LIMIT, requestTimeoutMs: 500 });
    const sent = delivery({ body: pushOfSize(LIMIT) });
    const upload = startUpload(receiver.url, headOf(sent));
    upload.write(sent.body.subarray(0, LIMIT - 1));
    const answer = await until("it is answered", () => upload.received() !== "" && upload.received());
    assert.match(answer, /^HTTP\/1\.1 408 /);
    upload.abort();
    await assertAllReleased(receiver);
  });

  const refused: [
    why: string,
    status: number,
    send: (receiver: TestReceiver) => ReturnType<TestReceiver["send"]>,
  ][] = [
    ["its signature is wrong", 403, ({ send }) => send({ body: pushOfSize(LIMIT), secret: `${SECRET}.` })],
    ["it is no JSON", 400, ({ send }) => send({ body: pushOfSize(LIMIT).fill("[") })],
    ["it is small and no JSON", 400, ({ send }) => send({ body: "[" })],
    [
      "it is over the limit",
      413,
      ({ send }) => send({ body: pushOfSize(LIMIT + 1), headers: { "transfer-encoding": "chunked" } }),
    ],
    ["there is no room for it", 503, ({ send }) => send({ body: pushOfSize(LIMIT + 1) })],
    ["it is accepted", 202, ({ send }) => send({ body: pushOfSize(LIMIT) })],
    ["it is small and accepted", 202, ({ send }) => send()],
  ];
  for (const [why, status, send] of refused) {
    it(`are released when ${why}`, async (t) => {
      const isOverLimit = status === 413;
      const receiver = await startReceiver(t, {
        maxInflightBytes: LIMIT,
        source: { maxBodyBytes: isOverLimit ? LIMIT : 2 * LIMIT },
      });
      for (let i = 0; i < 3; i++) assert.equal((await send(receiver)).status, status);
      if (!isOverLimit) return assertAllReleased(receiver);
      assert.equal((await receiver.send({ body: pushOfSize(LIMIT) })).status, 202);
    });
  }

  it("are released when they cannot be stored", async (t) => {
    const receiver = await startReceiver(t, {
      maxInflightBytes: LIMIT,
      writer: { minFreeDiskBytes: Number.MAX_SAFE_INTEGER },
    });
    for (let i = 0; i < 3; i++) {
      assertRefused(await receiver.send({ body: pushOfSize(LIMIT) }), 503, "store_unavailable");
    }
  });
});
