import { signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Configuration, ConfigurationReloaded } from '../../../src/console/api.ts';
import { session } from '../../api/credentials.ts';
import { request } from '../../api/request.ts';
import { useResource } from '../../api/resource.ts';
import { counted } from '../../figures.ts';
import { tell } from '../../notices.ts';
import { ActionButton } from '../../parts/action-button.tsx';
import { Card } from '../../parts/card.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { whyNotOperator } from '../../roles.ts';
import { Differences } from './differences.tsx';
import { Editor } from './editor.tsx';
import { Problems } from './problems.tsx';
import { ValueTable } from './value-table.tsx';

/** Every value that holds and where it comes from; what is wrong with the file; and, where it is allowed, another text for it. */
export function ConfigurationPage(): JSX.Element {
  const configuration = useResource<Configuration>('configuration');
  const known = configuration.value.value;
  return (
    <Page
      title="Configuration"
      lead={known && <span class="mono wrap">{known.source}</span>}
      beside={<ReloadButton onDone={configuration.reload} />}
    >
      <Loaded of={configuration}>
        {(of) => (
          <>
            <LastReload />
            {of.waitsForRestart.length > 0 && (
              <Problem
                tone="warn"
                title={`Changed in the file, and waiting for a restart: ${of.waitsForRestart.join(', ')}`}
                remedy="Restart the gateway to apply it. Everything else of the file is applied already."
              />
            )}
            {of.notes.map((note) => (
              <Problem key={note} tone="note" title="Note" remedy={note} />
            ))}
            <ValueTable of={of.values} />
            {of.text === undefined ? (
              <NoEditor />
            ) : (
              <Editor key={of.revision} of={of} text={of.text} onApplied={configuration.reload} />
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

const NOT_ALLOWED =
  'The file is changed with an editor, and applied as soon as it is saved. To change it here, set “allowConfigurationChanges” to true under “gateway.console” in it, and restart the gateway.';
const NOT_EDITABLE =
  'There is no file that could be written, or its secrets cannot be told apart from the rest: use an editor.';

function NoEditor(): JSX.Element {
  const state = session.value;
  const isAllowed = state?.signedIn === true && state.mayChangeConfiguration;
  return (
    <Card title="Change it">
      <p class="muted">{whyNotOperator() ?? (isAllowed ? NOT_EDITABLE : NOT_ALLOWED)}</p>
    </Card>
  );
}

/** What came of reading the file again, until the page is left for good. */
const reloaded = signal<ConfigurationReloaded | undefined>(undefined);

function ReloadButton({ onDone }: { readonly onDone: () => void }): JSX.Element {
  const isBusy = useSignal(false);
  const reload = async (): Promise<void> => {
    isBusy.value = true;
    try {
      const answer = await request<ConfigurationReloaded>('configuration/reload', { method: 'POST', body: {} });
      reloaded.value = answer;
      if (answer.isApplied) tell('The file was read again and is applied.');
      else tell('The file cannot be used; what was served before stays.', 'bad');
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), 'bad');
    }
    isBusy.value = false;
    onDone();
  };
  return (
    <ActionButton
      label={isBusy.value ? 'Reading…' : 'Read the file again'}
      why={whyNotOperator()}
      isBusy={isBusy.value}
      onPress={() => void reload()}
    />
  );
}

function LastReload(): JSX.Element | null {
  const last = reloaded.value;
  if (last === undefined) return null;
  return (
    <Card title={last.isApplied ? 'Applied' : 'Not applied'}>
      {last.replaced !== undefined && (
        <p>{`${counted(last.replaced, 'process', 'processes')} started anew, one after the other.`}</p>
      )}
      {last.isApplied ? <Differences of={last.difference} /> : <Problems of={last.problems} />}
    </Card>
  );
}
