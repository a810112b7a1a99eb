import { basename } from 'node:path';
import { parseListen } from '../config/gateway-section.ts';
import { childTree, type Tree } from './tree.ts';

/** Whether an entry leads to the gateway of a configuration itself, which would call itself without end. */
export function isGatewayItself(entry: Tree, configuration: Tree): boolean {
  const { command, args, url } = entry;
  if (typeof command === 'string') {
    const words = [basename(command), ...(Array.isArray(args) ? args.map(String) : [])];
    return words.includes('lockgate') && words.includes('serve');
  }
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const { listen = '127.0.0.1:3000', publicUrl } = childTree(configuration, 'gateway') ?? {};
  const address = new URL(url);
  if (typeof publicUrl === 'string' && URL.canParse(publicUrl) && new URL(publicUrl).host === address.host) return true;
  const own = typeof listen === 'string' ? parseListen(listen) : null;
  const port = Number(address.port || (address.protocol === 'https:' ? 443 : 80));
  return (
    own !== null &&
    port === own.port &&
    port !== 0 &&
    isLoopback(address.hostname) &&
    /^\/(mcp|sse)\b/.test(address.pathname)
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host) || host === '0.0.0.0';
}
