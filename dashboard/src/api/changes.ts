/** What a person can change: each change makes the pages look anew. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { request } from "./request.ts";
import type { Cancelled, Replayed, Retried } from "./types.ts";

export function useReplay(delivery: number) {
  return useChange((options: { hook?: string; force?: boolean }) =>
    request<Replayed>(`/deliveries/${delivery}/replay`, { method: "POST", body: options }),
  );
}

export function useRetry(run: number) {
  return useChange((options: { force?: boolean }) =>
    request<Retried>(`/runs/${run}/retry`, { method: "POST", body: options }),
  );
}

export function useCancel(run: number) {
  return useChange((_: undefined) => request<Cancelled>(`/runs/${run}/cancel`, { method: "POST", body: {} }));
}

/** Anything of which pages may show something afterwards. */
export function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => client.invalidateQueries() });
}
