/** The output of one attempt: what there is, and what comes while somebody looks. */
import { useEffect, useRef, useState } from "react";
import { apiUrl, request } from "../api/request.ts";
import type { Output, OutputPiece } from "../api/types.ts";
import { type LogLine, LogLines } from "./log-lines.ts";

export interface ShownOutput {
  lines: readonly LogLine[];
  isPending: boolean;
  error?: Error;
}

/** So often at most the page is drawn anew, whatever a script prints. */
const DRAW_EVERY_MS = 100;

/** @param isLive whether more can come: the run goes on, in this attempt. */
export function useOutput(run: number, attempt: number, isLive: boolean): ShownOutput {
  const [shown, setShown] = useState<ShownOutput>({ lines: [], isPending: true });
  const wasLive = useRef(isLive);
  wasLive.current ||= isLive;
  useEffect(() => {
    const log = new LogLines();
    const aborter = new AbortController();
    let source: EventSource | undefined;
    let drawing: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      drawing ??= setTimeout(() => {
        drawing = undefined;
        setShown({ lines: log.lines.map((line) => ({ ...line })), isPending: false });
      }, DRAW_EVERY_MS);
    };
    const load = async () => {
      const { signal } = aborter;
      const { output } = await request<Output>(`/runs/${run}/output`, { query: { attempt }, signal });
      for (const piece of output) log.add(piece);
      setShown({ lines: [...log.lines], isPending: false });
      if (!wasLive.current) return;
      source = new EventSource(apiUrl(`/runs/${run}/events`, { attempt }));
      source.addEventListener("output", ({ data }: MessageEvent<string>) => {
        const piece = JSON.parse(data) as OutputPiece;
        if (piece.attempt === attempt) log.add(piece);
        draw();
      });
      source.addEventListener("end", () => source?.close());
    };
    load().catch((error: Error) => {
      if (!aborter.signal.aborted) setShown({ lines: [], isPending: false, error });
    });
    return () => {
      aborter.abort();
      clearTimeout(drawing);
      source?.close();
    };
  }, [run, attempt]);
  return shown;
}
