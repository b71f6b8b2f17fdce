/** What a run printed: lines with numbers and times, groups that fold, a search, and a view that follows what comes. */
import { ChevronDownIcon, ChevronUpIcon, DownloadIcon, SearchIcon } from "@primer/octicons-react";
import { Button, IconButton, LinkButton, TextInput } from "@primer/react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useKeys } from "../shell/use-keys.ts";
import { findLines } from "./find-lines.ts";
import { LogBlocks } from "./log-blocks.tsx";
import type { LogLine } from "./log-lines.ts";
import styles from "./log-view.module.css";

interface LogViewProps {
  lines: readonly LogLine[];
  /** Whether more can come. */
  isLive: boolean;
  downloadUrl: string;
  downloadName: string;
}

/** Who is so near to the end sees what comes, and who scrolls back there sees it again. */
const NEAR_END_PX = 40;
const isNearEnd = (view: HTMLElement) => view.scrollHeight - view.scrollTop - view.clientHeight < NEAR_END_PX;

export function LogView({ lines, isLive, downloadUrl, downloadName }: LogViewProps) {
  const [follows, setFollows] = useState(isLive);
  const [showsTimes, setShowsTimes] = useState(false);
  const [text, setText] = useState("");
  const [current, setCurrent] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const found = useMemo(() => findLines(lines, text.trim()), [lines, text]);
  const currentLine = found[current];

  // Together with the lines, not after them: in between the browser may tell of a scrolling that must hold.
  useLayoutEffect(() => {
    const view = box.current;
    // Only as lines come.
    if (!view || !follows || lines.length === 0) return;
    // Somebody has scrolled up, and the browser has not told of it yet.
    if (view.scrollTop < lastTop.current && !isNearEnd(view)) return setFollows(false);
    view.scrollTo({ top: view.scrollHeight });
    lastTop.current = view.scrollTop;
  }, [follows, lines]);
  useEffect(() => {
    if (currentLine === undefined) return;
    setFollows(false);
    box.current?.querySelector(`[data-line="${currentLine}"]`)?.scrollIntoView({ block: "center" });
  }, [currentLine]);
  useKeys({ l: () => setFollows((is) => !is) });

  const step = (by: number) =>
    setCurrent(found.length === 0 ? 0 : (current + by + found.length) % found.length);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") setText("");
  };
  const onScroll = () => {
    const view = box.current;
    if (!view) return;
    const [was, is] = [lastTop.current, view.scrollTop];
    lastTop.current = is;
    if (is < was && !isNearEnd(view)) setFollows(false);
    // Not where it is as it was: that tells of the view's own scrolling, and somebody may have stopped it since.
    if (is > was && isNearEnd(view) && isLive && currentLine === undefined) setFollows(true);
  };
  return (
    <>
      <div className={styles.bar}>
        <TextInput
          size="small"
          className={styles.search}
          leadingVisual={SearchIcon}
          placeholder="Search the output"
          aria-label="Search the output"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setCurrent(0);
          }}
          onKeyDown={onKeyDown}
        />
        {text.trim() !== "" && (
          <span role="status" className={styles.count}>
            {found.length === 0 ? "nothing found" : `${current + 1} of ${found.length}`}
          </span>
        )}
        {found.length > 1 && (
          <>
            <IconButton
              size="small"
              icon={ChevronUpIcon}
              aria-label="Previous found line"
              onClick={() => step(-1)}
            />
            <IconButton
              size="small"
              icon={ChevronDownIcon}
              aria-label="Next found line"
              onClick={() => step(1)}
            />
          </>
        )}
        <span className={styles.space} />
        <Button size="small" aria-pressed={showsTimes} onClick={() => setShowsTimes(!showsTimes)}>
          {showsTimes ? "Hide times" : "Show times"}
        </Button>
        {isLive && (
          <Button size="small" aria-pressed={follows} onClick={() => setFollows(!follows)}>
            {follows ? "Following" : "Follow"}
          </Button>
        )}
        <LinkButton size="small" href={downloadUrl} download={downloadName} leadingVisual={DownloadIcon}>
          Download
        </LinkButton>
      </div>
      <div
        ref={box}
        className={styles.box}
        data-live={isLive}
        role="log"
        aria-label="Output"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
      >
        {lines.length === 0 ? (
          <p className={styles.none}>{isLive ? "Nothing printed yet." : "It printed nothing."}</p>
        ) : (
          <LogBlocks lines={lines} showsTimes={showsTimes} searched={text.trim()} current={currentLine} />
        )}
      </div>
    </>
  );
}
