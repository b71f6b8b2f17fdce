/**
 * Spans, for whoever brings an OpenTelemetry SDK (`node --import`). Without one nothing of this costs more than a question.
 *
 * What belongs to one thing belongs to one trace, on whatever thread, node or day it happens: the trace's number is made of
 * the thing's own name, so nothing has to be handed along.
 */
import { hash } from "node:crypto";
import {
  type Attributes,
  type Context,
  context,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";

/** Something that is under way. */
export interface Span {
  /** Does a part of it, as a span of its own. */
  within<T>(name: string, action: () => Promise<T>): Promise<T>;
  end(attributes?: Attributes): void;
  /** It did not succeed. */
  fail(message: string): void;
}

const NAME = "longshore";

const NOTHING: Span = { within: (_, action) => action(), end() {}, fail() {} };

/** Whether somebody wants to see spans. An SDK is there before anything else is. */
let isOn: boolean | undefined;

/**
 * Begins a span of the trace of `subject`.
 *
 * @param subject names the thing, such as a delivery; equal for all that is to be seen together.
 * @param startedAt epoch milliseconds, where it has begun already.
 */
export function startSpan(name: string, subject: readonly (string | number)[], startedAt?: number): Span {
  isOn ??= isSdkThere();
  if (!isOn) return NOTHING;
  const parent = trace.setSpanContext(context.active(), ancestorOf(subject));
  return begin(name, parent, startedAt);
}

function begin(name: string, parent: Context, startTime?: number): Span {
  const span = trace.getTracer(NAME).startSpan(name, startTime === undefined ? {} : { startTime }, parent);
  const here = trace.setSpan(parent, span);
  const fail = (message: string) => {
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  };
  return {
    async within(part, action) {
      const child = begin(part, here);
      try {
        return await context.with(here, action);
      } catch (error) {
        child.fail((error as Error).message);
        throw error;
      } finally {
        child.end();
      }
    },
    end(attributes = {}) {
      span.setAttributes(attributes).end();
    },
    fail,
  };
}

/** A span that nobody has made: what all spans of one subject have in common. */
function ancestorOf(subject: readonly (string | number)[]) {
  const digest = hash("sha256", JSON.stringify(subject));
  const traceId = digest.slice(0, 32);
  return { traceId, spanId: digest.slice(32, 48), traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

/** Without an SDK the spans that are made have no number. */
function isSdkThere(): boolean {
  // It is never ended, so nobody gets to see it.
  const span = trace.getTracer(NAME).startSpan("is anybody there");
  return trace.isSpanContextValid(span.spanContext());
}
