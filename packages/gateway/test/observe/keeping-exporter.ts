import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace';

/** Keeps what was exported when the provider shuts down. */
export class KeepingExporter extends InMemorySpanExporter {
  readonly kept: ReadableSpan[] = [];

  override export(...[spans, done]: Parameters<InMemorySpanExporter['export']>): void {
    this.kept.push(...spans);
    super.export(spans, done);
  }
}
