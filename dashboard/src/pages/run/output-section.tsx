/** What the run printed, attempt by attempt. */
import { SegmentedControl } from "@primer/react";
import { useState } from "react";
import { apiUrl } from "../../api/request.ts";
import type { RunDetails } from "../../api/types.ts";
import { LogView } from "../../log/log-view.tsx";
import { useOutput } from "../../log/use-output.ts";
import { Failure } from "../../parts/failure.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Section } from "../../parts/section.tsx";

export function OutputSection({ run }: { run: RunDetails }) {
  const [chosen, setChosen] = useState<number>();
  // Unless somebody looks at an earlier one, it goes on with the next attempt.
  const attempt = chosen ?? run.attempt;
  const numbers = run.attempts.map((one) => one.attempt);
  if (run.attempt === 0)
    return (
      <Section title="Output">
        <p>{run.finishedAt === null ? "It waits for its turn." : "It never began."}</p>
      </Section>
    );
  return (
    <Section
      title="Output"
      flush
      actions={
        numbers.length > 1 && (
          <SegmentedControl
            size="small"
            aria-label="Attempt"
            onChange={(index) => {
              const number = numbers[index];
              setChosen(number === run.attempt ? undefined : number);
            }}
          >
            {numbers.map((number) => (
              <SegmentedControl.Button key={number} selected={number === attempt}>
                {`Attempt ${number}`}
              </SegmentedControl.Button>
            ))}
          </SegmentedControl>
        )
      }
    >
      <AttemptOutput key={attempt} run={run} attempt={attempt} />
    </Section>
  );
}

function AttemptOutput({ run, attempt }: { run: RunDetails; attempt: number }) {
  const isLive = run.finishedAt === null && attempt === run.attempt;
  const { lines, isPending, error } = useOutput(run.id, attempt, isLive);
  if (isPending) return <Loading />;
  if (error) return <Failure error={error} />;
  return (
    <LogView
      lines={lines}
      isLive={isLive}
      downloadUrl={apiUrl(`/runs/${run.id}/output.txt`, { attempt })}
      downloadName={`run-${run.id}-attempt-${attempt}.txt`}
    />
  );
}
