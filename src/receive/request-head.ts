/** A request without its body, as far as it is looked at. Node's own requests are such; others are made to look alike. */
import type { IncomingHttpHeaders } from "node:http";

export interface RequestHead {
  readonly method?: string | undefined;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value, as they came. */
  readonly rawHeaders: readonly string[];
  /** Who connected: an address, nobody knows who (empty), or through a socket file, which has no address. */
  readonly socket: { readonly remoteAddress?: string | undefined; readonly destroyed?: boolean };
}
