/** Stacked bars over time. Who does not see them reads a table of the sums; who points at one reads its numbers. */
import { useState } from "react";
import type { Bucket } from "../../api/types.ts";
import { exactTime } from "../../parts/time.tsx";
import styles from "./bar-chart.module.css";

interface Series {
  name: string;
  className: string;
  of: (bucket: Bucket) => number;
}

interface BarChartProps {
  label: string;
  buckets: readonly Bucket[];
  bucketMs: number;
  series: readonly Series[];
}

const HEIGHT = 120;
const WIDTH = 600;
const GAP = 2;

export function BarChart({ label, buckets, bucketMs, series }: BarChartProps) {
  const [pointed, setPointed] = useState<Bucket>();
  const sums = series.map(({ of }) => buckets.reduce((sum, bucket) => sum + of(bucket), 0));
  const totalOf = (bucket: Bucket) => series.reduce((sum, { of }) => sum + of(bucket), 0);
  const top = niceTop(Math.max(...buckets.map(totalOf), 0));
  const step = WIDTH / Math.max(buckets.length, 1);
  const shown = pointed && buckets.includes(pointed) ? pointed : undefined;
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.legend}>
        {series.map(({ name, className, of }, index) => (
          <span key={name} className={styles.entry}>
            <i className={styles[className]} /> {shown ? of(shown) : sums[index]} {name}
          </span>
        ))}
        <span className={styles.when}>{shown ? spanOf(shown, bucketMs) : "in all"}</span>
      </figcaption>
      <div className={styles.plot}>
        <span className={styles.top}>{top}</span>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          onMouseLeave={() => setPointed(undefined)}
        >
          {buckets.map((bucket, index) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: pointing only shows what the table says, too
            <g key={bucket.at} onMouseEnter={() => setPointed(bucket)}>
              <rect className={styles.hover} x={index * step} y={0} width={step} height={HEIGHT} />
              <Stack bucket={bucket} series={series} x={index * step} width={step} top={top} />
            </g>
          ))}
        </svg>
      </div>
      <div className={styles.axis} aria-hidden="true">
        <span>{buckets[0] && axisTime(buckets[0].at, bucketMs)}</span>
        <span>now</span>
      </div>
      <div className={styles.table}>
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th scope="col">outcome</th>
              <th scope="col">how many</th>
            </tr>
          </thead>
          <tbody>
            {series.map(({ name }, index) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{sums[index]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

interface StackProps {
  bucket: Bucket;
  series: readonly Series[];
  x: number;
  width: number;
  top: number;
}

function Stack({ bucket, series, x, width, top }: StackProps) {
  let y = HEIGHT;
  const gap = Math.min(GAP, width / 3);
  return series.map(({ name, className, of }) => {
    const value = of(bucket);
    // One of a thousand is still to be seen.
    const height = value === 0 ? 0 : Math.max((value / top) * HEIGHT, 2);
    y -= height;
    return (
      <rect
        key={name}
        className={styles[className]}
        x={x + gap / 2}
        y={y}
        width={width - gap}
        height={height}
      />
    );
  });
}

/** The next number that reads well: 1, 2, 5, 10, 20, … */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= value) ?? value;
}

function spanOf({ at }: Bucket, bucketMs: number): string {
  const end = new Date(Date.parse(at) + bucketMs);
  return `${exactTime(at)} – ${end.toLocaleTimeString(undefined, { timeStyle: "short" })}`;
}

function axisTime(at: string, bucketMs: number): string {
  const isLong = bucketMs >= 3 * 3_600_000;
  return new Date(at).toLocaleString(undefined, isLong ? { dateStyle: "medium" } : { timeStyle: "short" });
}
