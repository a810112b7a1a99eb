import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** An address that clients can use: of a gateway that listens on every address of the machine, the first that others reach. */
export function pasteableAddress(
  url: string,
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>> = networkInterfaces(),
): string {
  const [, scheme, host, rest] = /^(https?:\/\/)(0\.0\.0\.0|\[::\])(.*)$/.exec(url) ?? [];
  if (host === undefined) return url;
  const outward = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  return `${scheme}${outward?.address ?? '127.0.0.1'}${rest}`;
}
