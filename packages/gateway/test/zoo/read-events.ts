export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** The events of a stream as they come. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = (text + chunk).replaceAll('\r\n', '\n').split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) yield parse(event);
  }
}

function parse(text: string): ServerEvent {
  const lines = text.split('\n');
  const field = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''));
  return { event: field('event')[0] ?? 'message', data: field('data').join('\n') };
}
