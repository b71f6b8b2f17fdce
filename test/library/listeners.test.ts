import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { UserError } from "../../src/config/problem.ts";
import { SECRET, sample } from "../support/github.ts";
import { mount, recorder } from "../support/mounted.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const opened = { event: "issues", body: sample("issues", "opened") };

/** The warnings that something gives. */
async function warningsOf(t: TestContext, act: () => void): Promise<string[]> {
  const warnings: string[] = [];
  t.mock.method(process, "emitWarning", (text: string) => warnings.push(text));
  act();
  return warnings;
}

describe("receiver.on", () => {
  it("calls what listens to the event, to its action, to a list that has it, and to all", async (t) => {
    const { receiver, send } = await mount(t);
    const calls: string[] = [];
    receiver
      .on("issues", () => calls.push("issues"))
      .on("issues.opened", () => calls.push("issues.opened"))
      .on(["push", "issues.opened", "issues"], () => calls.push("list"))
      .on("*", () => calls.push("*"))
      .on("issues.closed", () => calls.push("issues.closed"))
      .on("push", () => calls.push("push"));
    assert.equal((await send(opened)).status, 200);
    assert.deepEqual(calls, ["issues", "issues.opened", "list", "*"]);
  });

  it("gives a listener the payload, and what the delivery is about", async (t) => {
    const { receiver, send } = await mount(t);
    const { inputs, listen } = recorder();
    receiver.on("issues.opened", listen);
    await send({ ...opened, guid: "one", webhookId: "7" });
    const [{ event, payload, delivery } = {}] = inputs;
    assert.deepEqual({ event, payload }, { event: "issues", payload: opened.body });
    const { receivedAt, ...facts } = delivery ?? {};
    assert.ok(receivedAt instanceof Date);
    assert.deepEqual(facts, {
      guid: "one",
      webhookId: 7,
      event: "issues",
      action: "opened",
      repository: "Codertocat/Hello-World",
      ref: "refs/heads/master",
      sha: null,
      sender: "Codertocat",
    });
  });

  it("refuses what can be no event, and names what GitHub sends in place of a trigger of Actions", async (t) => {
    const { receiver } = await mount(t);
    for (const [name, message] of [
      ["Push", /"Push" is no event: write it like `push`/],
      ["issues.", /is no event/],
      ["", /is no event/],
      ["pull_request_target", /sends no event `pull_request_target`.*Listen to `pull_request`/],
      ["schedule", /Listen to `\*`/],
    ] as const)
      assert.throws(() => receiver.on(name, () => {}), { name: UserError.name, message });
    assert.throws(() => receiver.on([], () => {}), /needs the name of an event/);
    assert.throws(() => receiver.on("push", undefined as never), /needs a function to call/);
  });

  it("takes a name of its own for each, which a store needs", async (t) => {
    const { receiver, send } = await mount(t);
    const { inputs, listen } = recorder();
    receiver.on("push", { name: "deploy" }, listen).on("push", listen);
    assert.throws(() => receiver.on("issues", { name: "deploy" }, listen), {
      name: UserError.name,
      message:
        '`on("issues", …)`: there is a listener called "deploy" already; one name can be only one listener\'s.',
    });
    await send();
    assert.deepEqual(
      inputs.map(({ event }) => event),
      ["push", "push"],
    );
  });

  it("refuses a listener without a name where there is a store, and says what to write", async (t) => {
    const { receiver } = await mount(t, { store: `sqlite:${join(temporaryFolder(t), "app.db")}` });
    for (const options of [[], [{}], [{ name: undefined }]])
      assert.throws(() => receiver.on("push", ...(options as [{ name: string }]), () => {}), {
        name: UserError.name,
        message: /`on\("push", …\)` needs a name.*`on\("push", \{ name: "…" \}, …\)`/,
      });
  });

  it("names every mistake in a listener's options", async (t) => {
    const { receiver } = await mount(t);
    const wrong = {
      name: "no/../thing here",
      retry: { "max-attempts": 3, backoff: "soon" },
      timeoutMinutes: 0,
    };
    assert.throws(() => receiver.on("push", wrong as object, () => {}), {
      name: UserError.name,
      message:
        /`name`: "no.*`timeoutMinutes` must be.*no `retry.max-attempts`; there are maxAttempts.*`retry.backoff`: "soon"/,
    });
    const short = { name: "a", retry: { backoff: "1m", maxBackoff: "1s" } };
    assert.throws(() => receiver.on("push", short, () => {}), /`retry.maxBackoff` is shorter than/);
    assert.throws(() => receiver.on("push", "deploy" as never, () => {}), /expected options such as/);
  });

  it("takes events that are not known yet, with a word about a likely mistake", async (t) => {
    const { receiver, send } = await mount(t);
    const { inputs, listen } = recorder();
    const warnings = await warningsOf(t, () =>
      receiver
        .on(["pull_requests", "pull_request.opend", "issues.vanished"], listen)
        .on(["pull_request.opened", "repository_dispatch.anything", "push.done"], listen),
    );
    assert.deepEqual(warnings, [
      "`pull_requests` is no event that GitHub documents. Did you mean `pull_request`?",
      "`pull_request.opend` is no action that GitHub documents. Did you mean `pull_request.opened`?",
      "`issues.vanished` is no action that GitHub documents.",
    ]);
    assert.equal((await send({ event: "pull_requests" })).status, 200);
    assert.equal(inputs.length, 1);
  });
});

