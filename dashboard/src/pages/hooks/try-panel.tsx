/** Try it: a hook's text, changed as one likes, and a delivery; the verdict at once. Nothing runs, no file is written. */
import { Banner, FormControl, Select } from "@primer/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { request } from "../../api/request.ts";
import type {
  DeliveryOfList,
  HookDetails,
  List,
  Sample,
  Trial,
  TrialResult,
  Verdict,
} from "../../api/types.ts";
import { eventOf } from "../../parts/delivery-words.ts";
import { Section } from "../../parts/section.tsx";
import { Sentence } from "../../parts/text.tsx";
import { CheckList } from "../delivery/check-list.tsx";
import { CodeField } from "./code-field.tsx";
import { ProblemText } from "./problem-text.tsx";
import styles from "./try-panel.module.css";
import { useSettled } from "./use-settled.ts";

/** So long nobody has typed. */
const SETTLED_MS = 250;

const EXAMPLE = `on:
  push:
    branches: [main]
run: |
  echo "$GITHUB_SHA of $GITHUB_REPOSITORY"
`;

/** @param hook whose text it begins with; absent: an example. */
export function TryPanel({ hook }: { hook?: HookDetails }) {
  const [parameters] = useSearchParams();
  const [chosen, setChosen] = useState(parameters.get("delivery") ?? "");
  const isText =
    hook === undefined || hook.kind === null || hook.kind === "script" || hook.kind === "forward";
  const [text, setText] = useState(hook?.text ?? EXAMPLE);
  const { deliveries, samples } = useCandidates();
  const first = deliveries[0] ? String(deliveries[0].id) : samples[0] ? sampleKey(samples[0]) : "";
  const subject = chosen || first;
  const settled = useSettled(text, SETTLED_MS);
  const trial: Trial = { ...subjectOf(subject), hook: hook?.name, ...(isText && { text: settled }) };
  const { data, error } = useQuery({
    queryKey: ["try", trial],
    queryFn: ({ signal }) => request<TrialResult>("/try", { method: "POST", body: trial, signal }),
    enabled: subject !== "",
    placeholderData: keepPreviousData,
  });
  const verdict = data?.verdicts.find((one) => hook === undefined || isText || one.hook === hook.name);
  return (
    <Section title="Try it">
      <div className={styles.columns}>
        {isText && (
          <CodeField
            label="Text of the hook"
            value={text}
            onChange={setText}
            problems={data?.problems ?? []}
          />
        )}
        <div className={styles.side}>
          <FormControl>
            <FormControl.Label>For</FormControl.Label>
            <Select block value={subject} onChange={(event) => setChosen(event.target.value)}>
              <Select.OptGroup label="Stored deliveries">
                {deliveries.map((delivery) => (
                  <Select.Option key={delivery.id} value={String(delivery.id)}>
                    {nameOf(delivery)}
                  </Select.Option>
                ))}
              </Select.OptGroup>
              <Select.OptGroup label="GitHub's samples">
                {samples.map((sample) => (
                  <Select.Option key={sampleKey(sample)} value={sampleKey(sample)}>
                    {eventOf(sample)}
                  </Select.Option>
                ))}
              </Select.OptGroup>
            </Select>
          </FormControl>
          <div aria-live="polite" className={styles.result}>
            {error && (
              <Banner
                variant="critical"
                title="It could not be asked"
                description={<Sentence text={error.message} />}
              />
            )}
            {data?.problems.map((problem) => (
              <ProblemText key={`${problem.line} ${problem.message}`} problem={problem} withPlace />
            ))}
            {verdict && <Said verdict={verdict} />}
          </div>
          <p className={styles.note}>
            Nothing runs, and no file is written: copy the text into the hooks folder when it is right.
          </p>
        </div>
      </div>
    </Section>
  );
}

function Said({ verdict }: { verdict: Verdict }) {
  return (
    <>
      <p>
        <strong>
          {verdict.matches ? "It matches." : verdict.error ? "It cannot be told." : "It does not match."}
        </strong>
      </p>
      <CheckList checks={verdict.checks} label="Why" />
    </>
  );
}

function useCandidates() {
  const deliveries = useQuery({
    queryKey: ["deliveries", "newest"],
    queryFn: () => request<List<DeliveryOfList>>("/deliveries", { query: { limit: 30 } }),
  });
  const samples = useQuery({
    queryKey: ["samples"],
    queryFn: () => request<List<Sample>>("/samples"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return { deliveries: deliveries.data?.items ?? [], samples: samples.data?.items ?? [] };
}

function sampleKey({ event, action }: Sample): string {
  return `sample:${event}:${action ?? ""}`;
}

function subjectOf(key: string): Pick<Trial, "delivery" | "sample"> {
  const [, event, action] = /^sample:([^:]*):(.*)$/.exec(key) ?? [];
  if (event === undefined) return { delivery: Number(key) };
  return { sample: { event, ...(action && { action }) } };
}

function nameOf(delivery: DeliveryOfList): string {
  const { id, repository, ref } = delivery;
  return [`#${id} ${eventOf(delivery)}`, repository, ref?.replace(/^refs\/(heads|tags)\//, "")]
    .filter(Boolean)
    .join(" · ");
}
