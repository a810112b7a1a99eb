import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { missed } from './live.ts';
import { ApiFailure, processOf, request } from './request.ts';

/** Something that a page shows: what the gateway said last of it, or why it said nothing. */
export interface Resource<T> {
  readonly value: ReadonlySignal<T | undefined>;
  readonly failure: ReadonlySignal<ApiFailure | undefined>;
  /** The process that it is of, where the gateway has several and another might say something else. */
  readonly process: ReadonlySignal<string | undefined>;
  /** Asks again; what is shown stays until the answer is there. */
  readonly reload: () => void;
  /** Puts news into it. Those that come while it is asked for are put into the answer as well, which may be older than they are. */
  readonly update: (change: (value: T) => T) => void;
}

/** Asks when the page opens, when the path changes, and when something may have been missed. What is shown stays until the answer is there. */
export function useResource<T>(path: string): Resource<T> {
  const value = useSignal<T | undefined>(undefined);
  const failure = useSignal<ApiFailure | undefined>(undefined);
  const process = useSignal<string | undefined>(undefined);
  const asking = useRef<AbortController>(undefined);
  /** News since it was asked for; undefined while nobody waits for an answer. */
  const meanwhile = useRef<((value: T) => T)[]>(undefined);

  const reload = useCallback(() => {
    asking.current?.abort();
    const { signal } = begun(asking);
    meanwhile.current = [];
    request<T>(path, { signal }).then(
      (answer) => {
        if (signal.aborted) return;
        process.value = processOf(answer);
        value.value = (meanwhile.current ?? []).reduce((told, change) => change(told), answer);
        meanwhile.current = undefined;
        failure.value = undefined;
      },
      (error: unknown) => {
        if (signal.aborted) return;
        failure.value = error instanceof ApiFailure ? error : unexpected(error);
        meanwhile.current = undefined;
      },
    );
  }, [path]);

  useEffect(() => {
    reload();
    return () => asking.current?.abort();
  }, [path]);

  useEffect(() => {
    let isFirst = true;
    return missed.subscribe(() => {
      if (!isFirst) reload();
      isFirst = false;
    });
  }, [reload]);

  const update = useCallback((change: (value: T) => T) => {
    meanwhile.current?.push(change);
    if (value.peek() !== undefined) value.value = change(value.peek() as T);
  }, []);
  return { value, failure, process, reload, update };
}

function unexpected(error: unknown): ApiFailure {
  return new ApiFailure({ code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) });
}

function begun(asking: { current: AbortController | undefined }): AbortController {
  asking.current = new AbortController();
  return asking.current;
}
