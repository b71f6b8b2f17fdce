/**
 * A request becomes a stored delivery, from top to bottom: {@link Receiver.handle} tells the story. A plain Node request
 * handler that knows no framework.
 *
 * What is cheap to check comes before a byte of the body is read, and nothing that the sender says is believed before
 * the signature has been checked.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HookSet } from "../config/hook-set.ts";
import { plainAddress } from "../lib/ranges.ts";
import { startSpan } from "../lib/tracing.ts";
import type { Acceptance } from "../store/accept.ts";
import type { ArrivalToStore } from "../store/delivery-writer.ts";
import type { Refusal } from "../store/refusals.ts";
import { StoreUnavailable } from "../store/store-unavailable.ts";
import { answerFor, refuse, send } from "./answer.ts";
import { InflightBytes, RequestAborted, readBody } from "./body.ts";
import type { Client, ClientFinder, KnownAddresses } from "./client.ts";
import type { Examiner } from "./examine.ts";
import { claimedText, keptHeaders } from "./headers.ts";
import type { Outcomes, RunOutcome } from "./outcomes.ts";
import { Rejection, toRejection } from "./rejection.ts";
import { checkHead, type Demands, readVerified } from "./verify.ts";

export interface Source extends Demands {
  name: string;
  path: string;
  /** Whether a body that came before is held back when its sender is not known. */
  holdReplays: boolean;
  /** Whether it answers with what became of the runs, where that is known in time. */
  respondsOutcome: boolean;
}

export interface ReceiverParts {
  sources: readonly Source[];
  clients: ClientFinder;
  github: KnownAddresses;
  examiner: Examiner;
  /** The hooks as loaded now. */
  hooks(): HookSet;
  store: {
    accept(delivery: ArrivalToStore): Promise<Acceptance>;
    refuse(refusal: Refusal): void;
  };
  outcomes: Outcomes;
  /** Called when all that can be known without the body has been found good. */
  beforeBody?(request: IncomingMessage, response: ServerResponse): void;
  log: Log;
  maxInflightBytes: number;
  bodyTimeoutMs: number;
}

interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What has been found out about a request, for the answer, the log and the list of refusals. */
interface Progress {
  receivedAt: number;
  source?: Source;
  client?: Client;
}

