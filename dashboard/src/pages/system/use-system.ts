/** A resource of the API that a part of this page shows, looked at again every few seconds. */
import { useQuery } from "@tanstack/react-query";
import { type Query, request } from "../../api/request.ts";

export const LOOK_EVERY_MS = 5_000;

export function useSystem<T>(name: string, query: Query = {}) {
  return useQuery({
    queryKey: [name, query],
    queryFn: ({ signal }) => request<T>(`/${name}`, { query, signal }),
    refetchInterval: LOOK_EVERY_MS,
  });
}
