/** The types of listeners, checked by the compiler: what is wrong here does not compile, or compiles where it must not. */
import { describe, it } from "node:test";
import type { EmitterWebhookEvent, EmitterWebhookEventName } from "@octokit/webhooks";
import express from "express";
import {
  createReceiver,
  type ListenerDelivery,
  type ListenerOptions,
  type ListenerRun,
} from "../../src/index.ts";
import { SECRET } from "../support/github.ts";

type Payload<Name extends EmitterWebhookEventName> = EmitterWebhookEvent<Name>["payload"];

/** Compiles only when both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : [never]): void {}

const receiver = createReceiver({ secrets: SECRET });

describe("receiver.on", () => {
  it("gives `payload` the type of the one event", () => {
    receiver.on("push", ({ event, payload, delivery }) => {
      same<typeof event, "push">();
      same<typeof payload, Payload<"push">>();
      same<typeof delivery, ListenerDelivery>();
      // @ts-expect-error: a push has no issue
      payload.issue;
    });
  });

  it("gives the same with options before the function, and a run that need not be there", () => {
    receiver.on("push", { name: "typed", retry: { maxAttempts: 2, backoff: "5s" } }, ({ payload, run }) => {
      same<typeof payload, Payload<"push">>();
      same<typeof run, ListenerRun | undefined>();
    });
    // @ts-expect-error: it is called maxAttempts
    const wrong: ListenerOptions = { name: "wrong", retry: { "max-attempts": 2 } };
    void wrong;
  });

  it("narrows the payload to the action", () => {
    receiver.on("pull_request.opened", ({ event, payload }) => {
      same<typeof event, "pull_request">();
      same<typeof payload, Payload<"pull_request.opened">>();
      same<typeof payload.action, "opened">();
      same<typeof payload.pull_request.number, number>();
    });
  });

  it("gives a union for several events, which `event` tells apart", () => {
    receiver.on(["push", "issues.opened"], (input) => {
      same<typeof input.event, "push" | "issues">();
      if (input.event === "push") same<typeof input.payload, Payload<"push">>();
      else same<typeof input.payload, Payload<"issues.opened">>();
    });
  });

  it("gives every payload that is known for `*`", () => {
    receiver.on("*", (input) => {
      if (input.event === "push") same<typeof input.payload, Payload<"push">>();
      // @ts-expect-error: it may be any
      input.payload.issue;
    });
  });

  it("takes events that are not known yet, whose payload can be anything", () => {
    receiver.on("brand_new", ({ event, payload }) => {
      same<typeof event, string>();
      same<typeof payload, Readonly<Record<string, unknown>>>();
    });
  });
});

describe("createReceiver", () => {
  it("takes a variable as it is, and refuses what is no secret", () => {
    createReceiver({ secrets: process.env.NOT_THERE ?? SECRET });
    () => createReceiver({ secrets: process.env.NOT_THERE });
    // @ts-expect-error: a number is no secret
    () => createReceiver({ secrets: 7 });
    // @ts-expect-error: there is no such option
    () => createReceiver({ secrets: SECRET, allow: "any" });
    // @ts-expect-error: without a secret there is no receiver
    () => createReceiver({});
  });

  it("can be mounted where frameworks want a handler of theirs", () => {
    express().use("/github", receiver.node).post("/other", receiver.node);
    same<ReturnType<typeof receiver.fetch>, Promise<Response>>();
    const handler: (request: Request, context: { params: Promise<object> }) => Promise<Response> =
      receiver.fetch;
    void handler;
  });
});
