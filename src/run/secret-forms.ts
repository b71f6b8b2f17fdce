/** The ways in which a secret may turn up in what a run prints. */

/** Shorter lines than this (`}`, `EOF`) are in too many texts. */
const MIN_LINE = 4;
/** How `base64` and `openssl` break their lines. */
const BASE64_LINES = [76, 64];

/**
 * Every form that is to be masked: the value, its lines of four characters and more, and of each of them the JSON, URI
 * and base64 forms.
 */
export function secretForms(value: string): string[] {
  const lines = value.split(/\r\n|\n|\r/).filter((line) => line.length >= MIN_LINE);
  const forms = [value, ...lines].flatMap((text) => [
    text,
    ...jsonForms(text),
    ...uriForms(text),
    ...base64Forms(Buffer.from(text)),
  ]);
  return [...new Set(forms)].filter((form) => form !== "");
}

/** Some programs write only ASCII. */
function jsonForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return [json, json.replaceAll(/[^\0-\x7f]/g, code)];
}

/** Programs differ in which signs they leave as they are, in how they write a blank, and in the case of the digits. */
function uriForms(text: string): string[] {
  // Half a character, which no URI can have, becomes the sign for an unknown one, as it does in the variable.
  const loose = encodeURIComponent(text.toWellFormed());
  const strict = loose.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [loose, strict, strict.replaceAll("%2F", "/")];
  return forms.flatMap((form) => [
    form,
    form.replaceAll("%20", "+"),
    form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ]);
}

/**
 * The base64 of the value alone, and what is sure to be in the base64 of any text that contains it: three forms, since
 * it may begin at any of three places.
 */
function base64Forms(value: Buffer): string[] {
  if (value.length < MIN_LINE) return [];
  const whole = value.toString("base64");
  const broken = BASE64_LINES.flatMap(
    (length) => whole.match(new RegExp(`.{${MIN_LINE},${length}}`, "g")) ?? [],
  );
  const inside = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), value]).toString("base64");
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + value.length) * 8) / 6));
  });
  const forms = [
    whole,
    whole.replace(/=+$/, ""),
    ...inside,
    ...(whole.length > Math.min(...BASE64_LINES) ? broken : []),
  ];
  return [...forms, ...forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))];
}
