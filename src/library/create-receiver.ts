/**
 * The receiver as a part of somebody else's app: {@link createReceiver}. The same checks in the same order and the same
 * answers as the server's; what is taken in, an app's own functions are called with, at once or, where there is a store,
 * as runs of it. `#receive` tells the story.
 */
import type { ServerResponse } from "node:http";
import { AddressList } from "../github/addresses.ts";
import { plainAddress } from "../lib/ranges.ts";
import { jsonText, parsePayload } from "../match/body.ts";
import { readGist } from "../match/payload.ts";
import {
  type Answer,
  answerFor,
  answerOfListeners,
  answerOfRefusal,
  refuse,
  send,
} from "../receive/answer.ts";
import { InflightBytes, RequestAborted } from "../receive/body.ts";
import { AllowList, type Client, ClientFinder } from "../receive/client.ts";
import { claimedText } from "../receive/headers.ts";
import { type Rejection, toRejection } from "../receive/rejection.ts";
import type { RequestHead } from "../receive/request-head.ts";
import {
  type BodyReader,
  type CheckedHead,
  checkHead,
  type Demands,
  readVerified,
  type VerifiedBody,
} from "../receive/verify.ts";
import type { ListenerOptions } from "./listener-options.ts";
import { type Call, callAll, type Listener, type ListenerName, Listeners } from "./listeners.ts";
import { checkOptions, type ErrorContext, type ReceiverOptions } from "./options.ts";
import { printError } from "./print-error.ts";
import { bodyReaderFor, type NodeRequest } from "./raw-body.ts";
import { StoreOpening } from "./store-opening.ts";
import { UnderWay } from "./under-way.ts";
import { bodyReaderForWeb, type Connection, headOf, toResponse } from "./web-request.ts";

/** A receiver that can be mounted. It knows no path: that is the business of where it is mounted. */
export interface Receiver {
  /**
   * Has a function called with deliveries of an event (`push`), of an event and action (`issues.opened`), of several, or
   * of all (`*`). Several for one delivery are called at once.
   */
  on<const Name extends ListenerName>(event: Name | readonly Name[], listener: Listener<Name>): Receiver;
  /** The same with a name, which a receiver with a `store` needs: its runs are found again by it. */
  on<const Name extends ListenerName>(
    event: Name | readonly Name[],
    options: ListenerOptions,
    listener: Listener<Name>,
  ): Receiver;
  /** For Node's `http`, Express, Connect, and whatever hands over Node's request and response. Never rejects. */
  readonly node: (request: NodeRequest, response: ServerResponse, ...more: unknown[]) => Promise<void>;
  /**
   * For whatever hands over a `Request` and wants a `Response`. Never rejects.
   *
   * @param connection who connected. When it is not known, only `allowFrom: ["any"]` lets a request in.
   */
  readonly fetch: (request: Request, connection?: Connection | object) => Promise<Response>;
  /**
   * Lets the listeners that are at work finish, for `stopGrace` at most. With `store` requests are refused from now on,
   * unfinished runs are handed back and start again with the next process, and the database is closed: without it the
   * process does not end by itself.
   */
  close(): Promise<void>;
}

/** What has been found out about a request, for whoever wants to hear of a refusal. */
interface Progress {
  receivedAt: number;
  client?: Client;
}

const BODY_TIMEOUT_MS = 10_000;
const MAX_INFLIGHT_BYTES = 256 * 1024 ** 2;

/**
 * Creates a receiver that verifies and calls listeners: all in memory or, with `store`, once the delivery is on the
 * disk, as durable runs with retries. Either way listeners are functions of this process, and nothing isolates them: one
 * that never returns to the event loop, or ends the process, takes the whole app with it.
 *
 * ```ts
 * const receiver = createReceiver({ secrets: process.env.GITHUB_WEBHOOK_SECRET });
 * receiver.on("pull_request.opened", async ({ payload }) => { … });
 * app.use("/github", receiver.node);
 * ```
 *
 * @throws {UserError} naming every mistake in the options.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  return new AppReceiver(options);
}

/** That an hour's list could not be read is worth a word, that it could is not. */
const WARNINGS = {
  info: () => {},
  warn: ({ reason }: { reason?: unknown }, message: string) => process.emitWarning(`${message} (${reason})`),
};

