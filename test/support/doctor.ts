/** What `longshore doctor` finds in a workplace. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Finding } from "../../src/cli/doctor/check.ts";
import { type Look, lookInto } from "./look.ts";
import { type Workplace, type WorkplaceOptions, workplace } from "./server.ts";

export interface Practice {
  place: Workplace;
  /** What one check says. */
  ask(check: string): Promise<Finding[]>;
  /** The same where it is one finding: its status and words. */
  askOnce(check: string): Promise<string>;
}

/** A folder with a hook, without a database. */
export function practice(t: TestContext, options: WorkplaceOptions = {}): Practice {
  const files = { "hooks/deploy.yml": "on: push\nrun: echo deployed", ...options.files };
  const place = workplace(t, { ...options, files });
  const ask = async (check: string): Promise<Finding[]> => {
    const { stdout } = await place.cli("doctor", "--json");
    const { checks } = JSON.parse(stdout) as { checks: (Finding & { check: string })[] };
    return checks.flatMap(({ check: name, ...finding }) => (name === check ? [finding] : []));
  };
  return {
    place,
    ask,
    async askOnce(check) {
      const [finding, ...others] = await ask(check);
      assert.deepEqual(others, []);
      return `${finding?.status}: ${finding?.message}`;
    },
  };
}

/** The same with a database. */
export async function practiceWithStore(
  t: TestContext,
  options: WorkplaceOptions = {},
): Promise<Practice & { look: Look }> {
  const found = practice(t, options);
  return { ...found, look: await lookInto(t, found.place) };
}
