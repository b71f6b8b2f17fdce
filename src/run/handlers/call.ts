/** A run of a handler: in a warm process if there is one, else in a new one. */
import type { HandlerCode } from "../../match/hook.ts";
import type { Delivery } from "../../store/deliveries.ts";
import type { Outcome } from "../../store/run-queue.ts";
import type { Account } from "../account.ts";
import type { RunFolder } from "../folder.ts";
import type { Output } from "../masked-output.ts";
import { failed, interrupted } from "../outcome.ts";
import { describeExit, type Handler } from "./handler.ts";
import type { HandlerPool } from "./pool.ts";

export class HandlerCall {
  readonly #pool: HandlerPool;
  readonly #file: string;
  readonly #code: HandlerCode;
  readonly #handler: Handler;
  #isSignalled = false;

  constructor(pool: HandlerPool, file: string, code: HandlerCode, account: Account) {
    this.#pool = pool;
    this.#file = file;
    this.#code = code;
    this.#handler = pool.take(code, account);
  }

  /** To the handler's process and its children. */
  signal(name: NodeJS.Signals): void {
    this.#isSignalled = true;
    this.#handler.signal(name);
  }

  async perform(
    delivery: Delivery,
    folder: RunFolder,
    env: Readonly<Record<string, string>>,
    recorder: Output,
  ): Promise<Outcome> {
    const onOutput = (stream: "stdout" | "stderr", bytes: Uint8Array) =>
      recorder.add(stream, bytes, Date.now());
    const answer = await this.#handler.load(this.#file, this.#code, onOutput);
    if (answer && !("code" in answer)) return failed(`${this.#file} could not be loaded: ${answer.message}`);
    const run = { delivery: shown(delivery), payloadFile: folder.event, env, folder: folder.work };
    const end = await this.#handler.perform(run, folder.path, onOutput);
    if ("isLost" in end && end.isLost) return interrupted("the spawner of its process has ended");
    if (!("status" in end)) return failed(`its process has ended: ${describeExit(end)}`, end);
    if (end.left.length > 0)
      recorder.note(`it has left open: ${end.left.join(", ")}; the next run gets a new process`);
    this.#release();
    return { status: end.status, exitCode: null, signal: null, reason: end.reason };
  }

  #release(): void {
    // A signal on its way would hit the next run.
    if (this.#isSignalled) void this.#handler.end();
    else this.#pool.giveBack(this.#handler, this.#file, this.#code.version);
  }
}

/** What a handler is told of its delivery. */
function shown({ id, guid, source, event, action, repository, ref, sha, sender, receivedAt }: Delivery) {
  return { id, guid, source, event, action, repository, ref, sha, sender, receivedAt };
}
