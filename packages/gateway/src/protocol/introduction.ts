import { MAX_ABOUT_BYTES } from './envelope.ts';
import { MODERN_VERSION, negotiateLegacy } from './era.ts';
import { ObjectText } from './frame/object-text.ts';
import { RpcCode, RpcError } from './rpc-error.ts';

/** How the gateway, or the one server behind an endpoint, introduces itself. */
export interface Introduction {
  readonly info: ObjectText;
  readonly capabilities: ObjectText;
  readonly instructions: string | undefined;
}

/** What a legacy client says of itself in its handshake. */
export interface Hello {
  readonly version: string;
  readonly capabilities: ObjectText;
  readonly clientInfo: ObjectText;
}

/**
 * Reads the parameters of `initialize`.
 *
 * @throws RpcError -32602 that names the member which is missing or of another kind.
 */
export function readHello(params: ObjectText | undefined): Hello {
  const invalid = (what: string): RpcError =>
    RpcError.of(RpcCode.invalidParams, `Invalid params: initialize needs ${what}`);
  const requested = params?.text('protocolVersion');
  if (requested === undefined) throw invalid('"protocolVersion", a string such as "2025-11-25"');
  const capabilities = params?.object('capabilities');
  if (!capabilities) throw invalid('"capabilities", an object; {} where the client has none');
  const clientInfo = params?.object('clientInfo');
  if (clientInfo?.text('name') === undefined || clientInfo.text('version') === undefined) {
    throw invalid('"clientInfo", an object with "name" and "version"');
  }
  for (const [key, { byteLength }] of Object.entries({ capabilities, clientInfo })) {
    if (byteLength > MAX_ABOUT_BYTES) throw invalid(`"${key}" of at most ${MAX_ABOUT_BYTES} bytes, got ${byteLength}`);
  }
  return {
    version: negotiateLegacy(requested),
    capabilities: capabilities.copy(),
    clientInfo: clientInfo.copy(),
  };
}

/** The result of `initialize`. */
export function helloResult(version: string, { info, capabilities, instructions }: Introduction): ObjectText {
  const result = ObjectText.EMPTY.withValue('protocolVersion', version)
    .with('capabilities', capabilities)
    .with('serverInfo', info);
  return instructions === undefined ? result : result.withValue('instructions', instructions);
}

/** The result of `server/discover`; `resultFor` adds what every modern result has. */
export function discoverResult({ capabilities, instructions }: Introduction): ObjectText {
  // Tasks are an extension in the modern era, not a capability.
  const result = ObjectText.EMPTY.withValue('supportedVersions', [MODERN_VERSION]).with(
    'capabilities',
    capabilities.without('tasks'),
  );
  return instructions === undefined ? result : result.withValue('instructions', instructions);
}
