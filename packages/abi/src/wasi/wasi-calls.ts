/** Functions of WASI by name. One that answers no number has succeeded; each may throw `WasiError`. */
export type WasiCalls = Readonly<Record<string, (...args: never[]) => unknown>>;
