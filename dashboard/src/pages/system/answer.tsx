/** What was asked for, once it is there. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failure } from "../../parts/failure.tsx";
import { Loading } from "../../parts/loading.tsx";

interface AnswerProps<T> {
  of: UseQueryResult<T>;
  children: (data: T) => ReactNode;
}

export function Answer<T>({ of: { data, error, refetch }, children }: AnswerProps<T>) {
  if (data !== undefined) return children(data);
  if (error) return <Failure error={error} retry={refetch} />;
  return <Loading />;
}
