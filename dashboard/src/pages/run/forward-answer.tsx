/** What another service answered to a forwarded delivery. */
import { Label } from "@primer/react";
import type { ForwardAnswer } from "../../api/types.ts";
import { plainText } from "../../parts/plain-text.ts";
import { Section } from "../../parts/section.tsx";
import { Foreign } from "../../parts/text.tsx";
import styles from "./forward-answer.module.css";

export function ForwardAnswerSection({ answer }: { answer: ForwardAnswer }) {
  const { attempt, status, headers, body, encoding, truncated } = answer;
  return (
    <Section
      title={`Answer to attempt ${attempt}`}
      actions={<Label variant={status < 300 ? "success" : "danger"}>{status}</Label>}
    >
      <dl className={styles.headers}>
        {Object.entries(headers).map(([name, value]) => (
          <div key={name}>
            <dt>{name}: </dt>
            <dd>
              <Foreign text={value} />
            </dd>
          </div>
        ))}
      </dl>
      {encoding === "base64" && <p>What follows is no text, and shown in base64.</p>}
      <pre className={styles.body}>{plainText(body)}</pre>
      {truncated && <p>There was more of it, which is not kept.</p>}
    </Section>
  );
}
