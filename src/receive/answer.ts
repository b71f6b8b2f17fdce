/** The answers to a request, and the care it takes that a refused sender gets to read one. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Acceptance } from "../store/accept.ts";
import { hasBody } from "./body.ts";
import type { RunOutcome } from "./outcomes.ts";
import type { Rejection } from "./rejection.ts";

const RETRY_AFTER_SECONDS = "30";
const LINGER_MS = 2_000;
const LINGER_BYTES = 64 * 1024 ** 2;

/** What a sender is told, whichever way it goes out. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Empty where there is nothing to say. */
  body: string;
}

const PONG: Answer = { status: 200, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: "pong" };
const JSON_HEADERS = { "Content-Type": "application/json" };
const NOTHING_TO_DO: Answer = { status: 204, headers: {}, body: "" };

/**
 * What became of a delivery, as GitHub shows it under *Recent Deliveries*.
 *
 * @param outcomes how its runs have ended, where that was waited for: a failure is one to GitHub, too.
 */
export function answerFor(
  event: string,
  { delivery, duplicate, replayed, runs }: Acceptance,
  outcomes?: readonly RunOutcome[],
): Answer {
  if (event === "ping" && !duplicate) return PONG;
  if (outcomes) {
    const status = outcomes.some((outcome) => outcome.status === "failed") ? 500 : 200;
    return answerWith(status, { delivery, ...(duplicate ? { duplicate } : {}), runs: outcomes });
  }
  if (duplicate) return answerWith(runs.length > 0 ? 202 : 200, { delivery, duplicate: true, runs });
  if (replayed) return answerWith(202, { delivery, replayed: true, runs });
  return runs.length > 0 ? answerWith(202, { delivery, runs }) : NOTHING_TO_DO;
}

/** What a delivery is answered that nothing was stored of: how the listeners have ended, as far as that is known. */
export function answerOfListeners(
  event: string,
  guid: string,
  ended: "none" | "succeeded" | "failed" | "running",
): Answer {
  if (event === "ping") return PONG;
  if (ended === "none") return NOTHING_TO_DO;
  const status = { succeeded: 200, failed: 500, running: 202 }[ended];
  // Nothing in it has to be escaped.
  const body = `{"delivery":"${guid}","status":"${ended}"}\n`;
  return { status, headers: JSON_HEADERS, body };
}

export function answerOfRefusal(rejection: Rejection): Answer {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (rejection.code === "method_not_allowed") headers.Allow = "POST";
  if (rejection.status === 503) headers["Retry-After"] = RETRY_AFTER_SECONDS;
  return { status: rejection.status, headers, body: rejection.toJson() };
}

function answerWith(status: number, value: object): Answer {
  return { status, headers: JSON_HEADERS, body: `${JSON.stringify(value)}\n` };
}

/**
 * Refuses a request, also one whose body is still on its way. A connection that is closed while the other side is still
 * sending is reset, and the answer is lost with it: so the answer goes out at once, and what is still coming is thrown
 * away for a moment before the connection ends.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, rejection: Rejection): void {
  if (response.headersSent || response.destroyed) return;
  const answer = answerOfRefusal(rejection);
  if (request.complete || !hasBody(request.headers)) return send(response, answer);

  response.writeHead(answer.status, { ...headersOf(answer), Connection: "close" });
  response.write(answer.body);
  linger(request, () => response.end());
}

function linger(request: IncomingMessage, end: () => void): void {
  let bytes = 0;
  const stop = () => {
    clearTimeout(timer);
    request.off("data", count).off("end", stop).off("close", stop);
    end();
  };
  const count = (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > LINGER_BYTES) stop();
  };
  const timer = setTimeout(stop, LINGER_MS);
  request.on("data", count).on("end", stop).on("close", stop);
  request.on("error", () => {});
  request.resume();
}

/** Sends a whole answer. */
export function send(response: ServerResponse, answer: Answer): void {
  const { status, body } = answer;
  if (body === "") return void response.writeHead(status, answer.headers).end();
  // As a text it goes out in one piece with the headers.
  response.writeHead(status, headersOf(answer)).end(body);
}

function headersOf({ headers, body }: Answer): Record<string, string | number> {
  return { ...headers, "Content-Length": Buffer.byteLength(body) };
}
