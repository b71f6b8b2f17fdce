/** One request to another service, and as much of its answer as is kept. No redirects, no second try. */
import { type ClientRequest, type IncomingMessage, request as newRequest } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { formatDuration } from "../../lib/quantity.ts";
import { type ConnectOptions, connect } from "./connect.ts";

export interface Message {
  /** By their names; without those that belong to the connection. */
  headers: Readonly<Record<string, string | string[]>>;
  body: Uint8Array;
}

export interface Reply {
  status: number;
  /** Names and values in turns, as they came. */
  rawHeaders: readonly string[];
  body: Uint8Array;
  /** Why the body is not all there; absent: it is. */
  cut?: string;
}

export interface PostOptions {
  connection: Omit<ConnectOptions, "signal">;
  /** How long the other side may take nothing and, once it has all, to answer, in milliseconds. */
  answerTimeoutMs: number;
  signal: AbortSignal;
  /** Is given each piece of the answer's body, then nothing; what it returns is kept. */
  mask: { add(bytes: Uint8Array): Uint8Array; end(): Uint8Array };
  /** How much of the answer's body is kept. */
  maxBodyBytes: number;
}

/** There is no answer, or only half of its head. The message says why, for people. */
export class NoReply extends Error {
  override name = "NoReply";
}

const PIECE_BYTES = 64 * 1024;

/**
 * Sends and waits for the answer.
 *
 * @throws {AddressDenied | ConnectFailure | NoReply}
 */
export async function post(url: URL, message: Message, options: PostOptions): Promise<Reply> {
  const socket = await connect(url, { ...options.connection, signal: options.signal });
  const deadline = new Deadline(socket, options);
  try {
    const response = await exchange(url, message, socket, deadline);
    return { ...headOf(response), ...(await readBody(response, options, deadline)) };
  } finally {
    deadline.end();
    socket.destroy();
  }
}

async function exchange(
  url: URL,
  message: Message,
  socket: Socket,
  deadline: Deadline,
): Promise<IncomingMessage> {
  const request = newRequest({
    method: "POST",
    path: `${url.pathname}${url.search}`,
    headers: { ...message.headers, host: url.host, "content-length": message.body.length },
    createConnection: () => socket,
  });
  const answered = Promise.withResolvers<IncomingMessage>();
  request.on("response", answered.resolve);
  request.on("error", answered.reject);
  request.on("finish", () => deadline.begin());
  send(request, message.body);
  try {
    const response = await answered.promise;
    deadline.begin();
    return response;
  } catch (error) {
    throw new NoReply(deadline.passed ?? `the connection was lost: ${(error as Error).message}`);
  }
}

/** In pieces, so that neither TLS nor the kernel is given 25 MiB at once. Who has answered early need not take it all. */
function send(request: ClientRequest, body: Uint8Array): void {
  pipeline(Readable.from(piecesOf(body), { objectMode: false }), request).catch(() => {});
}

function* piecesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < body.length; start += PIECE_BYTES)
    yield body.subarray(start, start + PIECE_BYTES);
}

function headOf({
  statusCode: status = 0,
  rawHeaders,
}: IncomingMessage): Pick<Reply, "status" | "rawHeaders"> {
  return { status, rawHeaders };
}

/** No more than is kept is read. That the rest is lost does not change what the status has said. */
async function readBody(
  response: IncomingMessage,
  { mask, maxBodyBytes }: PostOptions,
  deadline: Deadline,
): Promise<Pick<Reply, "body" | "cut">> {
  const kept: Uint8Array[] = [];
  const whole = () => Buffer.concat(kept).subarray(0, maxBodyBytes);
  let size = 0;
  const keep = (bytes: Uint8Array) => {
    kept.push(bytes);
    size += bytes.length;
    return size <= maxBodyBytes;
  };
  try {
    // Copied, because a piece of the connection's buffer would keep all of it.
    for await (const piece of response)
      if (!keep(Uint8Array.from(mask.add(piece)))) return { body: whole(), cut: "it is larger" };
  } catch {
    // What is held back might be half a secret.
    return { body: whole(), cut: deadline.passed ?? "the connection was lost" };
  }
  return keep(mask.end()) ? { body: whole() } : { body: whole(), cut: "it is larger" };
}

/** Cuts the connection when the worker wants it, when the other side takes nothing, or does not answer in time. */
class Deadline {
  /** Why it has cut the connection. */
  passed: string | undefined;
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #stop = () => this.#cut("it was stopped");
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, { answerTimeoutMs, signal }: PostOptions) {
    this.#socket = socket;
    this.#timeoutMs = answerTimeoutMs;
    this.#signal = signal;
    socket.setTimeout(answerTimeoutMs, () =>
      this.#cut(`nothing moved for ${formatDuration(answerTimeoutMs)}`),
    );
    signal.addEventListener("abort", this.#stop, { once: true });
    if (signal.aborted) this.#stop();
  }

  /** From here on time counts: all is sent, or the answer has begun. */
  begin(): void {
    this.#socket.setTimeout(0);
    const late = `no answer within ${formatDuration(this.#timeoutMs)}`;
    this.#timer ??= setTimeout(() => this.#cut(late), this.#timeoutMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#stop);
  }

  #cut(why: string): void {
    this.passed ??= why;
    this.#socket.destroy();
  }
}
