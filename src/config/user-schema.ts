/** The form of `user`, in the settings and in hook files: which account runs are performed under. */
import { z } from "zod";

/** No more than what no list of accounts can have: each system has its own idea of a name. */
const NAME = /^(?!-)[^\s:/{}]{1,256}$/;

/** A name, or a number as a text. */
export const USER = z.union([
  z
    .string()
    .regex(NAME, { error: (issue) => `"${issue.input}" is no name of an account` })
    .meta({ pattern: NAME.source }),
  z
    .int("expected a name, or a whole number")
    .min(0, "the number of an account is 0 or more")
    .transform(String),
]);
