/**
 * A body becomes verdicts. The receiver, `explain` and whoever looks at a stored delivery all come through here, so that
 * none of them can disagree with another.
 */
import { type ContentType, jsonText, parsePayload } from "./body.ts";
import type { Hook } from "./hook.ts";
import { judge, type Verdict } from "./match.ts";
import { type Facts, readFacts } from "./payload.ts";

/** What is judged: a delivery as it came. */
export interface Subject {
  event: string;
  /** The name of the source that it came to. */
  source: string;
  contentType: ContentType;
  body: Buffer;
}

/** @throws {BodyInvalid} when the body is no JSON object. */
export function judgeBody(
  { event, contentType, body }: Subject,
  hooks: readonly Hook[],
): { facts: Facts; verdicts: Verdict[] } {
  const facts = readFacts(event, parsePayload(jsonText(contentType, body)));
  return { facts, verdicts: judge(event, facts, hooks) };
}