describe("the answer", () => {
  it("is 204 for an event that nobody listens to", async (t) => {
    const { send, receiver } = await mount(t);
    receiver.on("push", () => {});
    const { status, text } = await send(opened);
    assert.deepEqual({ status, text }, { status: 204, text: "" });
  });

  it("is 200 when all listeners have ended well", async (t) => {
    const { send, receiver } = await mount(t);
    receiver.on("issues", async () => "ignored");
    const { status, json } = await send({ ...opened, guid: "one" });
    assert.deepEqual({ status, json }, { status: 200, json: { delivery: "one", status: "succeeded" } });
  });

  it("is 500 when one has failed, which is told to `onError` and not to GitHub; the others are called all the same", async (t) => {
    const { send, receiver, errors } = await mount(t);
    const { inputs, listen } = recorder();
    const mistakes = [new Error("the password is xyzzy"), new Error("another")];
    receiver
      .on("issues", () => {
        throw mistakes[0];
      })
      .on("issues", () => Promise.reject(mistakes[1]))
      .on("issues", listen);
    const { status, json } = await send({ ...opened, guid: "one" });
    assert.deepEqual({ status, json }, { status: 500, json: { delivery: "one", status: "failed" } });
    assert.deepEqual(errors, mistakes);
    assert.equal(inputs.length, 1);
  });

  it("is `pong` to a ping, after those who listen to it", async (t) => {
    const { send, receiver, errors } = await mount(t);
    receiver.on("ping", () => Promise.reject(new Error("mine")));
    const { status, text } = await send({ event: "ping", body: sample("ping") });
    assert.deepEqual({ status, text }, { status: 200, text: "pong" });
    assert.equal(errors.length, 1);
  });

  it("is 202 when a listener takes longer than `answerWithin`; it goes on, and what it throws is told", async (t) => {
    const { send, receiver, errors } = await mount(t, { answerWithin: 1 });
    const slow = Promise.withResolvers<void>();
    receiver.on("issues", () => slow.promise);
    const { status, json } = await send({ ...opened, guid: "one" });
    assert.deepEqual({ status, json }, { status: 202, json: { delivery: "one", status: "running" } });
    slow.reject(new Error("late"));
    await until("the error is told", () => errors.length === 1);
  });

  it("comes although `onError` itself throws", async (t) => {
    t.mock.method(console, "error", () => {});
    const { send, receiver } = await mount(t, {
      onError: () => {
        throw new Error("mine");
      },
    });
    receiver.on("issues", () => Promise.reject(new Error("first")));
    assert.equal((await send(opened)).status, 500);
  });
});

describe("onError", () => {
  it("is told which delivery it was", async (t) => {
    const guids: unknown[] = [];
    const { send, receiver } = await mount(t, { onError: (_, { delivery }) => guids.push(delivery?.guid) });
    receiver.on("issues", () => Promise.reject(new Error("mine")));
    await send({ ...opened, guid: "one" });
    assert.deepEqual(guids, ["one"]);
  });

  it("prints to standard error when nobody has said otherwise, without the secrets", async (t) => {
    const printed = t.mock.method(console, "error", () => {});
    const { send, receiver } = await mount(t, { onError: undefined });
    const cause = { authorization: Buffer.from(SECRET).toString("base64") };
    receiver.on("issues", () => Promise.reject(new Error(`mine: ${SECRET}`, { cause })));
    await send(opened);
    await until("it is printed", () => printed.mock.callCount() > 0);
    const [title, text = ""] = printed.mock.calls[0]?.arguments ?? [];
    assert.equal(title, "longshore:");
    assert.match(text, /^Error: mine: \*\*\*\n +at .*authorization: '\*\*\*'/s);
  });

  it("has what it throws itself printed, without the secrets", async (t) => {
    const printed = t.mock.method(console, "error", () => {});
    const { send, receiver } = await mount(t, {
      onError: () => {
        throw new Error(`mine: ${SECRET}`);
      },
    });
    receiver.on("issues", () => Promise.reject(new Error("first")));
    await send(opened);
    await until("it is printed", () => printed.mock.callCount() > 0);
    const [title, text = ""] = printed.mock.calls[0]?.arguments ?? [];
    assert.equal(title, "longshore: `onError` has failed:");
    assert.match(text, /^Error: mine: \*\*\*\n/);
  });
});
