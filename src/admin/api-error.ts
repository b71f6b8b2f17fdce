/** What a request for the API is answered with when it cannot be done: `{"error":{"code","message"}}`, as everywhere. */

const STATUS_OF_CODE = {
  invalid: 400,
  not_signed_in: 401,
  not_allowed: 403,
  wrong_origin: 403,
  not_found: 404,
  conflict: 409,
  body_too_large: 413,
  wrong_content_type: 415,
  wrong_host: 421,
  too_many_attempts: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type ApiErrorCode = keyof typeof STATUS_OF_CODE;

export class ApiError extends Error {
  override name = "ApiError";
  readonly code: ApiErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  /** @param message a sentence that says what to change. */
  constructor(code: ApiErrorCode, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }

  /** Of the code that this status has; of another status, whether the request or the server is at fault. */
  static ofStatus(status: number, message: string): ApiError {
    const codes = Object.keys(STATUS_OF_CODE) as ApiErrorCode[];
    const code = codes.find((one) => STATUS_OF_CODE[one] === status);
    return new ApiError(code ?? (status < 500 ? "invalid" : "internal"), message);
  }

  toResponse(): Response {
    return Response.json(
      { error: { code: this.code, message: this.message } },
      { status: STATUS_OF_CODE[this.code], headers: this.headers },
    );
  }
}

/** @throws {ApiError} when there is nothing. */
export function found<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new ApiError("not_found", `There is no ${what}.`);
  return thing;
}
