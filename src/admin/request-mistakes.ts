/** What is wrong with a request, in plain words: what the shapes of its parts find, and what Hono does. */
import { z } from "@hono/zod-openapi";
import type { HTTPException } from "hono/http-exception";
import { didYouMean } from "../lib/suggest.ts";
import { ApiError } from "./api-error.ts";

type Issue = z.core.$ZodIssue;

const NOUNS: Record<string, string> = {
  ...{ string: "a text", number: "a number", int: "a whole number", nan: "a number" },
  ...{ boolean: "true or false", array: "a list", object: "an object", record: "an object" },
};

/** The parameters of a route's query; others are refused, with the name that was most likely meant. */
export function queryOf<T extends z.core.$ZodLooseShape>(shape: T) {
  const names = Object.keys(shape);
  return z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === "unrecognized_keys" && Array.isArray(keys)
        ? keys.map((key) => `There is no parameter \`${key}\`.${suggestion(key, names)}`).join(" ")
        : undefined,
  });
}

/** @returns one sentence for each mistake. */
export function mistakeSentences(issues: readonly Issue[]): string {
  return issues.map(sentenceOf).join(" ");
}

/** By the exception's status: what Hono refuses before a route has seen it. */
export function ofHttpException({ status, message }: HTTPException): ApiError {
  if (status === 415)
    return new ApiError(
      "wrong_content_type",
      "Send the body as JSON, and say so: `Content-Type: application/json`.",
    );
  if (status === 400) return new ApiError("invalid", "The body is not valid JSON.");
  return ApiError.ofStatus(status, message);
}

function suggestion(key: string, names: readonly string[]): string {
  return didYouMean(key, names) || (names.length === 0 ? "" : ` There are: ${names.join(", ")}.`);
}

function sentenceOf(issue: Issue): string {
  const name = issue.path.length === 0 ? "The body" : `\`${issue.path.join(".")}\``;
  if (issue.code === "invalid_type")
    return issue.message.endsWith("received undefined")
      ? `${name} is missing.`
      : `${name} must be ${NOUNS[issue.expected] ?? issue.expected}.`;
  if (issue.code === "invalid_value") return `${name} must be ${issue.values.map(String).join(" or ")}.`;
  if (issue.code === "too_small") return `${name} ${sizeMistake(issue.origin, "at least", issue.minimum)}.`;
  if (issue.code === "too_big") return `${name} ${sizeMistake(issue.origin, "at most", issue.maximum)}.`;
  const text = issue.message;
  if (issue.code === "unrecognized_keys") return text;
  return issue.path.length === 0 ? `${text}.` : `${name}: ${text}.`;
}

function sizeMistake(origin: string, bound: string, limit: number | bigint): string {
  if (origin === "string" && bound === "at least" && Number(limit) === 1) return "is empty";
  if (origin === "string") return `must have ${bound} ${limit} characters`;
  if (origin === "array") return `must have ${bound} ${limit} entries`;
  return `must be ${bound} ${limit}`;
}
