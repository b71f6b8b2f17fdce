/** Requests to the admin API, wherever the page is served: `<base>` says below which path. */

/** The path of the app, without a slash at its end: empty at the root. */
export const BASE = new URL(document.baseURI).pathname.replace(/\/$/, "");

/** The API has answered with an error, or could not be reached (status 0). */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export type Query = Record<string, string | number | undefined>;

interface RequestOptions {
  method?: "GET" | "POST" | "DELETE";
  query?: Query;
  body?: object;
  signal?: AbortSignal;
}

/** The path of a resource of the API as a link or a stream needs it. What is undefined is left out of the query. */
export function apiUrl(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== "") parameters.set(name, String(value));
  const text = parameters.toString();
  return `${BASE}/api${path}${text && `?${text}`}`;
}

/** @throws {RequestError} */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** @throws {RequestError} */
export async function requestText(path: string, options: RequestOptions = {}): Promise<string> {
  return (await send(path, options)).text();
}

async function send(
  path: string,
  { method = "GET", query, body, signal }: RequestOptions,
): Promise<Response> {
  const response = await fetch(apiUrl(path, query), {
    method,
    signal,
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  }).catch((error: Error) => {
    if (error.name === "AbortError") throw error;
    throw new RequestError(0, "unreachable", "The server does not answer.");
  });
  if (response.ok) return response;
  throw await toError(response);
}

async function toError(response: Response): Promise<RequestError> {
  const { status } = response;
  const answer = (await response.json().catch(() => ({}))) as { error?: { code?: string; message?: string } };
  const message = answer.error?.message ?? `The server has answered ${status}.`;
  return new RequestError(status, answer.error?.code ?? "unknown", message);
}
