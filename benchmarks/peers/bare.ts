/**
 * The floor: `node:http` and an HMAC. Nothing is stored, and nothing is parsed unless it is started with `parse`: no
 * receiver in memory can do with less than that.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secret = process.env.BENCH_SECRET ?? "";
const parses = process.argv[2] === "parse";

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const body = Buffer.concat(pieces);
    const digest = createHmac("sha256", secret).update(body).digest();
    const claimed = Buffer.from(
      String(request.headers["x-hub-signature-256"]).slice("sha256=".length),
      "hex",
    );
    if (parses) JSON.parse(body.toString());
    response
      .writeHead(claimed.length === digest.length && timingSafeEqual(claimed, digest) ? 202 : 403)
      .end();
  });
});
server.listen(Number(process.env.BENCH_PORT), "127.0.0.1", () => console.log("ready"));
process.on("SIGTERM", () => process.exit());
