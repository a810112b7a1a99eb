import type { JSX } from 'preact';
import { bytes } from '../figures.ts';
import { isObject, textOf } from '../schema/json-schema.ts';
import { ScrollArea } from './scroll-area.tsx';

/** Kinds of pictures that are shown. SVG is none of them: it is a document. */
const PICTURES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** A picture of more base64 than this is named, not shown. */
const LARGEST = 8_000_000;
/** A text of more characters than this is shown in part. */
const LONGEST = 200_000;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** One block of a result. It comes from a server that nobody vouches for: texts stay texts, pictures are data, links say where they lead. */
export function ContentView({ of }: { readonly of: Readonly<Record<string, unknown>> }): JSX.Element {
  switch (of.type) {
    case 'text':
      return <LongText label="Text of the result" text={textOf(of.text) ?? ''} />;
    case 'image':
      return <Picture data={of.data} mimeType={of.mimeType} />;
    case 'audio':
      return (
        <p class="muted">{`Audio, ${textOf(of.mimeType) ?? 'of no type'}, ${sizeOf(of.data)}: the JSON has it.`}</p>
      );
    case 'resource_link':
      return <ResourceLink uri={textOf(of.uri) ?? ''} name={textOf(of.title) ?? textOf(of.name)} />;
    case 'resource': {
      const resource = isObject(of.resource) ? of.resource : {};
      const uri = textOf(resource.uri) ?? '';
      return (
        <div class="field">
          <ResourceLink uri={uri} name={undefined} />
          {typeof resource.text === 'string' ? (
            <LongText label={`Text of ${uri}`} text={resource.text} />
          ) : (
            <p class="muted">{`${textOf(resource.mimeType) ?? 'Bytes'}, ${sizeOf(resource.blob)}: the JSON has it.`}</p>
          )}
        </div>
      );
    }
    default:
      return (
        <p class="muted">{`A block of the kind “${textOf(of.type) ?? 'unknown'}”, which this page cannot show: the JSON has it.`}</p>
      );
  }
}

function LongText({ label, text }: { readonly label: string; readonly text: string }): JSX.Element {
  if (text === '') return <p class="muted">An empty text.</p>;
  return (
    <>
      <ScrollArea label={label} class="lines">
        {text.slice(0, LONGEST)}
      </ScrollArea>
      {text.length > LONGEST && (
        <p class="muted small">This is the beginning; the whole has {bytes(text.length)}. The JSON has all of it.</p>
      )}
    </>
  );
}

function Picture({ data, mimeType }: { readonly data: unknown; readonly mimeType: unknown }): JSX.Element {
  const isShown =
    typeof mimeType === 'string' &&
    PICTURES.has(mimeType) &&
    typeof data === 'string' &&
    data.length <= LARGEST &&
    BASE64.test(data);
  if (!isShown)
    return (
      <p class="muted">{`A picture, ${textOf(mimeType) ?? 'of no type'}, ${sizeOf(data)}, which is not shown here: the JSON has it.`}</p>
    );
  return (
    <figure class="field">
      <img class="picture" src={`data:${mimeType};base64,${data}`} alt="What the tool answered with" />
      <figcaption class="muted small">
        {mimeType}, {sizeOf(data)}
      </figcaption>
    </figure>
  );
}

function ResourceLink({ uri, name }: { readonly uri: string; readonly name: string | undefined }): JSX.Element {
  const isWeb = /^https?:\/\//i.test(uri);
  return (
    <p class="wrap">
      {name !== undefined && name !== uri && <strong>{name} </strong>}
      {isWeb ? (
        <a href={uri} target="_blank" rel="noopener noreferrer nofollow">
          {uri}
        </a>
      ) : (
        <code>{uri}</code>
      )}
    </p>
  );
}

function sizeOf(base64: unknown): string {
  return typeof base64 === 'string' ? bytes(Math.floor((base64.length * 3) / 4)) : 'nothing in it';
}
