import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { hookSecrets } from "../../src/config/hook-secrets.ts";
import { FolderRemover } from "../../src/run/folder-remover.ts";
import { AttemptHighlights } from "../../src/run/highlights.ts";
import { perform } from "../../src/run/perform.ts";
import { Recorder } from "../../src/run/recorder.ts";
import { claimRuns } from "../../src/store/run-queue.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { startWorker } from "../support/worker.ts";

describe("performing a run that is to end before it has begun", () => {
  it("starts no script, and says why", async (t) => {
    const { hook, hooks, start, store, spawner, handlers } = await startWorker(t, { isIdle: true });
    const marker = join(temporaryFolder(t), "started");
    await start(hook(`touch ${marker}`));
    const claim = {
      worker: "w",
      hooks: hooks.map(({ name }) => name),
      limit: 1,
      now: Date.now(),
      leaseMs: 1,
    };
    const [run] = await claimRuns(store.db, claim);

    const folders = new FolderRemover();
    t.after(() => folders.close());
    const outcome = await perform(run ?? assert.fail(), hooks[0] ?? assert.fail(), {
      db: store.db,
      spawner,
      handlers,
      folders,
      highlights: new AttemptHighlights(),
      recorder: new Recorder(run ?? assert.fail()),
      secrets: hookSecrets({ get: () => undefined }, []),
      githubApiUrl: "https://api.github.com",
      inheritEnv: [],
      forwarding: { allowPrivate: true, sourceSecrets: () => [] },
      signal: AbortSignal.abort("the server stops"),
    });

    assert.deepEqual(outcome, { status: "failed", exitCode: null, signal: null, reason: "the server stops" });
    assert.equal(existsSync(marker), false);
  });
});
