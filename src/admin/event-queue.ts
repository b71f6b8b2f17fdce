/** Events that wait for somebody who reads more slowly than they come. Whoever is too slow starts anew. */

export interface StreamEvent {
  event: string;
  /** What to say as `Last-Event-ID` to go on behind it. */
  id?: string;
  /** JSON. */
  data: string;
}

const MAX_WAITING = 2_000;

export class EventQueue {
  #waiting: StreamEvent[] = [];
  #hasEnded = false;
  #wake?: () => void;

  push(event: StreamEvent): void {
    if (this.#hasEnded) return;
    if (this.#waiting.length >= MAX_WAITING)
      this.#waiting = [{ event: "reset", data: "{}", ...(event.id === undefined ? {} : { id: event.id }) }];
    else this.#waiting.push(event);
    this.#wake?.();
  }

  /** What waits still comes. */
  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** The next one; `end` when there is no more; `undefined` when none came in that time. */
  async next(waitMs: number): Promise<StreamEvent | "end" | undefined> {
    if (this.#waiting.length === 0 && !this.#hasEnded) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, waitMs);
      });
      clearTimeout(timer);
    }
    return this.#waiting.shift() ?? (this.#hasEnded ? "end" : undefined);
  }
}
