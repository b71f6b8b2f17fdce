/** The payload: as a tree that can be searched, or raw as it came. However large it is, only what is looked at is drawn. */
import { DownloadIcon } from "@primer/octicons-react";
import { Button, LinkButton, SegmentedControl } from "@primer/react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { apiUrl, requestText } from "../../api/request.ts";
import type { DeliveryDetails } from "../../api/types.ts";
import { Failure } from "../../parts/failure.tsx";
import { Loading } from "../../parts/loading.tsx";
import { plainText } from "../../parts/plain-text.ts";
import { Section } from "../../parts/section.tsx";
import { size } from "../../parts/time.tsx";
import styles from "./payload.module.css";
import { PayloadTree } from "./payload-tree.tsx";

/** What a browser draws at once without a pause. */
const SHOWN_CHARACTERS = 100_000;

export function PayloadSection({ delivery }: { delivery: DeliveryDetails }) {
  const [isRaw, setIsRaw] = useState(false);
  const path = `/deliveries/${delivery.id}/body`;
  const { data, error, refetch } = useQuery({
    queryKey: ["body", delivery.id],
    queryFn: ({ signal }) => requestText(path, { signal }),
    // It never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Section
      title="Payload"
      flush
      actions={
        <div className={styles.actions}>
          <SegmentedControl
            aria-label="How the payload is shown"
            size="small"
            onChange={(index) => setIsRaw(index === 1)}
          >
            <SegmentedControl.Button selected={!isRaw}>Tree</SegmentedControl.Button>
            <SegmentedControl.Button selected={isRaw}>Raw</SegmentedControl.Button>
          </SegmentedControl>
          <LinkButton
            size="small"
            href={apiUrl(path)}
            download={`delivery-${delivery.id}.${delivery.contentType === "form" ? "txt" : "json"}`}
            leadingVisual={DownloadIcon}
          >
            {size(delivery.size)}
          </LinkButton>
        </div>
      }
    >
      {data === undefined ? (
        error ? (
          <Failure error={error} retry={refetch} />
        ) : (
          <Loading />
        )
      ) : isRaw ? (
        <Raw text={data} />
      ) : (
        <Parsed text={data} isForm={delivery.contentType === "form"} />
      )}
    </Section>
  );
}

function Parsed({ text, isForm }: { text: string; isForm: boolean }) {
  const payload = useMemo(() => parse(text, isForm), [text, isForm]);
  return <PayloadTree payload={payload} />;
}

function parse(text: string, isForm: boolean): unknown {
  return JSON.parse(isForm ? (new URLSearchParams(text).get("payload") ?? "null") : text);
}

function Raw({ text }: { text: string }) {
  const [shown, setShown] = useState(SHOWN_CHARACTERS);
  return (
    <div className={styles.raw}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} dir="ltr">
        {plainText(text.slice(0, shown))}
      </pre>
      {shown < text.length && (
        <Button block onClick={() => setShown(shown * 4)}>
          Show more ({size(text.length - shown)} left)
        </Button>
      )}
    </div>
  );
}
