/** The headers that were kept. */
import { Section } from "../../parts/section.tsx";
import { Foreign } from "../../parts/text.tsx";
import styles from "./headers.module.css";

export function Headers({ headers }: { headers: Record<string, string> }) {
  return (
    <Section title="Headers" flush>
      <table className={styles.table}>
        <tbody>
          {Object.entries(headers).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <Foreign text={value} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
