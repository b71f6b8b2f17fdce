/**
 * The public listener: an HTTP server that knows the receiver, `GET /healthz`, and nothing else. It never redirects,
 * because GitHub does not follow.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Listen } from "../config/settings-parts.ts";
import { startListening, urlOf } from "../lib/listening.ts";
import { type Answer, answerOfRefusal, send } from "./answer.ts";
import { Receiver, type ReceiverParts } from "./receiver.ts";
import { Rejection } from "./rejection.ts";

const HEALTH_PATH = "/healthz";
const HEALTHY: Answer = {
  status: 200,
  headers: { "Content-Type": "text/plain; charset=utf-8" },
  body: "ok\n",
};

/** For the headers and the body together. */
const REQUEST_TIMEOUT_MS = 10_000;
const CHECK_TIMEOUTS_EVERY_MS = 1_000;
/** How long a sender that could not be understood has to read why. */
const LINGER_MS = 2_000;

/**
 * The newest answer on each connection; those before it are sent before it. A set of all that are under way, filled and
 * emptied without end, would leave a chain of old tables behind, by which the garbage collector keeps every answer.
 */
type Newest = Map<Socket, ServerResponse>;

export interface PublicListener {
  /** Where it can be reached: `http://127.0.0.1:8080`, or `unix:PATH`. */
  url: string;
  /** Takes no new requests, and returns when those under way are answered. */
  close(): Promise<void>;
}

/** @throws when the address cannot be listened on. */
export async function listen(
  address: Listen,
  parts: Omit<ReceiverParts, "beforeBody" | "bodyTimeoutMs">,
  requestTimeoutMs = REQUEST_TIMEOUT_MS,
): Promise<PublicListener> {
  const awaitingContinue = new WeakSet<IncomingMessage>();
  const newest: Newest = new Map();
  const receiver = new Receiver({
    ...parts,
    bodyTimeoutMs: requestTimeoutMs,
    beforeBody: (request, response) => {
      if (awaitingContinue.has(request)) response.writeContinue();
    },
  });
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    newest.set(request.socket, response);
    if (request.url?.split("?", 1)[0] === HEALTH_PATH) answerHealth(request, response);
    else void receiver.handle(request, response);
  };
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: CHECK_TIMEOUTS_EVERY_MS,
    },
    handle,
  );
  server.on("connection", (socket) => socket.once("close", () => newest.delete(socket)));
  // A sender that asks first hears no before it has sent 25 MiB for nothing.
  server.on("checkContinue", (request, response) => {
    awaitingContinue.add(request);
    handle(request, response);
  });
  server.on("clientError", (error, socket: Socket) => {
    // One that is refused already, and goes on all the same, has its answer.
    const response = newest.get(socket);
    if (response?.socket === socket && response.headersSent) socket.end();
    else answerBrokenRequest(error, socket);
  });
  await startListening(server, address);
  return { url: urlOf(server), close: () => stop(server, newest) };
}

function answerHealth(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === "GET" || request.method === "HEAD") return send(response, HEALTHY);
  const refusal = answerOfRefusal(new Rejection("method_not_allowed", "the health check is asked by GET"));
  send(response, { ...refusal, headers: { ...refusal.headers, Allow: "GET" } });
}

/** What is no HTTP, or did not come in time, never becomes a request; it still gets an answer. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const [status, rejection] = explain(error);
  const body = rejection.toJson();
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // Whoever is too slow to ask may never hang up either.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function explain({ code }: NodeJS.ErrnoException): [status: string, rejection: Rejection] {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return ["408 Request Timeout", new Rejection("body_timeout", "the request was not there in time")];
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return [
      "431 Request Header Fields Too Large",
      new Rejection("header_invalid", "the headers are larger than 16 KiB"),
    ];
  }
  return ["400 Bad Request", new Rejection("header_invalid", "this is not a valid HTTP request")];
}

/** Node looks for slow requests no more once it closes, so half a request could hold up the end for ever. */
async function stop(server: Server, newest: Newest): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const underWay = [...newest.values()].filter((response) => !response.closed);
  await Promise.all(underWay.map((response) => new Promise((resolve) => response.once("close", resolve))));
  server.closeAllConnections();
  await closed;
}
