/** Deliveries that a test sends as slowly as it likes. */
import { connect } from "node:net";
import type { Outgoing } from "./http.ts";

/** The head of a request as it goes over the wire, with the length of its body unless it is chunked. */
export function headOf({ method = "POST", path = "/", headers = {}, body = "" }: Outgoing): string {
  const length = headers["transfer-encoding"] ? {} : { "content-length": Buffer.byteLength(body) };
  const lines = Object.entries({ host: "localhost", connection: "close", ...length, ...headers });
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${path} HTTP/1.1\r\n${text}\r\n`;
}

export interface Upload {
  write(bytes: Uint8Array | string): void;
  /** Says that nothing more will come. */
  end(): void;
  /** Is gone from one moment to the next. */
  abort(): void;
  /** What has come back so far. */
  received(): string;
  /** All that has come back, once the connection is closed. */
  answer: Promise<string>;
}

/** Opens a connection and sends what is given at once; the rest is the caller's. */
export function startUpload(url: string, first: Uint8Array | string): Upload {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const { promise, resolve } = Promise.withResolvers<string>();
  let received = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    received += text;
  });
  socket.on("error", () => {});
  socket.on("close", () => resolve(received));
  socket.write(first);
  return {
    write: (bytes) => void (socket.destroyed || socket.write(bytes)),
    end: () => void socket.end(),
    abort: () => socket.resetAndDestroy(),
    received: () => received,
    answer: promise,
  };
}
