/** Whether the secrets of the sources are there, hard to guess, and each of one source only. */
import { readSecrets, type Secret } from "../../config/secrets.ts";
import type { SourceSettings } from "../../config/settings.ts";
import { formatDuration } from "../../lib/quantity.ts";
import { secretUses } from "../../store/secrets.ts";
import { bad, type Check, type Finding, good, type Patient, unknown, warning } from "./check.ts";

const UNUSED_FOR_MS = 7 * 86_400_000;

export const secrets: Check = {
  name: "secrets",
  async examine(patient) {
    const live = patient.settings.sources.map((source) => ({
      source,
      ...readSecrets(patient.settings, source, patient.environment),
    }));
    const findings: Finding[] = [];
    for (const { source, secrets, problems } of live) {
      for (const { file, severity, message } of problems)
        findings.push((severity === "error" ? bad : warning)(`${file}: ${message}`, remedyFor(source)));
      if (secrets.length === 0 && problems.length === 0) findings.push(withoutSecret(source, patient));
      findings.push(...(await outlived(patient, source, secrets)));
    }
    findings.push(...shared(live));
    if (findings.length > 0) return findings;
    const count = live.reduce((sum, { secrets }) => sum + secrets.length, 0);
    return [good(`${count} for ${live.length === 1 ? "one source" : `${live.length} sources`}, long enough`)];
  },
};

function withoutSecret({ name, insecureNoSecret }: SourceSettings, patient: Patient): Finding {
  const isBeforeFirstStart = !patient.store && !patient.storeProblem && !patient.settings.sourcesAreExplicit;
  if (isBeforeFirstStart)
    return unknown("there is none yet", "longshore serve makes one when it first starts");
  const remedy = `Make one: longshore secret rotate ${name}. Then enter it in GitHub's webhook`;
  return insecureNoSecret
    ? warning(
        `source "${name}" has no secret and says \`insecure-no-secret\`: anybody who can connect starts its hooks`,
        `${remedy}, and remove \`insecure-no-secret\``,
      )
    : bad(`source "${name}" has no secret: the server does not start`, remedy);
}

function remedyFor({ name }: SourceSettings): string {
  return `longshore secret rotate ${name} makes a good one; enter it in GitHub's webhook`;
}

/** Old ones that nobody signs with any more: a secret that is not live cannot be stolen. */
async function outlived(
  { store, now }: Patient,
  { name }: SourceSettings,
  all: readonly Secret[],
): Promise<Finding[]> {
  if (!store || all.length < 2) return [];
  const uses = await secretUses(store.db, name);
  return all.flatMap((secret, index) => {
    const usedAt = uses.get(secret.name) ?? 0;
    const isReplaced = all.slice(0, index).some((newer) => (uses.get(newer.name) ?? 0) > usedAt);
    if (!isReplaced || now - usedAt < UNUSED_FOR_MS) return [];
    const used = usedAt === 0 ? "was never used" : `was last used ${formatDuration(now - usedAt)} ago`;
    const remedy =
      secret.origin === "file"
        ? `It is safe to remove: longshore secret remove ${secret.name} ${name}`
        : `It is safe to remove: unset the variable ${secret.name} and restart the server`;
    return [
      warning(`the older secret ${secret.name} of source "${name}" ${used}, a newer one since`, remedy),
    ];
  });
}

/** Whoever has the one can then sign for the other, any repository's name included. */
function shared(live: readonly { source: SourceSettings; secrets: readonly Secret[] }[]): Finding[] {
  const owners = new Map<string, Set<string>>();
  for (const { source, secrets } of live)
    for (const { value } of secrets) owners.set(value, (owners.get(value) ?? new Set()).add(source.name));
  return [...owners.values()]
    .filter(({ size }) => size > 1)
    .map((names) =>
      bad(
        `the sources ${[...names].join(" and ")} have the same secret: whoever knows it can sign for each of them`,
        `Give each its own: longshore secret rotate ${[...names].at(-1)}`,
      ),
    );
}
