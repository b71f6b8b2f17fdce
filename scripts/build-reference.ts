/**
 * Writes what follows from the schemas of settings and hook files: the JSON Schemas for editors and the tables of the
 * reference pages, between their marks. With `--check` it writes nothing and fails when something is not current.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { VARIABLES, VARIABLES_IN_MAPS } from "../src/config/setting-variables.ts";
import { editorSchemaOf } from "./editor-schema.ts";
import { jsonSchemaOf, keysOf, type SchemaKey } from "./json-schema.ts";

const isCheck = process.argv.includes("--check");
const stale: string[] = [];

const variables = new Map<string, string>([
  ...VARIABLES,
  ...VARIABLES_IN_MAPS.map(([map, key, variable]) => [`${map}.${key}`, variable] as const),
]);
const settings = keysOf(jsonSchemaOf("settings"), "<name>");
const isOfSource = ({ key }: SchemaKey) => key.startsWith("sources.<name>.");

write("longshore.schema.json", json(editorSchemaOf("settings")));
write("hook.schema.json", json(editorSchemaOf("hook")));
writeTable(
  "docs/reference/settings.md",
  "settings",
  ["key", "variable", "default", "meaning"],
  settings.filter((row) => !isOfSource(row)).map((row) => [code(row.key), variableOf(row), ...saidOf(row)]),
);
writeTable(
  "docs/reference/settings.md",
  "sources",
  ["key", "default", "meaning"],
  settings.filter(isOfSource).map((row) => [code(row.key), ...saidOf(row)]),
);
writeTable(
  "docs/reference/hooks.md",
  "keys",
  ["key", "default", "meaning"],
  keysOf(jsonSchemaOf("hook"), "<event>").map((row) => [code(row.key), ...saidOf(row)]),
);

if (stale.length > 0) {
  console.error(`not current: ${stale.join(", ")}. \`npm run fix\` writes them anew.`);
  process.exitCode = 1;
}

function saidOf({ key, schema, isRequired }: SchemaKey): [standard: string, meaning: string] {
  const { description, default: standard, whenAbsent } = schema;
  if (description === undefined)
    throw new Error(`${key} says nothing of itself: give it \`.meta(about("…"))\``);
  if (isRequired) return ["required", description];
  return [whenAbsent ?? (standard === undefined ? "none" : code(asWritten(standard))), description];
}

function variableOf({ key }: SchemaKey): string {
  const variable = variables.get(key);
  return variable === undefined ? "" : code(variable);
}

function asWritten(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Puts a table between `<!-- NAME: … -->` and `<!-- end -->`. */
function writeTable(file: string, name: string, heading: string[], rows: string[][]): void {
  const lines = [heading, heading.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const table = lines
    .join("\n")
    .replaceAll("|  |", "| |")
    .replaceAll("| --- ", "|---")
    .replaceAll("---|", "---|");
  const text = readFileSync(file, "utf8");
  const marks = new RegExp(`(<!-- ${name}: .* -->\n)[^]*?(\n<!-- end -->)`);
  if (!marks.test(text)) throw new Error(`${file} has no place for the table "${name}"`);
  write(
    file,
    text.replace(marks, (_, before: string, after: string) => `${before}\n${table}\n${after}`),
  );
}

/** Lists of texts on one line, so that a change of the events can be read. */
function json(value: unknown): string {
  const listOfTexts = /\[\n\s+("[^"\n]*"(?:,\n\s+"[^"\n]*")*)\n\s+\]/g;
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(listOfTexts, (_, items: string) => `[${items.replaceAll(/\n\s+/g, " ")}]`)}\n`;
}

function write(file: string, text: string): void {
  const isCurrent = existing(file) === text;
  if (isCheck && !isCurrent) stale.push(file);
  else if (!isCurrent) writeFileSync(file, text);
}

function existing(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
