/** The answers to a request, and the care it takes that a refused sender gets to read one. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Acceptance } from "../store/accept.ts";
import { hasBody } from "./body.ts";
import type { RunOutcome } from "./outcomes.ts";
import type { Rejection } from "./rejection.ts";

const RETRY_AFTER_SECONDS = 30;
const LINGER_MS = 2_000;
const LINGER_BYTES = 64 * 1024 ** 2;

/**
 * Tells what became of a delivery, as GitHub shows it under *Recent Deliveries*.
 *
 * @param outcomes how its runs have ended, where that was waited for: a failure is one to GitHub, too.
 */
export function answer(
  response: ServerResponse,
  event: string,
  acceptance: Acceptance,
  outcomes?: readonly RunOutcome[],
): void {
  const { delivery, duplicate, runs } = acceptance;
  if (event === "ping" && !duplicate) return send(response, 200, "pong", "text/plain; charset=utf-8");
  if (outcomes) {
    const status = outcomes.some((outcome) => outcome.status === "failed") ? 500 : 200;
    return send(response, status, json({ delivery, ...(duplicate ? { duplicate } : {}), runs: outcomes }));
  }
  if (duplicate) {
    return send(response, runs.length > 0 ? 202 : 200, json({ delivery, duplicate: true, runs }));
  }
  if (acceptance.replayed) return send(response, 202, json({ delivery, replayed: true, runs }));
  if (runs.length > 0) return send(response, 202, json({ delivery, runs }));
  response.writeHead(204).end();
}

/**
 * Refuses a request, also one whose body is still on its way. A connection that is closed while the other side is still
 * sending is reset, and the answer is lost with it: so the answer goes out at once, and what is still coming is thrown
 * away for a moment before the connection ends.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, rejection: Rejection): void {
  if (response.headersSent || response.destroyed) return;
  if (rejection.code === "method_not_allowed") response.setHeader("Allow", "POST");
  if (rejection.status === 503) response.setHeader("Retry-After", RETRY_AFTER_SECONDS);
  if (request.complete || !hasBody(request)) return send(response, rejection.status, rejection.toJson());

  const body = Buffer.from(rejection.toJson());
  response.writeHead(rejection.status, { ...headersFor(body), Connection: "close" });
  response.write(body);
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

export function send(response: ServerResponse, status: number, text: string, type?: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, headersFor(body, type)).end(body);
}

function headersFor(body: Buffer, type = "application/json"): Record<string, string | number> {
  return { "Content-Type": type, "Content-Length": body.length };
}

function json(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
