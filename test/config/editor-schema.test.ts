import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { editorSchemaOf } from "../../scripts/editor-schema.ts";
import { type JsonSchema, jsonSchemaOf, keysOf } from "../../scripts/json-schema.ts";
import { SUBSTITUTES } from "../../src/config/trigger-remarks.ts";
import { EVENT_NAMES, typesOf, webhookOf } from "../../src/match/events.ts";

const HOOK = editorSchemaOf("hook");

/** Every key that an editor can offer, as the path to it, with what it tells of it. */
function keysIn(schema: unknown, path = ""): [path: string, description?: string][] {
  if (typeof schema !== "object" || schema === null) return [];
  const inner = Object.entries(schema);
  return inner.flatMap(([keyword, value]) =>
    keyword === "properties"
      ? Object.entries(value as Record<string, JsonSchema>).flatMap(([key, { $ref, ...own }]) => [
          [`${path}.${key}`, typeof $ref === "string" ? definition($ref).description : own.description] as [
            string,
            string?,
          ],
          ...keysIn(own, `${path}.${key}`),
        ])
      : keysIn(value, path),
  );
}

function definition(ref: string): JsonSchema {
  const found = (HOOK.definitions as Record<string, JsonSchema>)[ref.replace("#/definitions/", "")];
  assert.ok(found, ref);
  return found;
}

function eventsIn(schema: JsonSchema): Record<string, JsonSchema> {
  return schema.properties?.on?.anyOf?.find(({ type }) => type === "object")?.properties ?? {};
}

describe("the schemas for editors", () => {
  it("describe every key", () => {
    for (const name of ["settings", "hook"] as const) {
      const keys = keysIn(editorSchemaOf(name));
      assert.ok(keys.length > 10);
      assert.deepEqual(
        keys
          .filter(([, description]) => !description)
          .map(([key]) => `${name}${key} needs \`.meta(about("…"))\``),
        [],
      );
    }
  });

  it("have no links that lead nowhere, and nothing that is only ours", () => {
    for (const name of ["settings", "hook"] as const)
      assert.doesNotMatch(JSON.stringify(editorSchemaOf(name)), /\]\(|whenAbsent/);
  });

  it("offer every event that GitHub sends, and none that it does not", () => {
    const sent = EVENT_NAMES.filter((name) => webhookOf(name) !== null && !SUBSTITUTES.has(name));
    assert.ok(sent.includes("pull_request_target") && sent.includes("star"));
    assert.deepEqual(Object.keys(eventsIn(HOOK)), sent);
    assert.deepEqual(definition("event").anyOf?.[0], { enum: sent });
  });

  it("offer with each event its own filters", () => {
    const filters = (event: string) => Object.keys(eventsIn(HOOK)[event]?.properties ?? {});
    assert.deepEqual(filters("push"), [
      "branches",
      "branches-ignore",
      "tags",
      "tags-ignore",
      "paths",
      "paths-ignore",
      "deleted",
    ]);
    assert.deepEqual(filters("workflow_run"), ["types", "branches", "branches-ignore", "workflows"]);
    assert.deepEqual(filters("star"), ["types"]);
    assert.deepEqual(filters("fork"), []);
  });

  it("offer with each event its own types, for a single one and in a list", () => {
    for (const [event, { properties }] of Object.entries(eventsIn(HOOK))) {
      const offered = properties?.types?.anyOf?.map(({ anyOf, items }) => (anyOf ?? items?.anyOf)?.[0]?.enum);
      const types = typesOf(event);
      assert.deepEqual(offered, types.length > 0 ? [types, types] : undefined, event);
    }
  });
});

describe("the keys of a schema", () => {
  it("are all that a file can say, with the maps that they stand in", () => {
    const settings = keysOf(jsonSchemaOf("settings"), "<name>").map(({ key }) => key);
    for (const key of ["listen", "sources", "sources.<name>.max-body", "github.api-url"])
      assert.ok(settings.includes(key), key);
    const hook = keysOf(jsonSchemaOf("hook"), "<event>").filter(({ isRequired }) => isRequired);
    assert.deepEqual(
      hook.map(({ key }) => key),
      ["on"],
    );
  });
});
