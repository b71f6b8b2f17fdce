/** Who is signed in. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RequestError, request } from "./request.ts";
import type { Session } from "./types.ts";

const KEY = ["session"];

/** `null` when nobody is. */
export function useSession() {
  return useQuery({ queryKey: KEY, queryFn: findSession, staleTime: 60_000, retry: 2 });
}

async function findSession(): Promise<Session | null> {
  try {
    return await request<Session>("/session");
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) return null;
    throw error;
  }
}

/** Whether the person who looks may change something. */
export function useIsAdmin(): boolean {
  return useSession().data?.role === "admin";
}

/** With the single-use code of a link, or a personal token. */
export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (by: { code: string } | { token: string }) =>
      request<Session>("/session", { method: "POST", body: by }),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request("/session", { method: "DELETE" }),
    onSuccess: () => {
      client.setQueryData(KEY, null);
      // Nothing of it is left for whoever sits down next.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
    },
  });
}
