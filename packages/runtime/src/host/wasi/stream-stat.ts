import { Filetype, type WasiStat } from '@lockgate/abi';

/** What is told of a stream, which is no file of the system. */
export function streamStat(): WasiStat {
  const [device, inode, links, size, accessed, modified, changed] = [0n, 0n, 1n, 0n, 0n, 0n, 0n];
  return { device, inode, type: Filetype.characterDevice, links, size, accessed, modified, changed };
}
