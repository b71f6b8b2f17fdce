/** GitHub's sample payloads, from `@octokit/webhooks-examples`: captures of real deliveries, 1 to 27 KB each. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Sample {
  event: string;
  payload: Record<string, unknown>;
}

interface EventExamples {
  name: string;
  examples: Record<string, unknown>[];
}

let samples: readonly Sample[] | undefined;

/** All samples. They are read when somebody asks for the first time, because they are 4 MB. */
export function loadSamples(): readonly Sample[] {
  samples ??= readSamples();
  return samples;
}

/** The sample of an event (and action) that people think of: of pushes, one of a branch. */
export function findSample(event: string, action?: string): Sample | undefined {
  return loadSamples()
    .filter((sample) => sample.event === event)
    .filter(({ payload: { action: its } }) => action === undefined || its === action)
    .sort((a, b) => Number(isOfTag(a.payload)) - Number(isOfTag(b.payload)))[0];
}

function isOfTag({ ref, deleted }: Sample["payload"]): boolean {
  return deleted === true || (typeof ref === "string" && ref.startsWith("refs/tags/"));
}

function readSamples(): Sample[] {
  const path = fileURLToPath(import.meta.resolve("@octokit/webhooks-examples"));
  const events: EventExamples[] = JSON.parse(readFileSync(path, "utf8"));
  return events.flatMap(({ name, examples }) => examples.map((payload) => ({ event: name, payload })));
}
