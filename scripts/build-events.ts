/**
 * Writes `src/match/events.json`, the events that are known by name: node scripts/build-events.ts
 *
 * GitHub's webhooks and their actions come from the names that `@octokit/webhooks` generates from GitHub's OpenAPI
 * description; the triggers of Actions, with their filters and types, from the schema in `@actions/workflow-parser`.
 * Run it when one of the two packages is newer; a test fails until then.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { emitterEventNames } from "@octokit/webhooks";
import type { EventData } from "../src/match/events.ts";

const OUTPUT = new URL("../src/match/events.json", import.meta.url);

/** Triggers that are another event's webhook under a name of their own, which no package says. */
const WEBHOOK_OF: Record<string, string> = {
  pull_request_target: "pull_request",
  pull_request_comment: "issue_comment",
};

/** What narrows a trigger down. Its other keys, such as `inputs`, say what is handed to the workflow. */
const FILTER = /^(types|workflows|names|versions|(branches|tags|paths)(-ignore)?)$/;

/** A part of the schema, as far as it is read here. */
interface Definition {
  "one-of"?: string[];
  mapping?: { properties: Record<string, string> };
  "allowed-values"?: string[];
}

/** What the packages that are installed say. */
export function buildEvents(): EventData {
  const webhooks = readWebhooks();
  return { webhooks, triggers: readTriggers(webhooks) };
}

/** The text of `events.json`: a line for each event, so that a change of the packages can be read. */
export function formatEvents({ webhooks, triggers }: EventData): string {
  const lines = (entries: object) =>
    Object.entries(entries)
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(",\n");
  return `{\n  "webhooks": {\n${lines(webhooks)}\n  },\n  "triggers": {\n${lines(triggers)}\n  }\n}\n`;
}

function readWebhooks(): EventData["webhooks"] {
  const names = emitterEventNames.map((name) => name.split("."));
  const events = Map.groupBy(names, ([event = ""]) => event);
  const actionsOf = (event: string) =>
    // Its action is whatever the caller of the API says.
    event === "repository_dispatch" ? [] : (events.get(event) ?? []).flatMap(([, action]) => action ?? []);
  return Object.fromEntries([...events.keys()].sort().map((event) => [event, actionsOf(event).sort()]));
}

function readTriggers(webhooks: EventData["webhooks"]): EventData["triggers"] {
  const schema = new URL("workflow-v1.0.min.json", import.meta.resolve("@actions/workflow-parser"));
  const { definitions }: { definitions: Record<string, Definition> } = JSON.parse(
    readFileSync(schema, "utf8"),
  );
  const choices = (name: string) => definitions[name]?.["one-of"] ?? [];
  const keysOf = (name: string) =>
    [name, ...choices(name)].flatMap((inner) =>
      Object.entries(definitions[inner]?.mapping?.properties ?? {}),
    );
  const typesOf = (name: string) =>
    choices(name).flatMap((inner) => definitions[inner]?.["allowed-values"] ?? []);

  const triggers = keysOf("on-mapping-strict").map(([trigger, definition]) => {
    const keys = keysOf(definition).filter(([key]) => FILTER.test(key));
    return [
      trigger,
      {
        webhook: WEBHOOK_OF[trigger] ?? (trigger in webhooks ? trigger : null),
        filters: keys.map(([key]) => key),
        types: keys.flatMap(([key, inner]) => (key === "types" ? typesOf(inner) : [])),
      },
    ] as const;
  });
  return Object.fromEntries(triggers.sort(([a], [b]) => (a < b ? -1 : 1)));
}

if (import.meta.main) writeFileSync(OUTPUT, formatEvents(buildEvents()));
