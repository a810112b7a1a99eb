import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { CallAnswer, Tool } from '../../src/console/api.ts';
import { overview } from '../api/overview.ts';
import { ApiFailure, request } from '../api/request.ts';
import { milliseconds } from '../figures.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { AnswerView } from '../parts/answer-view.tsx';
import { Card } from '../parts/card.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Facts } from '../parts/facts.tsx';
import { Problem } from '../parts/problem.tsx';
import { SchemaView } from '../parts/schema-view.tsx';
import { Tags } from '../parts/tags.tsx';
import { ToolForm, useToolForm } from '../parts/tool-form.tsx';
import { whyNotOperator } from '../roles.ts';
import { linkTo } from '../route.ts';
import { propertiesOf } from '../schema/json-schema.ts';
import { resolveSchema } from '../schema/resolve-schema.ts';
import { callCommand } from '../shell-quote.ts';

/** One tool: what it says of itself, its arguments, and a form that calls it. */
export function ToolView({ of }: { readonly of: Tool }): JSX.Element {
  const hints = useMemo(() => hintsOf(of.annotations), [of.annotations]);
  const hasArguments = propertiesOf(resolveSchema(of.inputSchema, of.inputSchema)).length > 0;
  return (
    <div class="form">
      <Card title={of.title ?? of.ownName} isArrival>
        {of.description !== undefined && <p class="pre wrap">{of.description}</p>}
        <Facts
          of={[
            [
              'Server',
              <a key="server" href={linkTo('servers', of.server)}>
                {of.server}
              </a>,
            ],
            ['Its own name', of.ownName !== of.name && <code>{of.ownName}</code>],
            ['It says of itself', hints.length > 0 && <Tags of={hints} />],
          ]}
        />
      </Card>
      <Caller of={of} />
      {hasArguments && (
        <Card title="Arguments">
          <SchemaView schema={of.inputSchema} />
        </Card>
      )}
      {of.outputSchema !== undefined && (
        <Card title="Structured result">
          <SchemaView schema={of.outputSchema} />
        </Card>
      )}
    </div>
  );
}

function Caller({ of }: { readonly of: Tool }): JSX.Element {
  const form = useToolForm(of.inputSchema);
  const answer = useSignal<CallAnswer | undefined>(undefined);
  const failure = useSignal<ApiFailure | undefined>(undefined);
  const isRunning = useSignal(false);
  const call = async (): Promise<void> => {
    const args = form.read();
    if (args === undefined || isRunning.value) return;
    isRunning.value = true;
    try {
      answer.value = await request<CallAnswer>('call', { method: 'POST', body: { tool: of.name, arguments: args } });
      failure.value = undefined;
    } catch (error) {
      answer.value = undefined;
      failure.value =
        error instanceof ApiFailure ? error : new ApiFailure({ code: 'UNEXPECTED', message: String(error) });
    }
    isRunning.value = false;
  };
  return (
    <>
      <Card title="Call it">
        <ToolForm
          form={form}
          onSubmit={() => void call()}
          actions={
            <>
              <ActionButton
                label={isRunning.value ? 'Calling…' : 'Call'}
                kind="primary"
                why={whyNotOperator()}
                isBusy={isRunning.value}
                isSubmit
              />
              <CopyButton
                label="Copy as lockgate call"
                text={() => callCommand(of.name, form.read() ?? {}, overview.peek()?.configuration)}
              />
            </>
          }
        />
        <p class="visually-hidden" role="status">
          {isRunning.value ? 'Calling' : answer.value ? `Answered in ${milliseconds(answer.value.durationMs)}` : ''}
        </p>
        <p class="hint">The call is real. It goes through guards, limits and the audit log, as one of yours.</p>
      </Card>
      {failure.value && <Problem title={failure.value.message} remedy={failure.value.remedy} />}
      {answer.value && <AnswerView of={answer.value} />}
    </>
  );
}

const HINTS: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  readOnlyHint: ['only reads', 'changes things'],
  destructiveHint: ['may destroy', 'never destroys'],
  idempotentHint: ['safe to repeat', 'not safe to repeat'],
  openWorldHint: ['reaches outside', 'stays local'],
};

function hintsOf(annotations: Tool['annotations'] = {}): readonly string[] {
  return Object.entries(HINTS).flatMap(([name, [yes, no]]) => {
    const value = annotations[name];
    return typeof value === 'boolean' ? [value ? yes : no] : [];
  });
}
