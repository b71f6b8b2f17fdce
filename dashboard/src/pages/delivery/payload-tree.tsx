/** A payload as a tree: closed parts are not drawn, long lists come in buckets, and a search leads to places. */
import { ChevronDownIcon, ChevronRightIcon, SearchIcon } from "@primer/octicons-react";
import { TextInput } from "@primer/react";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { visibleLine } from "../../../../src/lib/visible.ts";
import {
  type Bucket,
  bucketsOf,
  countOf,
  findMatches,
  isContainer,
  keyOf,
  keysOf,
  keysTo,
  type Match,
  type Path,
  pathText,
} from "./payload-nodes.ts";
import styles from "./payload-tree.module.css";

const SHOWN_TEXT = 2_000;

interface Places {
  open: ReadonlySet<string>;
  toggle: (key: string) => void;
  /** The match that was chosen last. */
  chosen?: string;
}

export function PayloadTree({ payload }: { payload: unknown }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([keyOf([])]));
  const [chosen, setChosen] = useState<string>();
  const [text, setText] = useState("");
  const toggle = (key: string) =>
    setOpen((previous) => {
      const next = new Set(previous);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const choose = ({ path }: Match) => {
    setOpen((previous) => new Set([...previous, ...keysTo(payload, path)]));
    setChosen(keyOf(path));
  };
  return (
    <>
      <div className={styles.search}>
        <TextInput
          block
          size="small"
          leadingVisual={SearchIcon}
          placeholder="Search names and values"
          aria-label="Search the payload"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") setText("");
          }}
        />
      </div>
      {text.trim() !== "" && <Matches payload={payload} text={text.trim()} onChoose={choose} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={styles.tree} aria-label="Payload as a tree" tabIndex={0}>
        <Node path={[]} value={payload} places={{ open, toggle, chosen }} />
      </section>
    </>
  );
}

function Matches({
  payload,
  text,
  onChoose,
}: {
  payload: unknown;
  text: string;
  onChoose: (match: Match) => void;
}) {
  const searched = useDeferredValue(text);
  const { matches, hasMore } = useMemo(() => findMatches(payload, searched), [payload, searched]);
  return (
    <div className={styles.matches}>
      <p role="status">
        {matches.length === 0 ? "Nothing found" : `${hasMore ? "The first " : ""}${matches.length} found`}
      </p>
      <ul aria-label="Found in the payload">
        {matches.map((match) => (
          <li key={keyOf(match.path)}>
            <button type="button" className={styles.match} onClick={() => onChoose(match)}>
              <span>{visibleLine(pathText(match.path))}</span> <bdi>{visibleLine(match.preview)}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface NodeProps {
  path: Path;
  value: unknown;
  places: Places;
}

function Node({ path, value, places }: NodeProps) {
  const key = keyOf(path);
  const name = path.at(-1);
  const label = name === undefined ? null : <span className={styles.name}>{visibleLine(String(name))}</span>;
  if (!isContainer(value))
    return (
      <Line isChosen={places.chosen === key}>
        {label}
        {label && ": "}
        <Value value={value} />
      </Line>
    );
  const keys = keysOf(value);
  const count = countOf(keys);
  const isOpen = places.open.has(key);
  return (
    <>
      <Line isChosen={places.chosen === key}>
        <Toggle isOpen={isOpen} onClick={() => places.toggle(key)} label={String(name ?? "payload")}>
          {label ?? <span className={styles.name}>payload</span>}{" "}
          <span className={styles.count}>{Array.isArray(value) ? `[${count}]` : `{${count}}`}</span>
        </Toggle>
      </Line>
      {isOpen && <Children path={path} value={value} range={{ from: 0, to: count }} places={places} />}
    </>
  );
}

function Children({ path, value, range, places }: NodeProps & { value: object; range: Bucket }) {
  const keys = keysOf(value);
  const buckets = bucketsOf(range);
  const indexes = buckets
    ? []
    : Array.from({ length: range.to - range.from }, (_, index) => range.from + index);
  return (
    <div className={styles.children}>
      {buckets?.map((bucket) => {
        const key = keyOf(path, bucket);
        const isOpen = places.open.has(key);
        const label = `${bucket.from} … ${bucket.to - 1}`;
        return (
          <div key={key}>
            <Line>
              <Toggle isOpen={isOpen} onClick={() => places.toggle(key)} label={label}>
                <span className={styles.count}>{label}</span>
              </Toggle>
            </Line>
            {isOpen && <Children path={path} value={value} range={bucket} places={places} />}
          </div>
        );
      })}
      {indexes.map((index) => {
        const name = typeof keys === "number" ? index : (keys[index] ?? "");
        const child = (value as Record<string, unknown>)[name];
        return <Node key={index} path={[...path, name]} value={child} places={places} />;
      })}
    </div>
  );
}

function Line({ isChosen = false, children }: { isChosen?: boolean; children: React.ReactNode }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isChosen) line.current?.scrollIntoView({ block: "center" });
  }, [isChosen]);
  return (
    <div ref={line} className={styles.line} data-chosen={isChosen}>
      {children}
    </div>
  );
}

interface ToggleProps {
  isOpen: boolean;
  onClick: () => void;
  label: string;
  children: React.ReactNode;
}

function Toggle({ isOpen, onClick, children }: ToggleProps) {
  return (
    <button type="button" className={styles.toggle} aria-expanded={isOpen} onClick={onClick}>
      {isOpen ? <ChevronDownIcon size={12} /> : <ChevronRightIcon size={12} />} {children}
    </button>
  );
}

function Value({ value }: { value: unknown }) {
  const [isWhole, setIsWhole] = useState(false);
  if (typeof value !== "string") return <span className={styles.literal}>{String(value)}</span>;
  const isCut = value.length > SHOWN_TEXT && !isWhole;
  return (
    <>
      <bdi className={styles.string}>"{visibleLine(isCut ? value.slice(0, SHOWN_TEXT) : value)}"</bdi>
      {isCut && (
        <button type="button" className={styles.whole} onClick={() => setIsWhole(true)}>
          show all {value.length} characters
        </button>
      )}
    </>
  );
}
