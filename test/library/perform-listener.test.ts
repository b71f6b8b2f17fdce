import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { Call, Callable } from "../../src/library/listeners.ts";
import { performListener } from "../../src/library/perform-listener.ts";
import type { Hook } from "../../src/match/hook.ts";
import { AttemptHighlights } from "../../src/run/highlights.ts";
import { Cancellation } from "../../src/run/outcome.ts";
import { Recorder } from "../../src/run/recorder.ts";
import type { Outcome } from "../../src/store/run-queue.ts";
import { openStore } from "../../src/store/store.ts";
import { pushPayload } from "../support/github.ts";
import { storeDelivery } from "../support/store-delivery.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

interface Performed {
  outcome: Promise<Outcome>;
  errors: unknown[];
  stop: AbortController;
}

async function perform(
  t: TestContext,
  listener: Callable | undefined,
  timeoutMs = 60_000,
): Promise<Performed> {
  const store = await openStore(join(temporaryFolder(t), "app.db"));
  t.after(() => store.close());
  const { delivery, runs } = await storeDelivery(store, {
    hooks: ["deploy"],
    payload: pushPayload({ unique: "same" }),
    form: true,
    webhookId: 0,
  });
  const hook: Hook = {
    name: "deploy",
    file: "createReceiver",
    on: [{ event: "push" }],
    work: { kind: "listener", timeoutMs },
  };
  const run = {
    id: runs[0] ?? 0,
    deliveryId: delivery,
    hook: "deploy",
    attempt: 1,
    pushedAt: null,
    newerRun: null,
  };
  const errors: unknown[] = [];
  const stop = new AbortController();
  const stage = { recorder: new Recorder(run), highlights: new AttemptHighlights(), signal: stop.signal };
  const claimed = { ...run, failures: 0, interruptions: 0, ending: null, about: null };
  const outcome = performListener(claimed, hook, stage, {
    db: store.db,
    listener: () => listener,
    secrets: () => ["a secret of somebody's"],
    onError: (error) => errors.push(error),
  });
  return { outcome, errors, stop };
}

function shown({ status, reason }: Outcome): unknown[] {
  return [status, reason];
}

describe("performing a listener's run", () => {
  it("calls it with the payload of a form as well, and waits for it", async (t) => {
    const calls: Call[] = [];
    const { outcome } = await perform(t, async (call) => {
      await Promise.resolve();
      calls.push(call);
    });
    assert.deepEqual(shown(await outcome), ["succeeded", null]);
    assert.deepEqual([calls[0]?.payload.unique, calls[0]?.delivery.webhookId], ["same", 0]);
  });

  it("fails with what it throws, without the secrets in it, whatever that is", async (t) => {
    for (const [thrown, reason] of [
      [new Error("got a secret of somebody's"), "got ***"],
      [new Error(), "it has thrown, and said nothing"],
      [undefined, "undefined"],
    ]) {
      const { outcome, errors } = await perform(t, () => {
        throw thrown;
      });
      assert.deepEqual(shown(await outcome), ["failed", reason]);
      assert.deepEqual(errors, [thrown]);
    }
  });

  it("fails after its time, tells the function so, and hears of what that throws later", async (t) => {
    let signal: AbortSignal | undefined;
    const late = Promise.withResolvers<void>();
    const { outcome, errors } = await perform(
      t,
      ({ run }) => {
        signal = run?.signal;
        return late.promise;
      },
      20,
    );
    assert.deepEqual(shown(await outcome), ["failed", "timed out after 20 ms"]);
    assert.equal(signal?.aborted, true);
    late.reject(new Error("late"));
    await until("it is told", () => errors.length === 1);
  });

  it("is cancelled when somebody wants that, though the function goes on", async (t) => {
    const { outcome, stop } = await perform(t, () => new Promise(() => {}));
    stop.abort(new Cancellation("nobody needs it"));
    assert.deepEqual(shown(await outcome), ["cancelled", "nobody needs it"]);
  });

  it("fails when there is none of that name", async (t) => {
    const { outcome } = await perform(t, undefined);
    assert.deepEqual(shown(await outcome), ["failed", "no listener is called deploy"]);
  });
});
