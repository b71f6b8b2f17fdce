/** Before a delivery starts its runs once more: which, and whether that is wanted. */
import { Banner, Checkbox, Dialog, FormControl } from "@primer/react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { useReplay } from "../../api/changes.ts";
import type { DeliveryDetails, Replayed } from "../../api/types.ts";
import { Foreign, Sentence } from "../../parts/text.tsx";

interface ReplayDialogProps {
  delivery: DeliveryDetails;
  /** Only this one, whatever its filters say. */
  hook?: string;
  onClose: () => void;
}

export function ReplayDialog({ delivery: { id }, hook, onClose }: ReplayDialogProps) {
  const [, navigate] = useLocation();
  const [force, setForce] = useState(false);
  const replay = useReplay(id);
  const start = async () => {
    const { runs } = await replay.mutateAsync({ hook, force });
    const [only] = runs;
    if (runs.length === 1 && only) {
      onClose();
      navigate(`/runs/${only.run}`);
    }
  };
  const isDone = replay.data !== undefined;
  return (
    <Dialog
      title={hook === undefined ? `Replay delivery ${id}?` : `Replay delivery ${id} for one hook?`}
      onClose={onClose}
      footerButtons={
        isDone
          ? [{ content: "Close", onClick: onClose, autoFocus: true }]
          : [
              { content: "Cancel", onClick: onClose },
              {
                content: "Replay",
                buttonType: "primary",
                autoFocus: true,
                loading: replay.isPending,
                onClick: () => void start().catch(() => {}),
              },
            ]
      }
    >
      {replay.error && (
        <Banner
          variant="critical"
          title="Nothing was started"
          description={<Sentence text={replay.error.message} />}
        />
      )}
      {replay.data ? (
        <Result replayed={replay.data} onGo={onClose} />
      ) : (
        <>
          <p>
            {hook === undefined ? (
              "Every hook of today that matches it runs once more."
            ) : (
              <>
                <strong>
                  <Foreign text={hook} />
                </strong>{" "}
                runs, whatever its filters say: replaying is the approval of what came from a fork.
              </>
            )}
          </p>
          <FormControl>
            <Checkbox checked={force} onChange={(event) => setForce(event.target.checked)} />
            <FormControl.Label>Also where the hook has succeeded for a newer push</FormControl.Label>
          </FormControl>
        </>
      )}
    </Dialog>
  );
}

function Result({ replayed: { runs, busy }, onGo }: { replayed: Replayed; onGo: () => void }) {
  return (
    <ul role="status">
      {runs.map(({ hook, run, cancelled }) => (
        <li key={run}>
          <Link href={`/runs/${run}`} onClick={onGo}>
            Run {run}
          </Link>{" "}
          of <Foreign text={hook} />{" "}
          {cancelled === undefined ? "was started." : `was cancelled at once: ${cancelled}.`}
        </li>
      ))}
      {busy.map(({ hook, run }) => (
        <li key={run}>
          <Foreign text={hook} /> is at it still:{" "}
          <Link href={`/runs/${run}`} onClick={onGo}>
            run {run}
          </Link>{" "}
          has not ended.
        </li>
      ))}
      {runs.length + busy.length === 0 && (
        <li>It matches no hook of today. One hook can be replayed all the same.</li>
      )}
    </ul>
  );
}
