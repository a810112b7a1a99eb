import type { ExternKind } from './wasm/declarations.ts';

/** A kind of guest. */
export type GuestKind = 'plugin' | 'guard';

const WASI_MODULE = 'wasi_snapshot_preview1';

// Everything in WASI preview 1; the host decides what each may do.
const WASI_FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'args_get args_sizes_get clock_res_get clock_time_get environ_get environ_sizes_get fd_advise fd_allocate ' +
    'fd_close fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get ' +
    'fd_filestat_set_size fd_filestat_set_times fd_pread fd_prestat_dir_name fd_prestat_get fd_pwrite fd_read ' +
    'fd_readdir fd_renumber fd_seek fd_sync fd_tell fd_write path_create_directory path_filestat_get ' +
    'path_filestat_set_times path_link path_open path_readlink path_remove_directory path_rename path_symlink ' +
    'path_unlink_file poll_oneoff proc_exit proc_raise random_get sched_yield sock_accept sock_recv sock_send ' +
    'sock_shutdown'
  ).split(' '),
);

/** What the host supplies under `env` to each kind of guest. Source: ABI.md §1 and §2, "Imports". */
const ENV_FUNCTIONS: Readonly<Record<GuestKind, Readonly<Record<string, string>>>> = {
  plugin: { host_http_request: '(i64) -> i64', host_log: '(i32, i32) -> ()' },
  guard: { call_backend: '(i32, i32, i32, i32, i32, i32) -> i32', host_log: '(i32, i32, i32) -> ()' },
};

/** An import as a module asks for it. */
export interface AskedImport {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
  /** Of functions, as `(i32, i32) -> i64`. */
  readonly signature?: string;
}

/** Why the host cannot supply an import to such a guest, in plain words; `undefined` when it can. */
export function importProblem(guest: GuestKind, asked: AskedImport): string | undefined {
  const { module, name, kind, signature } = asked;
  if (kind !== 'function') return `a host supplies functions only, no ${kind}`;
  if (module === WASI_MODULE) return WASI_FUNCTIONS.has(name) ? undefined : 'not in WASI preview 1';
  if (module !== 'env') return `a host supplies "env" and "${WASI_MODULE}" only`;
  const supplied = ENV_FUNCTIONS[guest];
  const expected = Object.hasOwn(supplied, name) ? supplied[name] : undefined;
  if (expected === undefined) return `not among ${Object.keys(supplied).join(', ')}`;
  return signature === expected ? undefined : `must be ${expected}, found ${signature ?? 'another type'}`;
}
