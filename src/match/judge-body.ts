/**
 * A body becomes verdicts. The receiver, `explain` and whoever looks at a stored delivery all come through here, so that
 * none of them can disagree with another.
 */
import { type ContentType, jsonText, parsePayload } from "./body.ts";
import type { Hook } from "./hook.ts";
import { judge, type Verdict } from "./match.ts";
import { type Facts, readFacts } from "./payload.ts";

/** What is judged: a delivery as it came. */
export interface IncomingBody {
  /** The name of the source that it came to. */
  source: string;
  event: string;
  contentType: ContentType;
  body: Buffer;
}

/** @throws {BodyInvalid} when the body is no JSON object. */
export function judgeBody(
  { source, event, contentType, body }: IncomingBody,
  hooks: readonly Hook[],
): { facts: Facts; verdicts: Verdict[] } {
  const payload = parsePayload(jsonText(contentType, body));
  const facts = readFacts(event, payload);
  return { facts, verdicts: judge({ source, event, payload }, facts, hooks) };
}
