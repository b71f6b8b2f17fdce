import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { InflightBytes, RequestAborted, readBody } from "../../src/receive/body.ts";
import { Rejection } from "../../src/receive/rejection.ts";
import { requestFrom } from "../support/socket.ts";

const MIB = 1024 ** 2;

/** Reads a body with limits that nothing here reaches, unless a test says otherwise. */
function read(
  request: IncomingMessage,
  changes: { maxBytes?: number; timeoutMs?: number; room?: number } = {},
) {
  const { maxBytes = 64 * MIB, timeoutMs = 60_000, room = 64 * MIB } = changes;
  const inflight = new InflightBytes(room);
  const seen: Buffer[] = [];
  const body = readBody(request, { maxBytes, timeoutMs, inflight }, (bytes) => void seen.push(bytes));
  return { body, inflight, seen };
}

function isRejection(code: string) {
  return (error: unknown) => error instanceof Rejection && error.code === code;
}

/** The memory that is really in use. */
async function usedMemory(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  await setImmediate();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe("reading a body", () => {
  for (const sizes of [
    [],
    [1],
    [1, 1, 1],
    [70_000],
    [1, 70_000, 1],
    [16_384, 16_384, 16_384],
    [5, 4, 3, 2, 1],
    [1, 2, 3, 4, 5],
  ]) {
    it(`gives its bytes in their order: pieces of [${sizes}]`, async () => {
      const request = requestFrom("127.0.0.1");
      const { body, inflight, seen } = read(request);
      const pieces = sizes.map((size, index) => Buffer.alloc(size, index + 1));
      for (const piece of pieces) request.push(piece);
      request.push(null);
      const all = Buffer.concat(pieces);
      assert.deepEqual(await body, all);
      assert.deepEqual(Buffer.concat(seen), all);
      assert.equal(inflight.used, all.length);
    });
  }

  it("takes hardly more memory than the body has bytes, however small its pieces are (story 8)", async () => {
    const request = requestFrom("127.0.0.1");
    const before = await usedMemory();
    const { maxBytes, timeoutMs } = { maxBytes: 64 * MIB, timeoutMs: 60_000 };
    const inflight = new InflightBytes(maxBytes);
    const body = readBody(request, { maxBytes, timeoutMs, inflight }, () => {});
    for (let i = 0; i < 300; i++) {
      for (let n = 0; n < 1_000; n++) request.push(Buffer.from(new Uint8Array([n])));
      await setImmediate();
    }
    const after = await usedMemory();
    assert.equal(inflight.used, 300_000);
    assert.ok(after - before < 10 * MIB, `${(after - before) / MIB} MiB are in use`);
    request.push(null);
    assert.equal((await body).length, 300_000);
  });

  it("ends at the first byte over the limit, and gives all of them back", async () => {
    const request = requestFrom("127.0.0.1");
    const { body, inflight } = read(request, { maxBytes: 10 });
    request.push(Buffer.alloc(10));
    request.push(Buffer.alloc(1));
    await assert.rejects(body, isRejection("body_too_large"));
    assert.equal(inflight.used, 0);
  });

  it("ends where there is no room for it, and gives all of them back", async () => {
    const request = requestFrom("127.0.0.1");
    const { body, inflight } = read(request, { room: 10 });
    request.push(Buffer.alloc(10));
    request.push(Buffer.alloc(1));
    await assert.rejects(body, isRejection("overloaded"));
    assert.equal(inflight.used, 0);
  });

  it("ends when it takes too long, and gives all of them back", async () => {
    const request = requestFrom("127.0.0.1");
    const { body, inflight } = read(request, { timeoutMs: 20 });
    request.push(Buffer.alloc(10));
    await assert.rejects(body, isRejection("body_timeout"));
    assert.equal(inflight.used, 0);
  });

  it("ends when the sender has gone, and gives all of them back", async () => {
    const request = requestFrom("127.0.0.1");
    const { body, inflight } = read(request);
    request.push(Buffer.alloc(10));
    await setImmediate();
    assert.equal(inflight.used, 10);
    request.destroy(new Error("reset"));
    await assert.rejects(body, RequestAborted);
    assert.equal(inflight.used, 0);
  });
});
