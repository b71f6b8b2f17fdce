/** What an editor says of a file: the JSON Schemas that the package brings, asked by a validator of others. */
import { Ajv, type ValidateFunction } from "ajv";
import { parseDocument } from "yaml";
import { readText } from "./sources.ts";

const ajv = new Ajv({
  // Values can have several forms, and a keyword that is for one of them says nothing of the others.
  strictTypes: false,
  formats: { uri: (text: string) => URL.canParse(text) },
});
const VALIDATORS = { settings: load("longshore.schema.json"), hook: load("hook.schema.json") };

/** Mistakes that no JSON Schema can find, by what Longshore answers them, and why. */
const BEYOND_A_SCHEMA: [answer: RegExp, why: string][] = [
  [/\(character \d+ of `/, "patterns have a grammar, not a form"],
  [/is no address, no range/, "addresses have a grammar, too"],
  [/there is no source|`source` is missing/, "the sources stand in another file"],
  [/^\d+:\d+: `queue: max` performs all/, "what each key may say would have to be written once more for it"],
  [/is set by signing/, "which headers these are depends on two other keys"],
  [/this is no URL/, "formats are only looked at, not required"],
  [/is less than an hour/, "durations are no numbers to it"],
  [/expected at least 10MiB/, "nor are sizes"],
  [/is shorter than `backoff`/, "durations cannot be compared by their form"],
  [/are the same name$/, "what differs only by its letters' case is two names to a schema"],
  [/needs `trust-proxy`/, "one key cannot ask for another that stands elsewhere"],
  [/has the path \/.*, which is .*'s$/, "what is said twice is said in two places"],
];

/** Whether an editor marks something in a text. What is not YAML it marks without a schema. */
export function isMarked(schema: keyof typeof VALIDATORS, text: string): boolean {
  const document = parseDocument(text, { stringKeys: true });
  if (document.errors.length > 0 || document.warnings.length > 0) return true;
  try {
    return !VALIDATORS[schema](document.toJS() ?? {});
  } catch (error) {
    if (error instanceof ReferenceError) return true; // An alias without an anchor.
    throw error;
  }
}

/** Whether a schema can know of one of these mistakes. */
export function canBeMarked(answers: readonly string[]): boolean {
  return answers.some((answer) => !BEYOND_A_SCHEMA.some(([beyond]) => beyond.test(answer)));
}

function load(file: string): ValidateFunction {
  return ajv.compile(JSON.parse(readText(file)));
}
