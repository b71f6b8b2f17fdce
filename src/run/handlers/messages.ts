/** What a worker and a handler process (`handler-process.ts`) say to each other. */
import type { HandlerCode } from "../../match/hook.ts";
import type { HandlerDelivery } from "./define-hook.ts";

export type ToHandler =
  /** Once, before anything else. Without `code` the file is read from the disk, with it from there. */
  { kind: "load"; file: string; code?: HandlerCode } | { kind: "perform"; run: HandlerRun };

/** One run, as its process is given it. */
export interface HandlerRun {
  delivery: Omit<HandlerDelivery, "receivedAt"> & { receivedAt: number };
  /** The file with the payload as JSON. */
  payloadFile: string;
  env: Readonly<Record<string, string>>;
  /** Where it starts. */
  folder: string;
  /** Printed on both streams behind all that the run has printed. */
  mark: string;
}

export type FromHandler =
  | {
      kind: "loaded";
      data: Record<string, unknown>;
      /** The keys of the definition whose values are functions. */
      functions: string[];
      code: HandlerCode;
    }
  | ({ kind: "refused" } & HandlerRefusal)
  | ({ kind: "ended" } & HandlerEnd);

/** Why a file is no handler. */
export interface HandlerRefusal {
  message: string;
  /** Where the mistake is, as far as Node tells. */
  place?: { file: string; line: number; column: number };
  /** What has been read, the file itself aside: a change of one of them may mend it. */
  imports: string[];
}

/** How a run has ended in a process that lives on. */
export interface HandlerEnd {
  status: "succeeded" | "failed" | "skipped";
  reason: string | null;
  /** Nothing of it is left in the process, which may perform another one. */
  isClean: boolean;
  /** What it has opened and not closed, in Node's words, such as `Timeout`. */
  left: string[];
}
