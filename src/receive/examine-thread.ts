/** The thread behind `examine.ts`: examines, hashes and packs one large body after the other. */
import { hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { BodyInvalid } from "../match/body.ts";
import type { Hook } from "../match/hook.ts";
import { type Dictionary, pack } from "../store/packing.ts";
import { examine, type FromExaminer, type ToExaminer } from "./examine.ts";

const dictionary = workerData as Dictionary;
let hooks: readonly Hook[] = [];

parentPort?.on("message", (message: ToExaminer) => {
  if ("hooks" in message) hooks = message.hooks;
  else parentPort?.postMessage(answer(message));
});

function answer({ id, body, bytes }: Exclude<ToExaminer, { hooks: unknown }>): FromExaminer {
  try {
    const examined = examine(
      body,
      body.contentType,
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      hooks,
    );
    const packed = pack(dictionary, [{ headers: body.headers, body: bytes }]);
    return { id, examined, contents: { pack: packed, digest: hash("sha256", bytes, "buffer") } };
  } catch (error) {
    if (error instanceof BodyInvalid) return { id, invalid: error.message };
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}
