/** The settings of the admin API: where it listens, what it is called, and who may use it. */
import { z } from "zod";
import { listenLocally, url } from "./settings-parts.ts";
import { about, keys } from "./yaml-file.ts";

const HEADER = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

export const ADMIN = keys({
  listen: listenLocally("127.0.0.1:8081").meta(
    about(
      "Where the admin API and the dashboard listen: `HOST:PORT`, `PORT` (of this machine alone), `unix:PATH`, or `off`",
    ),
  ),
  "public-url": url("https://hooks.example.com/longshore")
    .optional()
    .meta(
      about(
        "The dashboard as browsers see it, such as `https://longshore.example.com`; a path in front of everything may be part of it. Requests for any other host are refused, save for this machine's own names",
        "none: only this machine's own names",
      ),
    ),
  "user-header": z
    .string()
    .regex(HEADER, 'expected the name of a header such as "X-Forwarded-User"')
    .optional()
    .meta(
      about(
        "The header in which a proxy that has authenticated somebody says who it is. It counts only from the addresses in `trust-proxy`, which have to be named then; whoever can connect from one of them can be anybody",
        "none",
      ),
    ),
  "user-role": z
    .enum(["viewer", "admin"])
    .default("viewer")
    .meta(
      about("What those may do whom `user-header` names: `viewer` looks, `admin` changes things as well"),
    ),
});
