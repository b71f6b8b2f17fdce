/** A list of the API that is read page by page, and read anew when something in it changes. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { type Query, request } from "../api/request.ts";
import type { List } from "../api/types.ts";

const PAGE = 50;

/**
 * @param name of the list, as live updates know it.
 * @param lookEveryMs for what they do not tell.
 */
export function useList<T>(name: string, query: Query, lookEveryMs?: number) {
  const answer = useInfiniteQuery({
    queryKey: [name, query],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      request<List<T>>(`/${name}`, { query: { ...query, limit: PAGE, after: pageParam }, signal }),
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: lookEveryMs,
  });
  return { ...answer, items: answer.data?.pages.flatMap(({ items }) => items) ?? [] };
}
