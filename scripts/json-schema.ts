/** The schemas of settings and hook files as JSON Schema, and the keys that it has: what the reference pages tell. */
import { z } from "zod";
import { HOOK } from "../src/config/hook-file.ts";
import { SETTINGS } from "../src/config/settings-schema.ts";

/** As much of JSON Schema as is read here. */
export interface JsonSchema {
  description?: string;
  default?: unknown;
  /** Ours, see `about`. Not for editors. */
  whenAbsent?: string;
  type?: string | readonly string[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  [keyword: string]: unknown;
}

const SCHEMAS = { settings: SETTINGS, hook: HOOK };

export type SchemaName = keyof typeof SCHEMAS;

/** What may be written into a file, before defaults are filled in and texts are read. */
export function jsonSchemaOf(name: SchemaName): JsonSchema {
  // No editor's YAML support is too old for draft 7.
  return z.toJSONSchema(SCHEMAS[name], {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
  }) as JsonSchema;
}

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
    ...(inner.items ? keysOf(inner.items, placeholder, `${prefix}${name}[].`) : []),
  ]);
  const named = [schema, ...(schema.anyOf ?? [])]
    .flatMap(({ additionalProperties: values }): JsonSchema[] => (typeof values === "object" ? [values] : []))
    .flatMap((values) => [values, ...(values.anyOf ?? [])])
    .flatMap((values) => keysOf(values, placeholder, `${prefix}${placeholder}.`));
  return [...own, ...named];
}
