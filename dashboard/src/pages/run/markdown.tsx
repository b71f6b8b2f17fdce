/** A run's summary: Markdown as GitHub reads it, without any HTML of its own, and without pictures from elsewhere. */
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { plainText } from "../../parts/plain-text.ts";
import styles from "./markdown.module.css";

export default function Markdown({ text }: { text: string }) {
  return (
    <div className={styles.markdown}>
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        components={{
          // To load one would tell its server who looks at what.
          img: ({ src, alt }) => (
            <a href={typeof src === "string" ? src : undefined} rel="noreferrer noopener" target="_blank">
              {alt || "picture"}
            </a>
          ),
          a: ({ href, children }) => (
            <a href={href} rel="noreferrer noopener" target="_blank">
              {children}
            </a>
          ),
        }}
      >
        {plainText(text)}
      </ReactMarkdown>
    </div>
  );
}
