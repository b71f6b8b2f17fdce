/**
 * The lines of an output in blocks: what stands between groups, and each group. A block whose lines have not changed is
 * not drawn again, and one that is out of sight costs the browser nothing.
 */
import { Button } from "@primer/react";
import { memo, useMemo, useState } from "react";
import { clockTime, exactTime } from "../parts/time.tsx";
import { type Look, parseColours } from "./ansi.ts";
import styles from "./log-blocks.module.css";
import type { LogLine } from "./log-lines.ts";
import palette from "./palette.module.css";

const BLOCK_LINES = 200;
/** More lines than that are drawn only for who asks for them. */
const DRAWN_LINES = 10_000;

interface LogBlocksProps {
  lines: readonly LogLine[];
  showsTimes: boolean;
  searched: string;
  /** The number of the line that the search is at. */
  current?: number;
}

interface Part {
  key: number;
  /** The line that opens the group. */
  opener?: LogLine;
  lines: LogLine[];
}

export function LogBlocks({ lines, showsTimes, searched, current }: LogBlocksProps) {
  const [drawsAll, setDrawsAll] = useState(false);
  const hidden = drawsAll || searched !== "" ? 0 : Math.max(0, lines.length - DRAWN_LINES);
  const parts = useMemo(() => partsOf(lines.slice(hidden)), [lines, hidden]);
  return (
    <div className={styles.lines} data-times={showsTimes}>
      {hidden > 0 && (
        <Button block onClick={() => setDrawsAll(true)}>
          Show the {hidden} lines before
        </Button>
      )}
      {parts.map(({ key, opener, lines: inside }) =>
        opener ? (
          <Group key={key} opener={opener} lines={inside} searched={searched} current={current} />
        ) : (
          <Blocks key={key} lines={inside} searched={searched} current={current} />
        ),
      )}
    </div>
  );
}

function partsOf(lines: readonly LogLine[]): Part[] {
  const parts: Part[] = [];
  for (const line of lines) {
    const last = parts.at(-1);
    if (line.kind === "group") parts.push({ key: line.number, opener: line, lines: [] });
    else if (last && last.opener?.number === line.group) last.lines.push(line);
    else parts.push({ key: line.number, lines: [line] });
  }
  return parts;
}

type InsideProps = Pick<LogBlocksProps, "searched" | "current"> & { lines: readonly LogLine[] };

function Group({ opener, lines, searched, current }: InsideProps & { opener: LogLine }) {
  const [isOpen, setIsOpen] = useState(false);
  const holdsCurrent = current !== undefined && lines.some(({ number }) => number === current);
  return (
    <details open={isOpen || holdsCurrent} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className={styles.group} data-line={opener.number}>
        <span className={styles.number}>{opener.number}</span> {opener.text}{" "}
        <span className={styles.size}>({lines.length})</span>
      </summary>
      {(isOpen || holdsCurrent) && <Blocks lines={lines} searched={searched} current={current} />}
    </details>
  );
}

function Blocks({ lines, searched, current }: InsideProps) {
  const blocks: (readonly LogLine[])[] = [];
  for (let from = 0; from < lines.length; from += BLOCK_LINES)
    blocks.push(lines.slice(from, from + BLOCK_LINES));
  return blocks.map((block) => (
    <Block
      key={block[0]?.number}
      lines={block}
      searched={searched}
      current={block.some(({ number }) => number === current) ? current : undefined}
    />
  ));
}

const Block = memo(
  BlockLines,
  (a, b) =>
    a.searched === b.searched &&
    a.current === b.current &&
    a.lines.length === b.lines.length &&
    a.lines.every((line, index) => line === b.lines[index]),
);

function BlockLines({ lines, searched, current }: InsideProps) {
  let look: Look = {};
  return (
    <div className={styles.block}>
      {lines.map((line) => {
        const { parts, look: next } = parseColours(line.text, line.kind === "text" ? look : {});
        look = next;
        return (
          <div
            key={line.number}
            className={styles.line}
            data-line={line.number}
            data-kind={line.kind}
            data-stream={line.stream}
            data-current={line.number === current}
          >
            <span className={styles.number}>{line.number}</span>
            <time className={styles.time} dateTime={line.at} title={exactTime(line.at)}>
              {clockTime(line.at)}
            </time>
            <span className={styles.text} dir="ltr">
              {line.kind !== "text" && <b className={styles.kind}>{line.kind}: </b>}
              {parts.map((part, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a line do not change places
                <Coloured key={index} look={part.look} text={part.text} searched={searched} />
              ))}
            </span>
          </div>
        );
      })}
    </div>
  );
}

function Coloured({ look, text, searched }: { look: Look; text: string; searched: string }) {
  const { foreground, background, isBold, isDim, isItalic, isUnderlined, isStruck } = look;
  const className = [
    typeof foreground === "number" && palette[`foreground-${foreground}`],
    typeof background === "number" && palette[`background-${background}`],
    isBold && palette.bold,
    isDim && palette.dim,
    isItalic && palette.italic,
    isUnderlined && palette.underlined,
    isStruck && palette.struck,
  ]
    .filter(Boolean)
    .join(" ");
  const own = {
    ...(typeof foreground === "string" && { color: foreground }),
    ...(typeof background === "string" && { background }),
  };
  return (
    <span className={className || undefined} style={own}>
      <Marked text={text} searched={searched} />
    </span>
  );
}

/** A text with what is searched for marked in it. */
function Marked({ text, searched }: { text: string; searched: string }) {
  if (searched === "") return text;
  const [lower, wanted] = [text.toLowerCase(), searched.toLowerCase()];
  const pieces = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    pieces.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  return [...pieces, text.slice(from)];
}
