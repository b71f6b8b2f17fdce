/** A delivery is sent on to another service, as it was received: {@link forward} tells the story of one attempt. */
import { UserError } from "../../config/problem.ts";
import { formatDuration } from "../../lib/quantity.ts";
import type { Subject } from "../../match/contexts.ts";
import type { Forward, Hook } from "../../match/hook.ts";
import { isForeign } from "../../match/match.ts";
import { saveAnswer } from "../../store/answers.ts";
import type { Delivery } from "../../store/deliveries.ts";
import type { HeaderList } from "../../store/packing.ts";
import type { ClaimedRun, Outcome } from "../../store/run-queue.ts";
import type { Database } from "../../store/store.ts";
import type { fillTexts } from "../fill-texts.ts";
import type { Output } from "../masked-output.ts";
import { Masker } from "../masker.ts";
import { failed } from "../outcome.ts";
import { withinTime } from "../within-limits.ts";
import { AddressDenied, type AddressRules } from "./addresses.ts";
import { ConnectFailure, type ConnectOptions } from "./connect.ts";
import { outgoingHeaders } from "./headers.ts";
import { NoReply, post, type Reply } from "./post.ts";
import { answerOf, outcomeOfReply, shownUrl, statusLine, whyNotKept } from "./reply.ts";
import { signatureOf } from "./signing.ts";

/** What all forwards have in common. */
export interface Forwarding extends AddressRules, Pick<ConnectOptions, "resolve"> {
  /**
   * The live secrets of a source, the newest first.
   *
   * @throws {UserError} when they cannot be read.
   */
  sourceSecrets(source: string): readonly { name: string; value: string }[];
  /** How long a connection may take, in milliseconds; 10 seconds unless said. */
  connectTimeoutMs?: number;
}

export interface ForwardParts {
  db: Database;
  recorder: Output;
  forwarding: Forwarding;
  signal: AbortSignal;
}

export type ForwardHook = Hook & { work: Forward };

/** The delivery, and what can be said of the attempt in expressions. */
export interface ForwardSubject extends Subject {
  delivery: Delivery;
  headers: HeaderList;
  body: Uint8Array;
}

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** @param fill evaluates texts of the hook: see {@link fillTexts}. */
export async function forward(
  run: ClaimedRun,
  hook: ForwardHook,
  subject: ForwardSubject,
  fill: (texts: Readonly<Record<string, string>>) => ReturnType<typeof fillTexts>,
  parts: ForwardParts,
): Promise<Outcome> {
  const request = await prepare(hook, subject, fill, parts.forwarding);
  if ("problem" in request) return hopeless(request.problem);
  const masker = new Masker(request.secrets);
  const tell = (line: string) =>
    parts.recorder.add("longshore", Buffer.from(`${masker.text(line)}\n`), Date.now());
  try {
    const outcome = await withinTime({ timeoutMs: hook.work.timeoutMs, signal: parts.signal }, (signal) =>
      attempt(run, hook, { ...request, body: subject.body }, { ...parts, signal, masker, tell }),
    );
    return { ...outcome, reason: outcome.reason && masker.text(outcome.reason) };
  } catch (error) {
    throw new Error(masker.text(error instanceof Error ? error.message : String(error)));
  }
}

interface Prepared {
  headers: Record<string, string | string[]>;
  /** What nobody else may see. */
  secrets: string[];
}

