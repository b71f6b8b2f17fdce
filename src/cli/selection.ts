/** Which runs or deliveries a command is about: one by its number, or all that fit the filters, the oldest first. */
import { UserError } from "../config/problem.ts";
import type { Page } from "../store/deliveries.ts";

/** At once; whoever has more says so again. */
const MAX_AT_ONCE = 10_000;

/**
 * The items that are meant.
 *
 * @param id of the one that is named.
 * @param filter what is `undefined` in it does not count.
 * @throws {UserError} when nothing says which, or two things do.
 */
export async function selectItems<T, Filter extends object>(
  id: number | undefined,
  filter: Filter,
  { find, list }: { find(id: number): Promise<T>; list(filter: Filter, page: Page): Promise<T[]> },
): Promise<T[]> {
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  if (id === undefined && !isFiltered)
    throw new UserError(
      "Say which: a number, or filters such as `--status failed --hook deploy --since 2h`.",
    );
  if (id === undefined) return (await list(filter, { limit: MAX_AT_ONCE })).reverse();
  if (isFiltered)
    throw new UserError("Say which in one way: the number, or filters; a number needs none of them.");
  return [await find(id)];
}

/** A remark for people, where there may be more than was taken. */
export function remarkOnMore(count: number): string[] {
  return count < MAX_AT_ONCE
    ? []
    : [`These are ${MAX_AT_ONCE}, as many as are taken at once; there may be more.`];
}
