/** GitHub's `/meta`, played by a real server, and lists of addresses that ask it. */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { AddressList, type AddressListOptions } from "../../src/github/addresses.ts";
import { type Scope, temporaryFolder } from "./temporary.ts";

export const ETAG = 'W/"1"';
/** Ranges that the snapshot does not have. */
export const NEW_RANGES = ["203.0.113.0/24", "2001:db8::/32"];

export interface TestMeta {
  apiUrl: string;
  file: string;
  /** All requests so far. */
  requests: IncomingMessage[];
  /** What was logged, such as `warn: …`. */
  log: string[];
  /** Changes what the server answers. */
  answer(listener: RequestListener): void;
  list(changes?: Partial<AddressListOptions>): AddressList;
}

/** A server that plays GitHub's API, and lists that ask it. Without an answer it says what GitHub would. */
export async function startMeta(t: Scope): Promise<TestMeta> {
  const requests: IncomingMessage[] = [];
  let listener: RequestListener = meta({ hooks: NEW_RANGES }, ETAG);
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = join(temporaryFolder(t), "github-addresses.json");
  const log: string[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void log.push(`${level}: ${message} ${Object.values(fields).join()}`);
  return {
    apiUrl,
    file,
    requests,
    log,
    answer: (other) => {
      listener = other;
    },
    list(changes) {
      const list = new AddressList({
        apiUrl,
        file,
        log: { info: write("info"), warn: write("warn") },
        ...changes,
      });
      t.after(() => list.stop());
      return list;
    },
  };
}

/** Answers with this body, or with 304 to whoever has it. */
export function meta(body: unknown, etag?: string): RequestListener {
  return (request, response) => {
    if (etag && request.headers["if-none-match"] === etag) return response.writeHead(304).end();
    response.writeHead(200, { "content-type": "application/json", ...(etag && { etag }) });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}