class AppReceiver implements Receiver {
  readonly #options: ReceiverOptions;
  readonly #demands: Demands;
  readonly #clients: ClientFinder;
  readonly #limits: { maxBytes: number; timeoutMs: number; inflight: InflightBytes };
  readonly #listeners: Listeners;
  readonly #github: AddressList;
  readonly #answerWithinMs: number;
  readonly #stopGraceMs: number;
  /** Requests, and the listeners that are called for them. */
  readonly #underWay = new UnderWay();
  /** Absent: all happens in memory. */
  readonly #store?: StoreOpening;
  /** Whether GitHub's list is needed, and nobody has asked for it yet. */
  #isListDue: boolean;

  constructor(options: ReceiverOptions) {
    const { allowFrom, secrets, ...checked } = checkOptions(options);
    this.#options = options;
    this.#github = new AddressList({ apiUrl: checked.githubApiUrl, log: WARNINGS });
    this.#answerWithinMs = checked.answerWithinMs;
    this.#stopGraceMs = checked.stopGraceMs;
    this.#isListDue = allowFrom.includes("github");
    this.#clients = new ClientFinder({
      proxies: checked.trustProxy,
      isExplicit: checked.trustProxyIsExplicit,
      hops: checked.trustProxyHops,
    });
    this.#demands = {
      allowList: new AllowList(allowFrom, this.#github),
      allowSha1: checked.allowSha1,
      maxBodyBytes: checked.maxBodyBytes,
      insecureNoSecret: false,
      secrets,
    };
    this.#limits = {
      maxBytes: checked.maxBodyBytes,
      timeoutMs: BODY_TIMEOUT_MS,
      inflight: new InflightBytes(MAX_INFLIGHT_BYTES),
    };
    this.#listeners = new Listeners(checked.store !== undefined);
    if (checked.store)
      this.#store = new StoreOpening({
        settings: checked.store,
        listeners: this.#listeners,
        secrets: this.#secretValues,
        onError: (error, context) => this.#tell(error, context),
      });
  }

  readonly #secretValues = (): string[] => this.#demands.secrets().map(({ value }) => value);

  on(event: string | readonly string[], ...rest: unknown[]): Receiver {
    this.#listeners.add(event, ...rest);
    return this;
  }

  readonly node = async (request: NodeRequest, response: ServerResponse): Promise<void> => {
    const progress: Progress = { receivedAt: Date.now() };
    this.#underWay.begin();
    try {
      send(response, await this.#receive(request, () => bodyReaderFor(request), progress));
    } catch (error) {
      const rejection = this.#fail(request, progress, error);
      if (rejection) refuse(request, response, rejection);
    } finally {
      this.#underWay.end();
    }
  };

  readonly fetch = async (request: Request, connection?: Connection | object): Promise<Response> => {
    const progress: Progress = { receivedAt: Date.now() };
    const head = headOf(request, connection);
    this.#underWay.begin();
    try {
      return toResponse(await this.#receive(head, () => bodyReaderForWeb(request), progress));
    } catch (error) {
      const rejection = this.#fail(head, progress, error) ?? toRejection(error);
      return toResponse(answerOfRefusal(rejection));
    } finally {
      this.#underWay.end();
    }
  };

  async close(): Promise<void> {
    this.#isListDue = false;
    this.#github.stop();
    const deadline = Date.now() + this.#stopGraceMs;
    this.#store?.refuseFromNow();
    await this.#underWay.ended(this.#stopGraceMs);
    await this.#store?.close(Math.max(0, deadline - Date.now()));
  }

  async #receive(request: RequestHead, body: () => BodyReader, progress: Progress): Promise<Answer> {
    if (this.#isListDue) this.#askForAddresses();
    const head = checkHead(request, this.#demands, this.#clients, progress);
    const verified = await readVerified(head, this.#limits, body());
    try {
      if (this.#store) return await this.#keep(this.#store, head, verified, request, progress.receivedAt);
      return await this.#call(head, verified.body, progress.receivedAt);
    } finally {
      this.#limits.inflight.release(verified.body.length);
    }
  }

  /** With the first request, so that an app that only starts asks nobody anything. The list that came along counts until then. */
  #askForAddresses(): void {
    this.#isListDue = false;
    void this.#github.keepFresh();
  }

  async #call(head: CheckedHead, body: Buffer, receivedAt: number): Promise<Answer> {
    const { event, guid, webhookId, contentType } = head;
    const payload = parsePayload(jsonText(contentType, body));
    const { action, repository, ref, sha, sender } = readGist(event, payload);
    const listeners = this.#listeners.of(event, action);
    if (listeners.length === 0) return answerOfListeners(event, guid, "none");
    const at = new Date(receivedAt);
    // One by one: to copy an object's members costs more than all of this.
    const delivery = { guid, webhookId, event, action, repository, ref, sha, sender, receivedAt: at };
    const call: Call = { event, payload, delivery };
    const ended = callAll(listeners, call, (error) => this.#tell(error, call));
    if (typeof ended === "boolean") return answerOfListeners(event, guid, ended ? "succeeded" : "failed");
    return answerOfListeners(event, guid, await this.#howItEnds(ended, receivedAt + this.#answerWithinMs));
  }

  /** The listeners are called once the delivery is stored: see `perform-listener.ts`. */
  async #keep(
    opening: StoreOpening,
    head: CheckedHead,
    verified: VerifiedBody,
    { rawHeaders }: RequestHead,
    receivedAt: number,
  ): Promise<Answer> {
    const store = await opening.store();
    const isKnown = this.#clients.isKnown(head.client, this.#github);
    return answerFor(head.event, await store.accept({ ...verified, head, rawHeaders, receivedAt, isKnown }));
  }

  /** What the sender is told; nothing when it has gone. */
  #fail(request: RequestHead, progress: Progress, error: unknown): Rejection | undefined {
    if (error instanceof RequestAborted) return undefined;
    const rejection = toRejection(error);
    // What is not the sender's fault has to be heard here: a mistake of the app's, or of ours.
    if (rejection.status === 500) this.#tell(rejection);
    else if (rejection.code === "store_unavailable" && rejection !== error) this.#tell(error);
    this.#noteRefusal(request, progress, rejection);
    return rejection;
  }

  #noteRefusal({ headers, socket }: RequestHead, progress: Progress, rejection: Rejection): void {
    const { code, status, message, details } = rejection;
    const address = progress.client?.address ?? plainAddress(socket.remoteAddress ?? "") ?? null;
    const event = claimedText(headers["x-github-event"]);
    const guid = claimedText(headers["x-github-delivery"]);
    const webhookId = claimedText(headers["x-github-hook-id"]);
    // Whoever only looks for known holes would push out what the owner needs to see.
    if (event !== null)
      this.#store?.opened?.refuse({ at: progress.receivedAt, code, peer: address, event, guid, webhookId });
    try {
      this.#options.onRefused?.({
        code,
        status,
        message,
        details,
        address,
        event,
        guid,
        receivedAt: new Date(progress.receivedAt),
      });
    } catch (error) {
      this.#tell(error);
    }
  }

  /** Somebody who only listens for errors must not make another one of it. */
  #tell(error: unknown, context: ErrorContext = {}): void {
    try {
      const { delivery, run } = context;
      if (this.#options.onError) this.#options.onError(error, { delivery, ...(run ? { run } : {}) });
      else void printError("longshore:", error, this.#secretValues);
    } catch (another) {
      void printError("longshore: `onError` has failed:", another, this.#secretValues);
    }
  }

  /** @param deadline when somebody has to be told, in epoch milliseconds. */
  #howItEnds(calling: Promise<boolean>, deadline: number): Promise<"succeeded" | "failed" | "running"> {
    this.#underWay.begin();
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve("running"), Math.max(0, deadline - Date.now()));
      void calling.then((isGood) => {
        clearTimeout(timer);
        this.#underWay.end();
        resolve(isGood ? "succeeded" : "failed");
      });
    });
  }
}
