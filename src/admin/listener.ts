/** The admin's own listener: an HTTP server that knows the application, and nothing of the receiver. */
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Listen } from "../config/settings-parts.ts";
import { startListening, urlOf } from "../lib/listening.ts";

const REQUEST_TIMEOUT_MS = 30_000;

export interface AdminListener {
  /** Where it can be reached: `http://127.0.0.1:8081`, or `unix:PATH`. */
  url: string;
  /** Ends the streams that are open, too. */
  close(): Promise<void>;
}

/** @throws when the address cannot be listened on. */
export async function listen(
  address: Listen,
  fetch: Parameters<typeof getRequestListener>[0],
): Promise<AdminListener> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    getRequestListener(fetch, { overrideGlobalObjects: false }),
  );
  await startListening(server, address);
  return {
    url: urlOf(server),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
