/**
 * The JSON Schemas that editors use. That of hook files knows every event by name, with the filters and types that go
 * with it. Unknown ones stay allowed, because GitHub adds some every year: they are suggestions, no rule.
 */
import { EXCLUSIVE, placesOf, SUBSTITUTES } from "../src/config/trigger-remarks.ts";
import { defaultTypesOf, EVENT_NAMES, typesOf, webhookOf } from "../src/match/events.ts";
import { type JsonSchema, jsonSchemaOf, type SchemaName } from "./json-schema.ts";

const DOCUMENTS = "https://docs.github.com/webhooks/webhook-events-and-payloads";

/** What `on` can name and GitHub sends. */
const EVENTS = EVENT_NAMES.filter((name) => webhookOf(name) !== null && !SUBSTITUTES.has(name));

export function editorSchemaOf(name: SchemaName): JsonSchema {
  const schema = jsonSchemaOf(name);
  return forEditors({
    $comment: "Written by scripts/build-reference.ts.",
    ...(name === "hook" ? withEvents(schema) : schema),
  });
}

/** Without what is ours, and without links that lead nowhere from there. */
function forEditors(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (key === "whenAbsent") return undefined;
    return key === "description" && typeof value === "string" ? value.replace(LINK, "$1") : value;
  });
}

const LINK = /\[([^\]]+)\]\([^)]+\)/g;

function withEvents(hook: JsonSchema): JsonSchema {
  const { on = {}, ...others } = hook.properties ?? {};
  const map = form(on, "object");
  const filters = form(map.additionalProperties, "object").properties ?? {};
  const name = { ...form(on, "string"), not: { enum: [...SUBSTITUTES.keys()] } };

  const events = EVENTS.map((event) => [event, eventSchema(event, filters)] as const);
  const anyEvent = filterMap(Object.fromEntries(Object.keys(filters).map((key) => [key, ref(key)])));
  const forms = [
    ref("event"),
    { ...form(on, "array"), items: ref("event") },
    { ...map, propertyNames: name, properties: Object.fromEntries(events), additionalProperties: anyEvent },
  ];
  return {
    ...hook,
    properties: { on: { ...on, anyOf: forms }, ...others },
    definitions: { event: suggesting(EVENTS, name), ...filters },
  };
}

function eventSchema(event: string, filters: Record<string, JsonSchema>): JsonSchema {
  const own = Object.entries(filters)
    .filter(([key]) => placesOf(key).includes(event))
    .map(([key, schema]) => [key, key === "types" ? typesSchema(event, schema) : ref(key)] as const);
  const description = `${DOCUMENTS}#${webhookOf(event)}`;
  return { description, ...filterMap(Object.fromEntries(own)) };
}

function filterMap(filters: Record<string, JsonSchema>): JsonSchema {
  const exclusive = EXCLUSIVE.filter((kind) => kind in filters);
  return {
    type: ["object", "null"],
    properties: filters,
    additionalProperties: false,
    dependencies: Object.fromEntries(
      exclusive.map((kind) => [kind, { not: { required: [`${kind}-ignore`] } }]),
    ),
  };
}

function typesSchema(event: string, schema: JsonSchema): JsonSchema {
  const known = typesOf(event);
  if (known.length === 0) return ref("types");
  const one = suggesting(known, form(schema, "string"));
  const list = { ...form(schema, "array"), items: one };
  const standard = defaultTypesOf(event)?.join(", ") ?? "all";
  return { description: `${schema.description}. Without it: ${standard}`, anyOf: [one, list] };
}

/** An editor offers the values, and takes whatever else has the form. */
function suggesting(values: readonly string[], schema: JsonSchema): JsonSchema {
  return { anyOf: [{ enum: values }, schema] };
}

function ref(definition: string): JsonSchema {
  return { $ref: `#/definitions/${definition}` };
}

/** Of a value that can be written in several forms, the one of this type. */
function form(schema: JsonSchema | boolean | undefined, type: string): JsonSchema {
  const found = typeof schema === "object" && schema.anyOf?.find((one) => one.type === type);
  if (!found) throw new Error(`the schema of \`on\` has no form that is of type ${type}`);
  return found;
}
