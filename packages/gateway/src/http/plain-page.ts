import type { HttpAnswer } from '../transport/http-answer.ts';

/** A text that is HTML already. */
export interface Html {
  readonly html: string;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.25rem;color:#1a1a1a;background:#fff}
h1{font-size:1.3rem}input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;margin:.25rem 0 1rem;border:1px solid #767676;border-radius:.3rem;background:inherit;color:inherit}
button,.go{font:inherit;display:inline-block;padding:.5rem 1rem;border:0;border-radius:.3rem;background:#1a4fa3;color:#fff;text-decoration:none;cursor:pointer}
code{word-break:break-all}form+form{margin-top:2rem}@media(prefers-color-scheme:dark){body{color:#eee;background:#16181d}button,.go{background:#7aa7f0;color:#0b1220}}`;

/** Nothing is loaded and nothing runs; nobody frames it, so that nobody is led to click on it unseen. */
const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Not "no-referrer": browsers would then hide in which page a form was.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** HTML in which every value is a text, unless it is HTML already. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  const shown = values.map((value) => {
    if (typeof value === 'string') return escaped(value);
    return 'html' in value ? value.html : value.map((one) => one.html).join('');
  });
  return { html: String.raw({ raw: parts }, ...shown) };
}

/** A small page of the gateway itself. */
export function plainPage(
  status: number,
  title: string,
  body: Html,
  more: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const page = html`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} - Lockgate</title><style>${{ html: STYLE }}</style><main><h1>${title}</h1>${body}</main></html>`;
  return { status, headers: { ...HEADERS, ...more }, body: page.html };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
