/** Deliveries, runs and the rest as they are told to others: the same JSON from a command and from the admin API. */
import { isUtf8 } from "node:buffer";
import { formatDuration } from "../lib/quantity.ts";
import { isoTime, isoTimeOrNull } from "../lib/times.ts";
import type { Answer } from "./answers.ts";
import type { Attempt } from "./attempts.ts";
import type { Delivery } from "./deliveries.ts";
import type { Node } from "./nodes.ts";
import type { KeptRefusal } from "./refusals.ts";
import type { Run } from "./runs.ts";
import type { Token } from "./tokens.ts";

/** One page of a list. */
export function listToJson<T extends { id: number }, Json>(
  items: readonly T[],
  limit: number,
  toJson: (item: T) => Json,
): { items: Json[]; next: string | null } {
  return { items: items.map(toJson), next: nextCursor(items, limit) };
}

/** What to say as `after` to get the rest; `null` when there can be none. */
export function nextCursor(items: readonly { id: number }[], limit: number): string | null {
  const last = items.at(-1);
  return last && items.length === limit ? String(last.id) : null;
}

export function deliveryToJson(delivery: Delivery) {
  const { id, guid, source, webhookId, event, action, repository, ref, sender, receivedAt } = delivery;
  const { size, replayed, runs } = delivery;
  const about = { id, guid, source, webhookId, event, action, repository, ref, sender };
  return { ...about, receivedAt: isoTime(receivedAt), size, replayed, runs };
}

export function runToJson(run: Run) {
  const { id, hook, deliveryId, status, reason, attempt, exitCode, queuedAt, startedAt, finishedAt } = run;
  return {
    ...{ id, hook, deliveryId, status, reason, attempt, exitCode },
    queuedAt: isoTime(queuedAt),
    startedAt: isoTimeOrNull(startedAt),
    finishedAt: isoTimeOrNull(finishedAt),
    durationMs: durationMs(run),
  };
}

/** A run with all that is not in lists. */
export function runDetailsToJson(run: Run, attempts: readonly Attempt[]) {
  const { signal, dueAt, retryOf, askedBy } = run;
  return {
    ...runToJson(run),
    ...{ signal, dueAt: isoTime(dueAt), retryOf, askedBy },
    attempts: attempts.map(({ startedAt, finishedAt, ...attempt }) => ({
      ...attempt,
      startedAt: isoTime(startedAt),
      finishedAt: isoTimeOrNull(finishedAt),
    })),
  };
}

export function refusalToJson(refusal: KeptRefusal) {
  return { ...refusal, at: isoTime(refusal.at) };
}

export function nodeToJson(node: Node) {
  const { name, roles, state, version, hooksFolder, startedAt, seenAt, stoppedAt, hooks } = node;
  return {
    ...{ name, host: name.split("/")[0] ?? name, roles: [...roles], state, version },
    startedAt: isoTime(startedAt),
    seenAt: isoTime(seenAt),
    stoppedAt: isoTimeOrNull(stoppedAt),
    hooksFolder,
    hooksDigest: hooks.digest,
    hooks: hooks.versions.map((hook) => ({ name: hook.name, version: hook.version })),
  };
}

export function tokenToJson(token: Token) {
  const { id, name, role, createdAt, createdBy, lastUsedAt, revokedAt } = token;
  return {
    ...{ id, name, role, createdAt: isoTime(createdAt), createdBy },
    lastUsedAt: isoTimeOrNull(lastUsedAt),
    revokedAt: isoTimeOrNull(revokedAt),
  };
}

/** What another service has answered. A body that is no text is told in base64. */
export function answerToJson(answer: Answer) {
  const { attempt, status, headers, body, isTruncated } = answer;
  const text = answerText(answer);
  const encoding: "base64" | "utf-8" = text === undefined ? "base64" : "utf-8";
  return {
    ...{ attempt, status, headers: headersToJson(headers) },
    body: text ?? Buffer.from(body).toString("base64"),
    ...{ encoding, truncated: isTruncated },
  };
}

/** `undefined` for what is no text. */
export function answerText({ body, isTruncated }: Answer): string | undefined {
  const bytes = isTruncated ? withoutHalfCharacter(body) : body;
  const isText = isUtf8(bytes) && !bytes.includes(0);
  return isText ? Buffer.from(bytes).toString("utf8") : undefined;
}

/** How long the last attempt took, for people. */
export function durationText(run: Run): string {
  const ms = durationMs(run);
  return ms === null ? "–" : formatDuration(ms);
}

/** How long the last attempt took, in milliseconds; `null` while it has not ended. */
function durationMs({ startedAt, finishedAt }: Run): number | null {
  return startedAt === null || finishedAt === null ? null : finishedAt - startedAt;
}

/** A cut can go through a character. */
function withoutHalfCharacter(body: Uint8Array): Uint8Array {
  for (let end = body.length; end > Math.max(body.length - 4, 0); end--)
    if (isUtf8(body.subarray(0, end))) return body.subarray(0, end);
  return body;
}

/** What comes several times is one value, as HTTP has it. */
function headersToJson(headers: Answer["headers"]): Record<string, string> {
  const byName = Map.groupBy(headers, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, all]) => [name, all.map(([, value]) => value).join(", ")]),
  );
}
