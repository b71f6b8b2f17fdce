/** A real browser, and the dashboard in it as a person opens it. */
import chromium from "@sparticuz/chromium";
import {
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
  chromium as playwright,
} from "playwright-core";
import { buildDashboard } from "../../scripts/build-dashboard.ts";
import type { TestServer, Workplace } from "./server.ts";
import type { Scope } from "./temporary.ts";

/** A machine may be doing a dozen other things. */
const GIVE_UP_AFTER_MS = 30_000;
/**
 * As root there is no sandbox; and nothing is asked for but what the page itself wants. Not the package's own list: it
 * switches off what is to be proven here, such as web security, and ends the browser with its first window.
 */
const OPTIONS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-sync",
  "--no-first-run",
];

export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Where the dashboard is, without a slash at its end. */
  url: string;
  /** What the browser has complained about: errors of the page, and what the content security policy forbade. */
  complaints: string[];
}

export interface VisitOptions {
  width?: number;
  scheme?: "light" | "dark";
}

/** One for all tests of a file. */
export async function openBrowser(t: Scope): Promise<Browser> {
  await buildDashboard();
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: OPTIONS,
    headless: true,
  });
  t.after(() => browser.close());
  return browser;
}

/** A person whom the server does not know yet. */
export async function visit(
  t: Scope,
  browser: Browser,
  { adminUrl }: TestServer,
  { width = 1280, scheme = "light" }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
  });
  t.after(() => context.close());
  context.setDefaultTimeout(GIVE_UP_AFTER_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // That an answer was no success is the page's business, and shown there.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      complaints.push(message.text());
  });
  return { page, context, url: adminUrl, complaints };
}

/** Opens a link of `longshore login`: from then on the person may do everything. */
export async function signIn({ page, url }: Visit, place: Workplace): Promise<void> {
  await page.goto(await signInLink(place, url));
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

export async function signInLink(place: Workplace, url: string): Promise<string> {
  const { code } = await place.json<{ code: string }>("login");
  return `${url}/sign-in#${code}`;
}

/** How something is drawn: `color`, `background-color`. */
export function styleOf(shown: Locator, property: string): Promise<string> {
  return shown.evaluate(
    (element, name) => element.ownerDocument.defaultView.getComputedStyle(element).getPropertyValue(name),
    property,
  );
}
