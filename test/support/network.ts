/** A network between a program and a server that can be cut: then nothing arrives any more, and nobody is told. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";
import type { Scope } from "./temporary.ts";

export interface Network {
  port: number;
  cut(): void;
  mend(): void;
}

/** @param change what comes back from the server. */
export async function networkTo(
  t: Scope,
  port: number,
  change: () => Transform = () => new Transform({ transform: (bytes, _, done) => done(null, bytes) }),
): Promise<Network> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const pass = () => new Transform({ transform: (bytes, _, done) => (isCut ? done() : done(null, bytes)) });
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        if (isCut) return; // Nor does anybody hear that the other side has hung up.
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(pass()).pipe(far);
    far.pipe(pass()).pipe(change()).pipe(near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as { port: number }).port,
    cut() {
      isCut = true;
    },
    mend() {
      isCut = false;
      // What was cut is not whole any more.
      for (const socket of sockets) socket.destroy();
    },
  };
}
