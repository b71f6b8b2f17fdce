/** Requests from any address there is, which no test could connect from. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";

/**
 * A request as Node hands it over.
 *
 * @param peer the address that connected; `undefined` is a socket file, which has none.
 * @param headers names in lower case.
 */
export function requestFrom(
  peer: string | undefined,
  headers: IncomingMessage["headers"] = {},
): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: peer });
  const request = new IncomingMessage(socket);
  request.headers = headers;
  return request;
}
