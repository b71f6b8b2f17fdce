/** A receiver of the library in somebody's app, for tests of what it answers and calls. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createReceiver,
  type ListenerDelivery,
  type ListenerRun,
  type Receiver,
  type ReceiverOptions,
} from "../../src/index.ts";
import type { Refused } from "../../src/library/options.ts";
import { type DeliveryOptions, delivery, SECRET } from "./github.ts";
import { type Answer, fetchRaw, type Outgoing } from "./http.ts";
import type { Scope } from "./temporary.ts";
import { until } from "./until.ts";

export interface Mounted {
  url: string;
  receiver: Receiver;
  /** What went wrong on this side. */
  errors: unknown[];
  refused: Refused[];
  /** Sends to the app over HTTP; a delivery unless it is said whole. */
  send(what?: DeliveryOptions | Outgoing): Promise<Answer>;
  /** Hands the same to `receiver.fetch`, as if from `address`. */
  fetch(what?: DeliveryOptions | Outgoing, address?: string): Promise<Answer>;
}

/** What every listener is given, whatever it listens to. */
type Heard = { event: string; payload: object; delivery: ListenerDelivery; run?: ListenerRun };

type App = (receiver: Receiver) => (request: IncomingMessage, response: ServerResponse) => unknown;

/** Nobody is asked for addresses here: the list that comes with Longshore counts. */
const NO_API = "http://127.0.0.1:9";

/** @param app what stands around the receiver; without it, the app is nothing else. */
export async function mount(
  t: Scope,
  options: Partial<ReceiverOptions> = {},
  app: App = ({ node }) => node,
): Promise<Mounted> {
  const errors: unknown[] = [];
  const refused: Refused[] = [];
  const receiver = createReceiver({
    secrets: SECRET,
    allowFrom: ["140.82.112.0/20", "loopback"],
    githubApiUrl: NO_API,
    onError: (error) => errors.push(error),
    onRefused: (one) => refused.push(one),
    ...options,
  });
  const server = createServer(app(receiver));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await receiver.close();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  return {
    url,
    receiver,
    errors,
    refused,
    send: (what = {}) => fetchRaw(url, asOutgoing(what)),
    fetch: async (what = {}, from = "127.0.0.1") => {
      const { method, headers, body } = asOutgoing(what);
      const isWithBody = method !== "GET" && method !== "HEAD";
      const request = new Request(`${url}/github`, {
        method: method ?? "POST",
        headers: Object.entries(headers ?? {}).flatMap(([name, value]) =>
          [value].flat().map((one): [string, string] => [name, String(one)]),
        ),
        ...(isWithBody && body !== undefined ? { body: Buffer.from(body) } : {}),
      });
      return toAnswer(await receiver.fetch(request, { address: from }));
    },
  };
}

/** The same with a store, asked again while that is not open yet: on a busy machine it may take longer than GitHub waits. */
export async function mountStored(
  t: Scope,
  store: string,
  options: Partial<ReceiverOptions> = {},
): Promise<Mounted> {
  const mounted = await mount(t, { store, minFreeDisk: 0, ...options });
  const send = (what: DeliveryOptions | Outgoing = {}) => {
    const outgoing = asOutgoing(what);
    return until("the store is open", async () => {
      const answer = await mounted.send(outgoing);
      return !answer.text.includes("the store is not open") && answer;
    });
  };
  return { ...mounted, send };
}

/** A listener that keeps what it is called with. */
export function recorder(): { inputs: Heard[]; listen: (input: Heard) => void } {
  const inputs: Heard[] = [];
  return { inputs, listen: (input) => void inputs.push(input) };
}

export async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text,
    json,
    continued: false,
  };
}

function asOutgoing(what: DeliveryOptions | Outgoing): Outgoing {
  return "method" in what ? (what as Outgoing) : delivery(what as DeliveryOptions);
}