export class Receiver {
  readonly #parts: ReceiverParts;
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #inflight: InflightBytes;
  #named?: { hookSet: HookSet; names: readonly string[] };

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
    this.#sources = new Map(parts.sources.map((source) => [source.path, source]));
    this.#inflight = new InflightBytes(parts.maxInflightBytes);
  }

  /** Answers every request; never rejects. */
  handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const progress: Progress = { receivedAt: Date.now() };
    try {
      await this.#receive(request, response, progress);
    } catch (error) {
      this.#fail(request, response, progress, error);
    }
  };

  async #receive(request: IncomingMessage, response: ServerResponse, progress: Progress): Promise<void> {
    const source = this.#findSource(request);
    progress.source = source;
    const head = checkHead(request, source, this.#parts.clients, progress);
    const { event, guid, webhookId, contentType, client } = head;

    this.#parts.beforeBody?.(request, response);
    const limits = {
      maxBytes: source.maxBodyBytes,
      timeoutMs: this.#parts.bodyTimeoutMs,
      inflight: this.#inflight,
    };
    const { body, secret } = await readVerified(head, limits, (...how) => readBody(request, ...how));
    const size = body.length;
    // Only now: what nobody has vouched for must not get into a delivery's trace.
    const span = startSpan("receive", [source.name, webhookId, guid], progress.receivedAt);
    let acceptance: Acceptance;
    try {
      const hookSet = this.#parts.hooks();
      const { examined, contents } = await this.#parts.examiner.examine(
        { source: source.name, event, contentType, headers: keptHeaders(request.rawHeaders), bytes: body },
        hookSet.hooks,
      );
      const { action, repository, ref, sha, sender, pushedAt } = examined.facts;
      const accepting = {
        arrival: {
          source: source.name,
          webhookId,
          guid,
          event,
          action,
          repository,
          ref,
          sha,
          sender,
          receivedAt: progress.receivedAt,
          client: client.address,
          secret,
          size,
          hooks: examined.hooks,
          groups: examined.groups,
          pushedAt,
          loadedHooks: this.#namesOf(hookSet),
          holdReplays: source.holdReplays && !this.#parts.clients.isKnown(client, this.#parts.github),
        },
        contents,
        hookSet,
      };
      acceptance = await span.within("store", () => this.#parts.store.accept(accepting));
      this.#parts.log.debug({ source: source.name, event, guid, ...acceptance }, "accepted");
      if (acceptance.replayed) this.#warnOfReplay(source, event, guid, acceptance);
    } finally {
      this.#inflight.release(size);
      span.end({ "longshore.source": source.name, "longshore.event": event, "longshore.guid": guid });
    }
    send(response, answerFor(event, acceptance, await this.#outcomesOf(acceptance, progress, response)));
  }

  /** Only where the owner wants to wait: an answer that comes at once is never late. */
  async #outcomesOf(
    { runs }: Acceptance,
    { source, receivedAt }: Progress,
    response: ServerResponse,
  ): Promise<RunOutcome[] | undefined> {
    if (!source?.respondsOutcome || runs.length === 0) return undefined;
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    // What goes wrong here is no reason to refuse what is stored.
    return this.#parts.outcomes.of(runs, receivedAt, gone.signal).catch((error: unknown) => {
      this.#parts.log.error({ err: error }, "the outcome of runs could not be waited for");
      return undefined;
    });
  }

  /** A slash at the end is the same path, and a query is not looked at. Every other spelling is another path. */
  #findSource({ url = "" }: IncomingMessage): Source {
    const [path = ""] = url.split("?", 1);
    const source =
      this.#sources.get(path) ?? (path.endsWith("/") ? this.#sources.get(path.slice(0, -1)) : undefined);
    if (!source)
      throw new Rejection("not_found", "no source has this path; compare the webhook's payload URL");
    return source;
  }

  /** The same list for the same hooks: on its way to another thread it is then written once for a whole group. */
  #namesOf(hookSet: HookSet): readonly string[] {
    if (this.#named?.hookSet !== hookSet) {
      const names = hookSet.hooks.flatMap(({ name, disabled }) => (disabled ? [] : name));
      this.#named = { hookSet, names };
    }
    return this.#named.names;
  }

  #warnOfReplay(source: Source, event: string, guid: string, { delivery }: Acceptance): void {
    this.#parts.log.warn(
      { source: source.name, event, guid, delivery },
      "stored, but starts nothing: the same body came before under another GUID or webhook, and its sender is not known to be GitHub",
    );
  }

  #fail(request: IncomingMessage, response: ServerResponse, progress: Progress, error: unknown): void {
    if (error instanceof RequestAborted)
      return this.#parts.log.debug({}, "the sender has gone before its body was here");
    const rejection = error instanceof StoreUnavailable ? notStored() : toRejection(error);
    // What the store has to say is in the log already, once a group; anything else here is a bug.
    const isBug = rejection.code === "store_unavailable" && !(error instanceof StoreUnavailable);
    if (isBug) this.#parts.log.error({ err: error }, "a delivery could not be taken in");
    this.#noteRefusal(request, progress, rejection);
    refuse(request, response, rejection);
  }

  #noteRefusal(
    { headers, socket }: IncomingMessage,
    { source, client, receivedAt }: Progress,
    rejection: Rejection,
  ): void {
    const event = claimedText(headers["x-github-event"]);
    // Whoever only looks for known holes would push out what the owner needs to see.
    if (!source && event === null) return;
    const refusal: Refusal = {
      at: receivedAt,
      source: source?.name ?? null,
      code: rejection.code,
      peer: client?.address ?? plainAddress(socket.remoteAddress ?? "") ?? null,
      event,
      guid: claimedText(headers["x-github-delivery"]),
      webhookId: claimedText(headers["x-github-hook-id"]),
    };
    this.#parts.log.warn({ ...refusal, ...rejection.details }, `refused: ${rejection.message}`);
    this.#parts.store.refuse(refusal);
  }
}

function notStored(): Rejection {
  return new Rejection(
    "store_unavailable",
    "the delivery could not be stored; nothing of it is kept, send it again",
  );
}
