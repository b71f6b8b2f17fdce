/** Text of strangers: shown as text, whatever it contains; what would turn its direction around becomes a symbol. */
import { visibleLine } from "../../../src/lib/visible.ts";

/** On one line, and apart from the text around it. */
export function Foreign({ text }: { text: string }) {
  return <bdi>{visibleLine(text)}</bdi>;
}

/** A sentence in which `…` stands for code. */
export function Sentence({ text }: { text: string }) {
  return text.split(/(`[^`]*`)/).map((part, index) =>
    part.startsWith("`") && part.length > 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text do not change places
      <code key={index}>{visibleLine(part.slice(1, -1))}</code>
    ) : (
      visibleLine(part)
    ),
  );
}