/** All that is sent beside the body, signed now: or why it cannot be, which another attempt would not change. */
async function prepare(
  hook: ForwardHook,
  subject: ForwardSubject,
  fill: Parameters<typeof forward>[3],
  forwarding: Forwarding,
): Promise<Prepared | { problem: string }> {
  const { headers: written, secret, sign } = hook.work;
  const labelOf = (name: string) => `forward.headers.${name}`;
  const texts = Object.fromEntries(Object.entries(written).map(([name, text]) => [labelOf(name), text]));
  const filled = fill(secret === undefined || secret === "source" ? texts : { ...texts, [SECRET]: secret });
  if ("problem" in filled) return filled;
  const own = Object.fromEntries(
    Object.keys(written).map((name) => [name, filled.values[labelOf(name)] ?? ""]),
  );

  const key =
    secret === "source" ? keyOfSource(subject.delivery, forwarding) : { value: filled.values[SECRET] };
  if ("problem" in key) return key;
  if (key.value === "") return { problem: noKey(subject) };
  const now = Date.now();
  const { delivery, body } = subject;
  const signature =
    key.value === undefined
      ? undefined
      : await signatureOf(sign, key.value, { delivery, hook: hook.name, body, now });
  if (signature && "problem" in signature) return signature;

  const outgoing = outgoingHeaders(subject.headers, { ...own, ...signature?.headers }, delivery);
  if ("problem" in outgoing) return outgoing;
  // Somebody who sends back what came, such as a server for tests, must not put a signature into what is kept.
  const secrets = [...filled.secrets, ...(key.value ? [key.value] : []), ...(signature?.secrets ?? [])];
  return { headers: outgoing.headers, secrets };
}

const SECRET = "forward.secret";

/** The one that the delivery was signed with, while it is live; else the newest. */
function keyOfSource(
  { source, secret: usedName }: Delivery,
  { sourceSecrets }: Forwarding,
): { value: string } | { problem: string } {
  try {
    const live = sourceSecrets(source);
    const found = live.find(({ name }) => name === usedName) ?? live[0];
    if (found) return { value: found.value };
    return {
      problem: `\`forward.secret: source\` has nothing to sign with: the source ${source} has no secret here`,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { problem: `the secret of the source ${source} cannot be read: ${error.message}` };
  }
}

function noKey({ event, facts }: Subject): string {
  return isForeign(event, facts)
    ? "`forward.secret` is empty, because what comes from a fork is given no secrets; `forward.secret: source` signs it all the same"
    : "`forward.secret` is empty: nothing can be signed with it";
}

interface AttemptParts extends ForwardParts {
  masker: Masker;
  /** Adds a line to the run's output. */
  tell(line: string): void;
}

async function attempt(
  run: ClaimedRun,
  { work }: ForwardHook,
  message: Prepared & { body: Uint8Array },
  parts: AttemptParts,
): Promise<Outcome> {
  const { forwarding, masker, signal, tell } = parts;
  const url = new URL(work.url);
  const started = performance.now();
  const took = () => formatDuration(performance.now() - started);
  try {
    const reply = await post(url, message, {
      connection: {
        rules: forwarding,
        timeoutMs: forwarding.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
        resolve: forwarding.resolve,
      },
      answerTimeoutMs: work.answerTimeoutMs,
      signal,
      mask: masker.stream(),
      maxBodyBytes: MAX_ANSWER_BYTES,
    });
    tell(`POST ${shownUrl(url)} → ${statusLine(reply.status)} in ${took()}`);
    await keep(run, reply, parts);
    return outcomeOfReply(reply, url, Date.now());
  } catch (error) {
    if (!(error instanceof AddressDenied || error instanceof ConnectFailure || error instanceof NoReply))
      throw error;
    tell(`POST ${shownUrl(url)} → no answer after ${took()}: ${error.message}`);
    return error instanceof AddressDenied ? hopeless(error.message) : failed(error.message);
  }
}

/** That an answer cannot be kept must not send the delivery once more. */
async function keep(run: ClaimedRun, reply: Reply, { db, masker, tell }: AttemptParts): Promise<void> {
  const missing = whyNotKept(reply) ?? reply.cut;
  if (missing !== undefined) tell(`the answer's body is not kept as a whole: ${missing}`);
  try {
    await saveAnswer(db, run.id, answerOf(reply, run.attempt, masker));
  } catch (error) {
    tell(`the answer could not be kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function hopeless(reason: string): Outcome {
  return { ...failed(reason), isHopeless: true };
}
