/** Requests exactly as a test wants them, byte for byte, and what came back. */
import { request } from "node:http";
import { connect } from "node:net";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The body read as JSON; `undefined` where it is none. */
  json: unknown;
}

export interface Outgoing {
  method?: string;
  path?: string;
  /** A list sends a header several times. */
  headers?: Record<string, string | string[] | number>;
  body?: Uint8Array | string;
  socketPath?: string;
}

/** Sends one request to `url` over a connection of its own. */
export function fetchRaw(
  url: string,
  { method = "POST", path, headers, body, socketPath }: Outgoing,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, headers, agent: false, socketPath, ...(path && { path }) },
      async (response) => {
        const pieces: Buffer[] = [];
        for await (const piece of response) pieces.push(piece);
        const text = Buffer.concat(pieces).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
      },
    );
    // A server that answers early and closes may break the pipe while we still send; the answer counts.
    let isAnswered = false;
    sent.on("response", () => {
      isAnswered = true;
    });
    sent.on("error", (error) => isAnswered || reject(error));
    sent.end(body);
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
      for await (const piece of pieces) if (!socket.destroyed) socket.write(piece);
    });
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
