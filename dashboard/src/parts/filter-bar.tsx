/** The fields above a list. What is typed counts when it is finished: on Enter, or when the field is left. */
import { FilterIcon } from "@primer/octicons-react";
import { Button, CounterLabel, Select, TextInput } from "@primer/react";
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import styles from "./filter-bar.module.css";
import { type Filters, PERIODS } from "./use-filters.ts";

export type Field =
  | { kind: "text"; name: string; label: string; suggestions?: readonly string[] }
  | {
      kind: "choice";
      name: string;
      label: string;
      choices: readonly (string | readonly [value: string, name: string])[];
    };

interface FilterBarProps {
  fields: readonly Field[];
  filters: Filters;
  /** Whether the list can be narrowed down by time. */
  hasTime?: boolean;
}

export function FilterBar({ fields, filters, hasTime = true }: FilterBarProps) {
  const [isOpen, setIsOpen] = useState(filters.count > 0);
  return (
    <section className={styles.bar} aria-label="Filters" data-filters data-open={isOpen}>
      <Button
        className={styles.toggle}
        leadingVisual={FilterIcon}
        trailingVisual={filters.count > 0 ? () => <CounterLabel>{filters.count}</CounterLabel> : undefined}
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        Filters
      </Button>
      <div className={styles.fields}>
        {fields.map((field) => (
          <Labelled key={field.name} label={field.label}>
            {(id) =>
              field.kind === "text" ? (
                <TextFilter {...field} id={id} filters={filters} />
              ) : (
                <Choice
                  id={id}
                  value={filters.get(field.name)}
                  choices={field.choices.map((choice) =>
                    typeof choice === "string" ? [choice, choice] : choice,
                  )}
                  onChange={(value) => filters.set(field.name, value)}
                />
              )
            }
          </Labelled>
        ))}
        {hasTime && <Period filters={filters} />}
        {filters.count > 0 && (
          <Button variant="invisible" className={styles.clear} onClick={filters.clear}>
            Clear filters
          </Button>
        )}
      </div>
    </section>
  );
}

function Period({ filters }: { filters: Filters }) {
  const bounds = ["since", "until"] as const;
  const [isExact, setIsExact] = useState(bounds.some((bound) => filters.get(bound) !== ""));
  return (
    <>
      <Labelled label="Time">
        {(id) => (
          <Choice
            id={id}
            value={isExact ? "exact" : filters.get("period")}
            choices={[...PERIODS, ["exact", "From … to …"]]}
            onChange={(value) => {
              setIsExact(value === "exact");
              filters.set("period", value === "exact" ? "" : value);
            }}
          />
        )}
      </Labelled>
      {isExact &&
        bounds.map((bound) => (
          <Labelled key={bound} label={bound === "since" ? "From" : "To"}>
            {(id) => (
              <TextInput
                id={id}
                type="datetime-local"
                size="small"
                block
                value={filters.get(bound)}
                onChange={(event) => filters.set(bound, event.target.value)}
              />
            )}
          </Labelled>
        ))}
    </>
  );
}

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

interface ChoiceProps {
  id: string;
  value: string;
  choices: readonly (readonly [value: string, name: string])[];
  onChange: (value: string) => void;
}

function Choice({ id, value, choices, onChange }: ChoiceProps) {
  return (
    <Select id={id} size="small" block value={value} onChange={(event) => onChange(event.target.value)}>
      <Select.Option value="">Any</Select.Option>
      {choices.map(([choice, name]) => (
        <Select.Option key={choice} value={choice}>
          {name}
        </Select.Option>
      ))}
    </Select>
  );
}

interface TextFilterProps {
  id: string;
  name: string;
  suggestions?: readonly string[];
  filters: Filters;
}

function TextFilter({ id, name, suggestions = [], filters }: TextFilterProps) {
  const list = useId();
  const value = filters.get(name);
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  // The address has changed by other means: the way back, or all filters cleared.
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  const finish = () => filters.set(name, text.trim());
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") finish();
    if (event.key === "Escape") event.currentTarget.blur();
  };
  return (
    <>
      <TextInput
        id={id}
        size="small"
        block
        value={text}
        list={suggestions.length > 0 ? list : undefined}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={finish}
        autoComplete="off"
        spellCheck={false}
      />
      {suggestions.length > 0 && (
        <datalist id={list}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </>
  );
}
