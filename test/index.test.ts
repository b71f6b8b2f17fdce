/** The types are checked by the compiler: what is wrong here does not compile, or compiles where it must not. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EmitterWebhookEvent } from "@octokit/webhooks";
import type { Octokit } from "octokit";
import { defineHook, type EventFilters, type EventName, type HandlerDelivery } from "../src/index.ts";

type Payload<Name extends EventName> = EmitterWebhookEvent<Name>["payload"];

/** Compiles only when both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : [never]): void {}

const ALL_FILTERS = {
  types: "opened",
  branches: "main",
  "branches-ignore": "main",
  tags: "v1",
  "tags-ignore": "v1",
  paths: "a",
  "paths-ignore": "a",
  workflows: "CI",
  deleted: true,
} as const;

describe("defineHook", () => {
  it("gives `payload` the type of the one event", () => {
    defineHook({
      on: "push",
      run({ event, payload }) {
        same<typeof event, "push">();
        same<typeof payload, Payload<"push">>();
        same<typeof payload.after, string>();
        // @ts-expect-error: a push has no issue
        payload.issue;
      },
    });
  });

  it("gives a union for several events, which `event` tells apart", () => {
    defineHook({
      on: ["push", "issues"],
      run({ event, payload, ...rest }) {
        same<typeof event, "push" | "issues">();
        same<typeof payload, Payload<"push"> | Payload<"issues">>();
        // @ts-expect-error: it may be a push
        payload.issue;
        same<typeof rest.octokit, Octokit>();
      },
      if: (input) => (input.event === "push" ? input.payload.deleted : input.payload.issue.number > 1),
    });
  });

  it("narrows the payload to the actions in `types`", () => {
    defineHook({
      on: { issues: { types: ["labeled", "unlabeled"] }, release: { types: "published" }, push: {} },
      run(input) {
        if (input.event === "issues") same<typeof input.payload.action, "labeled" | "unlabeled">();
        if (input.event === "release") same<typeof input.payload.action, "published">();
        if (input.event === "push") same<typeof input.payload, Payload<"push">>();
      },
    });
  });

  it("takes the default types of pull requests into account, as matching does", () => {
    defineHook({
      on: "pull_request",
      run({ payload }) {
        same<typeof payload.action, "opened" | "synchronize" | "reopened">();
      },
    });
    defineHook({
      on: { pull_request: { branches: ["main"] } },
      run({ payload }) {
        same<typeof payload.action, "opened" | "synchronize" | "reopened">();
      },
    });
  });

  it("knows Actions' names for other events' webhooks", () => {
    defineHook({
      on: ["pull_request_target", "pull_request_comment"],
      run(input) {
        same<typeof input.event, "pull_request_target" | "issue_comment">();
        if (input.event === "issue_comment") same<typeof input.payload, Payload<"issue_comment">>();
        if (input.event === "pull_request_target")
          same<typeof input.payload.action, "opened" | "synchronize" | "reopened">();
      },
    });
    defineHook({
      on: { pull_request_target: { types: ["labeled"], branches: "main" } },
      run({ payload }) {
        same<typeof payload.action, "labeled">();
      },
    });
  });

  it("knows every filter that a trigger can have, one value or a list", () => {
    same<EventFilters["paths-ignore"], string | readonly string[] | undefined>();
    same<EventFilters["deleted"], boolean | undefined>();
    same<keyof EventFilters, keyof typeof ALL_FILTERS>();
    defineHook({
      on: {
        push: { branches: ["main"], tags: "v*", "paths-ignore": ["docs/**"], deleted: true },
        pull_request: { "branches-ignore": "wip/**", paths: "src/**" },
        create: ALL_FILTERS,
        workflow_run: { types: "completed", workflows: ["CI"] },
      },
      run() {},
    });
    // @ts-expect-error: it is yes or no
    defineHook({ on: { push: { deleted: "yes" } }, run() {} });
    // @ts-expect-error: a pattern is a text
    defineHook({ on: { push: { tags: [1] } }, run() {} });
    // @ts-expect-error: no filter is called so
    defineHook({ on: { push: { branch: "main" } }, run() {} });
  });

  it("takes what says whose deliveries a hook is for", () => {
    defineHook({ on: "push", source: "github", repositories: ["acme/*"], forks: "run", run() {} });
    defineHook({ on: "push", repositories: "acme/site", run() {} });
    // @ts-expect-error: `run` is all that it can say
    defineHook({ on: "push", forks: "never", run() {} });
  });

  it("lets a hook name events and actions that are not known yet", () => {
    defineHook({
      on: "brand_new",
      run({ payload }) {
        same<typeof payload, Readonly<Record<string, unknown>>>();
      },
    });
    defineHook({
      on: { issues: { types: ["brand_new"] } },
      run({ payload }) {
        same<typeof payload, Payload<"issues">>();
      },
    });
  });

  it("knows what else a handler is given", () => {
    defineHook({
      on: "push",
      async run({ delivery, signal, env, log, octokit }) {
        same<typeof delivery, HandlerDelivery>();
        same<typeof signal, AbortSignal>();
        same<typeof env, Readonly<Record<string, string>>>();
        log.info("text", { more: 1 });
        same<typeof octokit, Octokit>();
      },
    });
  });

  it("refuses what a hook does not have, and one without `run`", () => {
    // @ts-expect-error: there is no `run`
    defineHook({ on: "push" });
    // @ts-expect-error: a number is no event
    defineHook({ on: 7, run() {} });
    // @ts-expect-error: it is called timeoutMinutes
    defineHook({ on: "push", "timeout-minutes": 5, run() {} });
    // @ts-expect-error: a condition answers yes or no
    defineHook({ on: "push", if: () => "yes", run() {} });
  });

  it("returns what it was given, and leaves that as it was", () => {
    const given = { on: "push", timeoutMinutes: 5, run() {} } as const;
    assert.deepEqual(defineHook(given), given);
    assert.notEqual(defineHook(given), given);
  });
});
