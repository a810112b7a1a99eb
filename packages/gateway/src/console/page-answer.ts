import type { IncomingMessage } from 'node:http';
import type { HttpAnswer } from '../transport/http-answer.ts';
import type { PageFile } from './page-files.ts';

/** Nothing but the gateway's own files, no code or style within a page, no frame around it. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const NOT_BUILT =
  "The console's pages are not in this installation (`npm run build` makes them); its API is at /console/api.\n";

/**
 * The answer to a request of a page or of what belongs to it. A path without an ending is a page of the console, which finds out itself what to show.
 *
 * @param name - Behind `/console/`, as it stands in the request.
 */
export function pageAnswer(
  files: ReadonlyMap<string, PageFile>,
  name: string,
  { method = 'GET', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
): HttpAnswer {
  if (method !== 'GET' && method !== 'HEAD') {
    return text(405, 'Pages are asked for by GET.\n', { allow: 'GET, HEAD' });
  }
  if (files.size === 0) return text(404, NOT_BUILT);
  const isPage = name === '' || !name.includes('.');
  const file = files.get(isPage ? 'index.html' : name);
  if (!file) return text(404, 'There is no such file.\n');
  const kept = file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache';
  const common = { ...PAGE_HEADERS, etag: file.etag, 'cache-control': kept, vary: 'accept-encoding' };
  if (headers['if-none-match']?.includes(file.etag)) return { status: 304, headers: common };
  const encoding = (['br', 'gzip'] as const).find((one) => file.packed.has(one) && accepts(headers, one));
  const bytes = (encoding && file.packed.get(encoding)) ?? file.bytes;
  return {
    status: 200,
    headers: { ...common, 'content-type': file.type, ...(encoding && { 'content-encoding': encoding }) },
    body: method === 'HEAD' ? [] : [bytes],
  };
}

function text(status: number, words: string, more: Readonly<Record<string, string>> = {}): HttpAnswer {
  return {
    status,
    headers: { ...PAGE_HEADERS, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...more },
    body: words,
  };
}

function accepts({ 'accept-encoding': given = '' }: IncomingMessage['headers'], encoding: string): boolean {
  return String(given)
    .split(',')
    .some((part) => part.trim().split(';')[0] === encoding && !/;\s*q=0(\.0*)?\s*$/.test(part));
}
