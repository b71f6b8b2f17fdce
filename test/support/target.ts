/** A server that takes whatever is sent to it, for tests of what is sent. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Received {
  method: string | undefined;
  path: string | undefined;
  /** In the order and spelling in which they came. */
  headers: Record<string, string>;
  body: string;
}

export interface Target {
  url: string;
  received: Received[];
}

/** @param status what it answers. */
export async function startTarget(t: TestContext, status = 202): Promise<Target> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece;
    const headers: Record<string, string> = {};
    for (let i = 0; i < request.rawHeaders.length; i += 2)
      headers[request.rawHeaders[i] ?? ""] = request.rawHeaders[i + 1] ?? "";
    received.push({ method: request.method, path: request.url, headers, body });
    response.writeHead(status, { "content-type": "application/json" }).end('{"runs":[]}');
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}
