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
  // As it was when somebody began to look: the stream tells the end as well.
  const begunLive = useRef(isLive);
  useEffect(() => {
    const log = new LogLines();
    const show = (error?: Error) => setShown({ lines: [...log.lines], isPending: false, error });
    return begunLive.current ? follow(run, attempt, log, show) : load(run, attempt, log, show);
  }, [run, attempt]);
  return shown;
}

type Show = (error?: Error) => void;

function load(run: number, attempt: number, log: LogLines, show: Show): () => void {
  const aborter = new AbortController();
  const { signal } = aborter;
  request<Output>(`/runs/${run}/output`, { query: { attempt }, signal })
    .then(({ output }) => {
      for (const piece of output) log.add(piece);
      show();
    })
    .catch((error: Error) => {
      if (!signal.aborted) show(error);
    });
  return () => aborter.abort();
}

/** After a lost connection the browser says where it was, and the stream goes on from there. */
function follow(run: number, attempt: number, log: LogLines, show: Show): () => void {
  const source = new EventSource(apiUrl(`/runs/${run}/output/stream`));
  let drawing: ReturnType<typeof setTimeout> | undefined;
  const draw = () => {
    drawing ??= setTimeout(() => {
      drawing = undefined;
      show();
    }, DRAW_EVERY_MS);
  };
  source.addEventListener("output", ({ data }: MessageEvent<string>) => {
    const piece = JSON.parse(data) as OutputPiece;
    if (piece.attempt === attempt) log.add(piece);
    draw();
  });
  source.addEventListener("run", draw);
  source.addEventListener("end", () => {
    draw();
    source.close();
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) show(new Error("The output cannot be followed."));
  });
  return () => {
    clearTimeout(drawing);
    source.close();
  };
}
