/** The schemas of settings and hook files as JSON Schema, for editors and for the reference pages. */
import { z } from "zod";
import { HOOK } from "../src/config/hook-file.ts";
import { SETTINGS } from "../src/config/settings-schema.ts";

/** As much of JSON Schema as zod writes and the reference reads. */
export interface JsonSchema {
  description?: string;
  default?: unknown;
  /** Ours, see `about`. Not for editors. */
  whenAbsent?: string;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
}

const SCHEMAS = { settings: SETTINGS, hook: HOOK };

/** What may be written into a file, before defaults are filled in and texts are read. */
export function jsonSchemaOf(name: keyof typeof SCHEMAS): JsonSchema {
  return z.toJSONSchema(SCHEMAS[name], {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
  }) as JsonSchema;
}

/** The same as an editor can use it: without what is ours, and without links that lead nowhere from there. */
export function editorSchemaOf(name: keyof typeof SCHEMAS): JsonSchema {
  return JSON.parse(JSON.stringify(jsonSchemaOf(name)), (key, value: unknown) => {
    if (key === "whenAbsent") return undefined;
    return key === "description" && typeof value === "string" ? value.replace(LINK, "$1") : value;
  });
}

const LINK = /\[([^\]]+)\]\([^)]+\)/g;

/** One key of a schema: a row of the reference. */
export interface SchemaKey {
  /** With the maps that it stands in: `github.api-url`, `sources.<name>.path`. */
  key: string;
  schema: JsonSchema;
  isRequired: boolean;
}

/**
 * Every key that has a value of its own, in the order of the schema.
 *
 * @param placeholder stands for the names of a map whose keys the owner chooses.
 */
export function keysOf(schema: JsonSchema, placeholder: string, prefix = ""): SchemaKey[] {
  const isRequired = (name: string) => schema.required?.includes(name) ?? false;
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
    ...(inner.properties ? [] : [{ key: prefix + name, schema: inner, isRequired: isRequired(name) }]),
    ...keysOf(inner, placeholder, `${prefix}${name}.`),
  ]);
  const named = [schema, ...(schema.anyOf ?? [])]
    .flatMap(({ additionalProperties: values }) => (typeof values === "object" ? values : []))
    .flatMap((values) => [values, ...(values.anyOf ?? [])])
    .flatMap((values) => keysOf(values, placeholder, `${prefix}${placeholder}.`));
  return [...own, ...named];
}
