/** What went wrong, as whoever asked is told: their own mistakes in words, ours only as far as they can wait for them to pass. */
import { HTTPException } from "hono/http-exception";
import { UserError } from "../config/problem.ts";
import { isStorageFault } from "../store/faults.ts";
import { ApiError } from "./api-error.ts";
import { ofHttpException } from "./request-mistakes.ts";

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof HTTPException && error.status < 500) return ofHttpException(error);
  if (error instanceof UserError) return new ApiError("conflict", error.message);
  if (isStorageFault(error))
    return new ApiError(
      "unavailable",
      "The database cannot be used just now; ask again in a moment. The server's log says what is wrong.",
    );
  return new ApiError("internal", "Something went wrong; the server's log says what.");
}
