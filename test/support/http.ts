/** Requests exactly as a test wants them, byte for byte, and what came back. */
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The body read as JSON; `undefined` where it is none. */
  json: unknown;
  /** Whether `100 Continue` came before it. */
  continued: boolean;
}

export interface Outgoing {
  method?: string;
  path?: string;
  /** A list sends a header several times. */
  headers?: Record<string, string | string[] | number>;
  body?: Uint8Array | string;
  socketPath?: string;
}

/** Sends one request to `url` over a connection of its own. With `expect: 100-continue` the body waits for that. */
export function fetchRaw(url: string, outgoing: Outgoing): Promise<Answer> {
  return exchange(url, outgoing, (sent) => {
    if (outgoing.headers?.expect === undefined) sent.end(outgoing.body);
    else sent.on("continue", () => sent.end(outgoing.body));
  });
}

/** Sends a head and never a byte of the body, so that only somebody who does not wait for the body can answer. */
export function fetchWithoutBody(url: string, outgoing: Outgoing): Promise<Answer> {
  return exchange(url, outgoing, (sent) => sent.flushHeaders());
}

function exchange(
  url: string,
  { method = "POST", path, headers, socketPath }: Outgoing,
  send: (sent: ClientRequest) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let continued = false;
    let isAnswered = false;
    const sent = request(url, { method, headers, agent: false, socketPath, ...(path && { path }) });
    sent.on("continue", () => {
      continued = true;
    });
    sent.on("response", (response) => {
      isAnswered = true;
      resolve(readAnswer(response, continued).finally(() => sent.destroy()));
    });
    // A server that answers early and closes may break the pipe while we still send; the answer counts.
    sent.on("error", (error) => isAnswered || reject(error));
    send(sent);
  });
}

/** Writes these bytes to a connection, piece by piece, and returns all that comes back until it is closed. */
export function talk(
  url: string,
  pieces: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = "";
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      received += text;
    });
    socket.on("close", () => resolve(received));
    socket.on("error", (error) => (received === "" ? reject(error) : resolve(received)));
    socket.on("connect", async () => {
      for await (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(piece);
      }
    });
  });
}

async function readAnswer(response: IncomingMessage, continued: boolean): Promise<Answer> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  const { statusCode: status = 0, headers } = response;
  return { status, headers, text, json: parse(text), continued };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
