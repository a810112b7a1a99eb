/** Whether a command names a module or component by its ending, which no machine runs as a program. */
export function isModule(command: string): boolean {
  return /\.wasm$/i.test(command);
}
