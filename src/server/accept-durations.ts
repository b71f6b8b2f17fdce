/**
 * How long requests took from their head to their answer. Node's own channels tell it, so the receiver knows nothing of it:
 * https://nodejs.org/api/diagnostics_channel.html#http
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";

const START = "http.server.request.start";
const FINISH = "http.server.response.finish";
/** Within one beat; what is more is left out. */
const MAX_KEPT = 10_000;

export class AcceptDurations {
  readonly #startedAt = new WeakMap<object, number>();
  #durations: number[] = [];

  /** @param isOn whether there is anything to be measured on this thread. */
  constructor(isOn: boolean) {
    if (!isOn) return;
    subscribe(START, this.#onStart);
    subscribe(FINISH, this.#onFinish);
  }

  /** Those since it was asked last, in milliseconds. */
  take(): readonly number[] {
    const durations = this.#durations;
    this.#durations = [];
    return durations;
  }

  stop(): void {
    unsubscribe(START, this.#onStart);
    unsubscribe(FINISH, this.#onFinish);
  }

  readonly #onStart = (message: unknown) => {
    const { response } = message as { response: object };
    this.#startedAt.set(response, performance.now());
  };

  readonly #onFinish = (message: unknown) => {
    const { request, response } = message as {
      request: { method?: string };
      response: { statusCode: number };
    };
    const startedAt = this.#startedAt.get(response);
    // Refusals are quick, and would make accepts look so.
    const isAccepted = request.method === "POST" && [200, 202, 204].includes(response.statusCode);
    if (startedAt === undefined || !isAccepted) return;
    if (this.#durations.length < MAX_KEPT) this.#durations.push(performance.now() - startedAt);
  };
}
