/** The headers that go out with a forwarded delivery. */
import { OWN_PACKAGE } from "../../lib/own-package.ts";
import type { HeaderList } from "../../store/packing.ts";

/** What belongs to a connection, or says who has forwarded what to whom. */
const LEFT_OUT =
  /^(connection|content-length|expect|forwarded|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|via|x-forwarded-.*|x-hub-signature.*|x-real-ip)$/;

/** The characters that a header's value may have; those above ASCII are bytes of UTF-8. */
const VALUE = /^[\t\x20-\x7E\x80-\xFF]*$/;

/**
 * Those that were kept with the delivery, under the names that they came with, and then those that are the hook's own
 * or its signature's, which take the place of what has the same name.
 *
 * @param own values as texts, which go out in UTF-8.
 * @param delivery what its two most needed headers say, should they not have been kept.
 * @returns the headers, or why one cannot be sent.
 */
export function outgoingHeaders(
  kept: HeaderList,
  own: Readonly<Record<string, string>>,
  delivery: { event: string; guid: string },
): { headers: Record<string, string | string[]> } | { problem: string } {
  // What somebody has made by hand came without headers.
  const headers = new Map<string, string | string[]>();
  const has = (name: string) => kept.some(([other]) => other === name);
  if (!has("x-github-event")) headers.set("x-github-event", delivery.event);
  if (!has("x-github-delivery")) headers.set("x-github-delivery", delivery.guid);
  for (const [name, value] of kept) {
    if (LEFT_OUT.test(name)) continue;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : [before, value].flat());
  }
  headers.set("user-agent", agentFor(kept));
  // What is kept of an answer is searched for secrets, which cannot be found in what is compressed.
  headers.set("accept-encoding", "identity");
  for (const [name, value] of Object.entries(own)) {
    const bytes = Buffer.from(value).toString("latin1");
    if (!VALUE.test(bytes))
      return {
        problem: `the header ${name} cannot be sent: its value has a line end or another control character`,
      };
    headers.set(name.toLowerCase(), bytes);
  }
  return { headers: Object.fromEntries(headers) };
}

/** GitHub does not speak here, so it is only named. */
function agentFor(kept: HeaderList): string {
  const original = kept.find(([name]) => name === "user-agent")?.[1];
  const self = `Longshore/${OWN_PACKAGE.version}`;
  return original === undefined ? self : `${self} (for ${original.replaceAll(/[()\\]/g, "")})`;
}
