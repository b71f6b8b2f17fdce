/** A server listens on a port or on a socket file, and says where. */
import { lstatSync, unlinkSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";

/** @throws when the address cannot be listened on. */
export async function startListening(
  server: Server,
  address: { host: string; port: number } | { path: string },
): Promise<void> {
  if ("path" in address) await removeStaleSocket(address.path);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Where it can be reached from this machine: `http://127.0.0.1:8080`, or `unix:PATH`. */
export function urlOf(server: Server): string {
  const address = server.address();
  if (typeof address === "string" || address === null) return `unix:${address}`;
  const host = ["0.0.0.0", "::"].includes(address.address) ? "127.0.0.1" : address.address;
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}

/** A socket file outlives a server that was killed. One that nobody answers on is in the way. */
function removeStaleSocket(path: string): Promise<void> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve();
    });
    probe.once("error", (error: NodeJS.ErrnoException) => {
      // Asking anything but a socket is refused too: a mistyped path must not cost somebody a file.
      if (error.code === "ECONNREFUSED" && lstatSync(path).isSocket()) unlinkSync(path);
      resolve();
    });
  });
}
