/** A claimed run becomes an outcome: its listener is called, in this process. That one throws is an outcome, not an error. */
import { contentTypeOf, jsonText, parsePayload } from "../match/body.ts";
import type { Hook } from "../match/hook.ts";
import { Masker } from "../run/masker.ts";
import { failed } from "../run/outcome.ts";
import type { Stage } from "../run/perform.ts";
import { withinTime } from "../run/within-limits.ts";
import { findDelivery, readContents } from "../store/deliveries.ts";
import type { ClaimedRun, Outcome } from "../store/run-queue.ts";
import type { Database } from "../store/store.ts";
import type { Call, Callable, ListenerRun } from "./listeners.ts";
import type { ErrorContext } from "./options.ts";

export interface ListenerParts {
  db: Database;
  /** The function of this name. */
  listener(name: string): Callable | undefined;
  /** What no reason and no output may show: the values of the secrets. */
  secrets(): readonly string[];
  /** Is told what a listener throws, also when its run is over already. */
  onError(error: unknown, context: ErrorContext): void;
}

export async function performListener(
  run: ClaimedRun,
  hook: Hook,
  { recorder, signal }: Stage,
  parts: ListenerParts,
): Promise<Outcome> {
  const listener = parts.listener(run.hook);
  if (!listener || hook.work.kind !== "listener") return failed(`no listener is called ${run.hook}`);
  const { timeoutMs } = hook.work;
  const call = await readCall(parts.db, run);
  return withinTime({ timeoutMs, signal }, async (ending) => {
    const told: ListenerRun = { id: run.id, name: run.hook, attempt: run.attempt, signal: ending };
    const called = callOne(listener, { ...call, run: told }, parts.onError);
    const end = await Promise.race([called, whenAborted(ending)]);
    if (!end || end.isGood) return SUCCEEDED;
    const masker = new Masker(parts.secrets());
    recorder.add("stderr", Buffer.from(`${masker.text(traceOf(end.error))}\n`), Date.now());
    return failed(masker.text(messageOf(end.error)));
  });
}

/** Also of one that was ended from outside: `withinTime` knows better. */
const SUCCEEDED: Outcome = { status: "succeeded", exitCode: null, signal: null, reason: null };

async function readCall(db: Database, { id, deliveryId }: ClaimedRun): Promise<Call> {
  const delivery = await findDelivery(db, deliveryId);
  const contents = await readContents(db, deliveryId);
  if (!delivery || !contents) throw new Error(`delivery ${deliveryId} of run ${id} is gone`);
  const { guid, webhookId, event, action, repository, ref, sha, sender, receivedAt } = delivery;
  const told = { guid, webhookId: webhookId ?? 0, event, action, repository, ref, sha, sender };
  return {
    event,
    payload: parsePayload(jsonText(contentTypeOf(contents.headers), contents.body)),
    delivery: { ...told, receivedAt: new Date(receivedAt) },
  };
}

/** Never rejects: a function cannot be ended, so it may throw long after nobody waits for it any more. */
async function callOne(
  listener: Callable,
  call: Call,
  onError: ListenerParts["onError"],
): Promise<{ isGood: true } | { isGood: false; error: unknown }> {
  try {
    await listener(call);
    return { isGood: true };
  } catch (error) {
    onError(error, { delivery: call.delivery, ...(call.run ? { run: call.run } : {}) });
    return { isGood: false, error };
  }
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)) || "it has thrown, and said nothing";
}

function traceOf(error: unknown): string {
  return (error instanceof Error && error.stack) || messageOf(error);
}
