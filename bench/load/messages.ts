/** The protocol's two eras: with sessions, and with everything in each request. */
export type Era = '2025' | '2026';

/** Every number has as many digits, so that all requests and all answers are equally long. */
export const FIRST_NUMBER = 1_000_000;

const VERSIONS = { '2025': '2025-11-25', '2026': '2026-07-28' } as const;
const CLIENT = { name: 'bench', version: '1' };

/** The `_meta` with which a request of 2026 says what a session of 2025 had said once. */
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': VERSIONS['2026'],
  'io.modelcontextprotocol/clientInfo': CLIENT,
  'io.modelcontextprotocol/clientCapabilities': {},
};

export const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

export function initialize(number: number): string {
  const params = { protocolVersion: VERSIONS['2025'], capabilities: {}, clientInfo: CLIENT };
  return JSON.stringify({ jsonrpc: '2.0', id: number, method: 'initialize', params });
}

export function listTools(era: Era, number: number): string {
  return request(era, number, 'tools/list', {});
}

/** The texts before, between and behind the two places where the number of a call stands: its id and what is echoed. */
export function callParts(era: Era, tool: string, text: string): readonly [string, string, string] {
  const whole = request(era, FIRST_NUMBER, 'tools/call', {
    name: tool,
    arguments: { text: `m${FIRST_NUMBER}${text}` },
  });
  const [before = '', between = '', behind = ''] = whole.split(String(FIRST_NUMBER));
  return [before, between, behind];
}

/** The lines of an HTTP request's head that depend on the era. */
export function headerLines(era: Era, session: string, method: string, tool?: string): string {
  const version = `mcp-protocol-version: ${VERSIONS[era]}\r\n`;
  if (era === '2025') return session === '' ? '' : `${version}mcp-session-id: ${session}\r\n`;
  return `${version}mcp-method: ${method}\r\n${tool === undefined ? '' : `mcp-name: ${tool}\r\n`}`;
}

function request(era: Era, number: number, method: string, params: object): string {
  const given = era === '2026' ? { ...params, _meta: ENVELOPE } : params;
  return JSON.stringify({ jsonrpc: '2.0', id: number, method, params: given });
}
