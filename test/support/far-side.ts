/** Another service, on this machine, that deliveries are forwarded to: what it was sent, and the hook that sends to it. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Forward } from "../../src/match/hook.ts";
import type { Scope } from "./temporary.ts";

export interface ServedRequest {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export interface Service {
  url: string;
  port: number;
  requests: ServedRequest[];
}

export type Respond = (response: ServerResponse, request: ServedRequest, count: number) => void;

/** @param respond answers a request that is there as a whole; `count` is 1 for the first. */
export function startService(t: Scope, respond: Respond = (response) => response.end()): Promise<Service> {
  const requests: ServedRequest[] = [];
  return listen(t, requests, async (incoming, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece);
    const { method, url: path, headers } = incoming;
    const request = { method, path, headers, body: Buffer.concat(pieces) };
    requests.push(request);
    respond(response, request, requests.length);
  });
}

/** One that is asked before the body is there. */
export function startRawService(t: Scope, listener: RequestListener): Promise<Service> {
  return listen(t, [], listener);
}

async function listen(t: Scope, requests: ServedRequest[], listener: RequestListener): Promise<Service> {
  const server = createServer(listener);
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests };
}

/** What a hook does that forwards, as if its file said no more than the URL. */
export function forwardTo(url: string, changes: Partial<Forward> = {}): Forward {
  return {
    kind: "forward",
    url,
    headers: {},
    sign: "github",
    answerTimeoutMs: 30_000,
    env: {},
    timeoutMs: 60_000,
    ...changes,
  };
}

/** For a hook whose failed attempts are not to be followed by others. */
export const ONCE = { retry: { maxAttempts: 1, backoffMs: 0, maxBackoffMs: 0 } };
