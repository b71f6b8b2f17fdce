/** Before a run is ended or tried again: whether that is wanted. */
import { Banner, Checkbox, Dialog, FormControl } from "@primer/react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useCancel, useRetry } from "../../api/changes.ts";
import type { RunDetails } from "../../api/types.ts";
import { Sentence } from "../../parts/text.tsx";

interface ChangeProps {
  run: RunDetails;
  onClose: () => void;
}

export function CancelDialog({ run: { id, status }, onClose }: ChangeProps) {
  const cancel = useCancel(id);
  return (
    <Dialog
      title={`Cancel run ${id}?`}
      onClose={onClose}
      footerButtons={[
        { content: "Keep it", onClick: onClose, autoFocus: true },
        {
          content: "Cancel run",
          buttonType: "danger",
          loading: cancel.isPending,
          onClick: () => cancel.mutate(undefined, { onSuccess: onClose }),
        },
      ]}
    >
      {cancel.error && (
        <Banner
          variant="critical"
          title="It goes on"
          description={<Sentence text={cancel.error.message} />}
        />
      )}
      <p>
        {status === "running"
          ? "Its processes are asked to end, and killed after ten seconds. What it has done so far stays done."
          : "It has not begun, and will not."}
      </p>
    </Dialog>
  );
}

export function RetryDialog({ run: { id, hook }, onClose }: ChangeProps) {
  const [, navigate] = useLocation();
  const [force, setForce] = useState(false);
  const retry = useRetry(id);
  const start = async () => {
    const { retriedBy } = await retry.mutateAsync({ force });
    if (retriedBy === null) return;
    onClose();
    navigate(`/runs/${retriedBy}`);
  };
  const problem = retry.error?.message ?? retry.data?.problem;
  return (
    <Dialog
      title={`Retry run ${id}?`}
      onClose={onClose}
      footerButtons={[
        { content: "Cancel", onClick: onClose },
        {
          content: "Retry",
          buttonType: "primary",
          autoFocus: true,
          loading: retry.isPending,
          onClick: () => void start().catch(() => {}),
        },
      ]}
    >
      {problem && <Banner variant="critical" title="Nothing was started" description={problem} />}
      <p>
        A new run of <strong>{hook}</strong>, for the same delivery, by the hook as it is today.
      </p>
      <FormControl>
        <Checkbox checked={force} onChange={(event) => setForce(event.target.checked)} />
        <FormControl.Label>Also if the hook has succeeded for a newer push</FormControl.Label>
      </FormControl>
    </Dialog>
  );
}
