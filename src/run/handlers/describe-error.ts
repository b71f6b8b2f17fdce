/** What somebody's code threw, in a line. It can be anything, also something that throws when it is looked at. */
import { inspect, types } from "node:util";

const MAX_LENGTH = 500;

export function describeError(thrown: unknown): string {
  try {
    const text = types.isNativeError(thrown)
      ? `${thrown.name}: ${thrown.message}`
      : `it threw ${inspect(thrown)}`;
    const line = text.split("\n", 1)[0] ?? "";
    return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
  } catch {
    return "it threw something that cannot be shown";
  }
}

/** With its stack and its causes. */
export function showError(thrown: unknown): string {
  try {
    return inspect(thrown);
  } catch {
    return "something that cannot be shown";
  }
}
