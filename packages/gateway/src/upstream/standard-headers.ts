import { MODERN_VERSION } from '../protocol/era.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import { encodeHeader } from '../protocol/header-text.ts';
import { factsOf } from '../protocol/methods.ts';

/** The headers by which each modern request says again what its body says. Source: MCP specification 2026-07-28, "Transports". */
export function standardHeaders(method: string, params: ObjectText | undefined): Record<string, string> {
  const headers: Record<string, string> = { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method };
  const field = factsOf(method)?.names;
  const name = field === undefined ? undefined : params?.text(field);
  if (name !== undefined) headers['mcp-name'] = encodeHeader(name);
  return headers;
}
