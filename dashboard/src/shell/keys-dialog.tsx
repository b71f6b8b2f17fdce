/** The list of keys, behind `?`. */
import { Dialog } from "@primer/react";
import styles from "./keys-dialog.module.css";

const KEYS: [name: string, keys: [key: string, meaning: string][]][] = [
  [
    "Everywhere",
    [
      ["?", "this list"],
      ["/", "search"],
      ["g o", "overview"],
      ["g d", "deliveries"],
      ["g r", "runs"],
      ["g h", "hooks"],
      ["g s", "system"],
      ["Esc", "leave a field or a dialog"],
    ],
  ],
  [
    "In lists",
    [
      ["j", "next"],
      ["k", "previous"],
      ["Enter", "open"],
      ["f", "filters"],
    ],
  ],
  [
    "On a delivery or a run",
    [
      ["r", "replay, retry"],
      ["c", "cancel"],
      ["l", "follow the output"],
      ["u", "back to the list"],
    ],
  ],
];

export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" width="large" onClose={onClose}>
      <div className={styles.groups}>
        {KEYS.map(([name, keys]) => (
          <section key={name} aria-label={name}>
            <h2 className={styles.heading}>{name}</h2>
            <dl>
              {keys.map(([key, meaning]) => (
                <div key={key} className={styles.row}>
                  <dt>
                    {key.split(" ").map((part) => (
                      <kbd key={part} className={styles.key}>
                        {part}
                      </kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
