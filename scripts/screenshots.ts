/** `npm run screenshots`: pictures of every page of the dashboard, light and dark, into `docs/screenshots/`. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openBrowser, signIn, visit } from "../test/support/browser.ts";
import { type Seeded, startSeededServer } from "./seed.ts";

interface Picture {
  name: string;
  path: string;
  /** What has to be seen, or done, before. */
  ready: (page: Page) => Promise<unknown>;
  width?: number;
}

const folder = join(import.meta.dirname, "../docs/screenshots");
const ends: (() => unknown)[] = [];
const scope = { after: (end: () => unknown) => void ends.push(end) };

try {
  const seeded = await startSeededServer(scope);
  const browser = await openBrowser(scope);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pictures = await picturesOf(seeded);
  for (const scheme of ["light", "dark"] as const) {
    const visitor = await visit(scope, browser, seeded.server, { scheme });
    const { page, url } = visitor;
    await page.goto(`${url}/sign-in`);
    await page.getByRole("heading", { name: "Sign in to Longshore" }).waitFor();
    await page.screenshot({ path: join(folder, `sign-in-${scheme}.png`), animations: "disabled" });
    await signIn(visitor, seeded.place);
    for (const { name, path, ready, width = 1280 } of pictures) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${url}${path}`);
      await ready(page);
      await page.screenshot({ path: join(folder, `${name}-${scheme}.png`), animations: "disabled" });
    }
    for (const complaint of visitor.complaints) console.warn(complaint);
  }
} finally {
  for (const end of ends) await end();
}

async function picturesOf({ place }: Seeded): Promise<Picture[]> {
  const newest = async (...filter: string[]) => {
    const [, kind = ""] = /^(\w+)/.exec(filter[0] ?? "") ?? [];
    const { items } = await place.json<{ items: { id: number }[] }>(
      kind,
      "list",
      "--limit",
      "1",
      ...filter.slice(1),
    );
    return items[0]?.id ?? 0;
  };
  const push = await newest("deliveries", "--event", "push", "--ref", "dev");
  const deployed = await newest("runs", "--hook", "deploy", "--status", "succeeded");
  const running = await newest("runs", "--hook", "backup");
  const heading = (name: string | RegExp) => (page: Page) =>
    page.getByRole("heading", { name }).first().waitFor();
  const text = (shown: string | RegExp) => (page: Page) =>
    page.locator("main").getByText(shown).filter({ visible: true }).first().waitFor();
  return [
    { name: "overview", path: "/", ready: heading("Durations") },
    { name: "deliveries", path: "/deliveries", ready: text("acme/site") },
    { name: "delivery", path: `/deliveries/${push}`, ready: text("head_commit") },
    { name: "search", path: "/why?what=c0ffeec", ready: text("It arrived") },
    { name: "runs", path: "/runs", ready: text("backup") },
    { name: "run", path: `/runs/${deployed}`, ready: text("index.html") },
    { name: "run-live", path: `/runs/${running}`, ready: text("part 1 of") },
    { name: "hooks", path: "/hooks", ready: text("broken") },
    { name: "hook-broken", path: "/hooks/broken", ready: text("branchs") },
    { name: "hook-try", path: "/try", ready: text(/It (matches|does not match)/) },
    { name: "system", path: "/system", ready: heading("GitHub's addresses") },
    { name: "system-refused", path: "/system/refused", ready: text("signature_mismatch") },
    { name: "system-nodes", path: "/system/nodes", ready: heading("Nodes") },
    { name: "system-tokens", path: "/system/tokens", ready: text("ann") },
    { name: "system-audit", path: "/system/audit", ready: text("sign") },
    {
      name: "keys",
      path: "/deliveries",
      ready: async (page) => {
        await page.getByText("acme/site").first().waitFor();
        await page.keyboard.press("?");
        await heading("Keyboard shortcuts")(page);
      },
    },
    { name: "narrow-overview", path: "/", ready: heading("Durations"), width: 380 },
    { name: "narrow-deliveries", path: "/deliveries", ready: text("acme/site"), width: 380 },
    { name: "narrow-run", path: `/runs/${deployed}`, ready: text("index.html"), width: 380 },
  ];
}
