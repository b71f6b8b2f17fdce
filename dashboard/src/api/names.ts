/** The names that filters offer. */
import { useQuery } from "@tanstack/react-query";
import { request } from "./request.ts";
import type { List } from "./types.ts";

const KEPT_MS = 60_000;

export function useSourceNames(): string[] {
  return useNames("sources");
}

export function useHookNames(): string[] {
  return useNames("hooks");
}

function useNames(resource: "sources" | "hooks"): string[] {
  const { data } = useQuery({
    queryKey: [resource],
    queryFn: () => request<List<{ name: string }>>(`/${resource}`),
    staleTime: KEPT_MS,
  });
  return data?.items.map(({ name }) => name) ?? [];
}
