/** Where a thread's own code lies, and how Node is called for it. */
export interface ThreadEntry {
  readonly entry: URL;
  readonly execArgv: readonly string[];
}

/**
 * The entry of this name beside a file. From source Node strips the types itself; built, it lies beside the file's bundle.
 *
 * @param beside - The file's `import.meta.url`.
 */
export function besideFile(beside: string, name: string): ThreadEntry {
  const isSource = beside.endsWith('.ts');
  return {
    entry: new URL(`./${name}${isSource ? '.ts' : '.js'}`, beside),
    execArgv: isSource ? ['--conditions=@lockgate/source'] : [],
  };
}
