/** The entry of the web app. */
import "./base.css";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { applyTheme, savedTheme } from "./shell/theme.ts";

applyTheme(savedTheme());
const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
