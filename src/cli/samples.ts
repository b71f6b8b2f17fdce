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

function readSamples(): Sample[] {
  const path = fileURLToPath(import.meta.resolve("@octokit/webhooks-examples"));
  const events: EventExamples[] = JSON.parse(readFileSync(path, "utf8"));
  return events.flatMap(({ name, examples }) => examples.map((payload) => ({ event: name, payload })));
}
