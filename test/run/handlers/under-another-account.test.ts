import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { handlerHooks } from "../../../src/run/handlers/hooks.ts";
import { assertRefused, canBecomeOthers, everybodyReads, OTHER } from "../../support/accounts.ts";
import { handlersOf, handlerText } from "../../support/handlers.ts";
import { CONTEXT } from "../../support/hooks.ts";
import { startWorker, type TestWorker } from "../../support/worker.ts";

const PROCESS = new URL("../../../src/run/handlers/process.ts", import.meta.url).href;
/** Where Longshore lies below somebody's own folder, no other account can run a handler, and has to be told why. */
const isWithinReach = everybodyReads(PROCESS);

const work = await startWorker({ after });
const handlers = handlersOf({ after }, work);
let next = 1;

const WHO = `import { readFileSync } from "node:fs";
const at = [process.getuid(), process.pid];
`;
const TELL = `const rights = /^CapEff:\\s+(\\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
log.info(JSON.stringify({ at, uid: process.getuid(), groups: process.getgroups().length, rights, home: env.HOME, user: process.env.USER }));`;

const KEPT_UNTIL_TOLD = `const kept = setInterval(() => {}, 60_000);
await new Promise((end) => signal.addEventListener("abort", end));
clearInterval(kept);`;

/** A handler whose file says `user`. */
function loadFor(user: string, body = TELL): Promise<string> {
  return handlers.load(`own-${next++}.ts`, WHO + handlerText(body, `user: "${user}",`));
}

async function perform(name: string, on: TestWorker = work) {
  return on.ended(await on.start(name));
}

describe("a handler whose file says `user`", () => {
  it("runs under that account, with its HOME and without capabilities, though it cannot read its own file", async () => {
    const run = await perform(await loadFor(OTHER.name));
    if (!canBecomeOthers) return assertRefused(run);
    if (!isWithinReach) return assert.match(run.reason ?? "", /it may not read .*process\.ts$/);
    assert.equal(run.status, "succeeded", run.reason ?? "");
    const { at, uid, rights, home, user } = JSON.parse(run.stdout);
    assert.deepEqual([at[0], uid, rights], [OTHER.uid, OTHER.uid, "0000000000000000"]);
    assert.deepEqual([home, user], [OTHER.home, OTHER.name]);
  });

  it("is kept warm for that account, and never used for another", async () => {
    const name = await loadFor(OTHER.name);
    const index = work.hooks.findIndex((hook) => hook.name === name);
    const [first, second] = [await perform(name), await perform(name)];
    const { user: _, ...unsaid } = work.hooks[index] ?? assert.fail();
    work.hooks[index] = unsaid;
    const own = JSON.parse((await perform(name)).stdout);
    assert.equal(own.uid, process.geteuid?.());
    if (!canBecomeOthers || !isWithinReach) return;
    const pids = [first, second].map(({ stdout }) => JSON.parse(stdout).at[1]);
    assert.equal(pids[0], pids[1]);
    assert.notEqual(own.at[1], pids[0]);
  });

  it("may name an account by its number, and fails where there is none of it", async () => {
    const name = await handlers.load("number.ts", handlerText("", "user: 123456789,"));
    const run = await perform(name);
    assert.match(
      run.reason ?? "",
      /^`user: 123456789` in .*number\.ts: there is no account with this number/,
    );
  });

  it("is told when its time is over", async () => {
    const name = await loadFor(OTHER.name, KEPT_UNTIL_TOLD);
    const hook = work.hooks.find((one) => one.name === name) ?? assert.fail();
    Object.assign(hook.work, { timeoutMs: 2_000 });
    const run = await perform(name);
    if (!canBecomeOthers) return assertRefused(run);
    if (isWithinReach) assert.equal(run.reason, "timed out after 2.0 s");
  });
});

describe("a handler file under `runs.user`", () => {
  const readAs = async (t: { after(action: () => unknown): void }, runsUser: string, mode: number) => {
    const all = await startWorker(t, { runsUser });
    const own = handlersOf(t, all);
    own.write("own.ts", WHO + handlerText(TELL));
    chmodSync(own.folder, 0o755);
    chmodSync(join(own.folder, "own.ts"), mode);
    const read = await handlerHooks(all.handlers).read("own", join(own.folder, "own.ts"), CONTEXT);
    return { all, ...read };
  };

  it("is read under that account already, because its code runs then", async (t) => {
    const { all, value, problems } = await readAs(t, OTHER.name, 0o644);
    const messages = problems.map(({ message }) => message).join();
    if (!canBecomeOthers) return assert.match(messages, /may not become the account|setpriv/);
    if (!isWithinReach) return assert.match(messages, /it may not read/);
    assert.deepEqual(problems, []);
    all.hooks.push(value ?? assert.fail());
    const { at } = JSON.parse((await perform("own", all)).stdout);
    assert.equal(at[0], OTHER.uid);
  });

  it("has to be readable for it", async (t) => {
    const { value, problems } = await readAs(t, OTHER.name, 0o600);
    assert.equal(value, undefined);
    if (canBecomeOthers && isWithinReach)
      assert.match(problems[0]?.message ?? "", /EACCES: permission denied/);
  });

  it("is refused where there is no such account", async (t) => {
    const { value, problems } = await readAs(t, "no-such-account", 0o644);
    assert.equal(value, undefined);
    assert.match(
      problems[0]?.message ?? "",
      /^the setting `runs\.user: no-such-account`: there is no account/,
    );
  });
});
