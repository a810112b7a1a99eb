/** What a browser holds and does, as far as logins go: cookies by host, forms, and redirects that are followed by hand. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  /** Opens a page; redirects are followed. */
  async open(url: string, init: RequestInit = {}): Promise<{ status: number; text: string; url: string }> {
    let at = url;
    let how: RequestInit = init;
    for (let hops = 0; hops < 10; hops++) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...(how.headers as Record<string, string>), ...(cookie !== '' && { cookie }) };
      const response = await fetch(at, { ...how, headers, redirect: 'manual' });
      for (const line of response.headers.getSetCookie()) {
        const [pair = ''] = line.split(';');
        this.#cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
      }
      const location = response.headers.get('location');
      const text = await response.text();
      if (response.status < 300 || response.status > 399 || location === null)
        return { status: response.status, text, url: at };
      at = new URL(location, at).href;
      how = {};
    }
    throw new Error('too many redirects');
  }

  /** Sends the form of a page of the gateway. */
  submit(url: string, fields: Record<string, string>): ReturnType<Browser['open']> {
    const headers = { origin: new URL(url).origin, 'content-type': 'application/x-www-form-urlencoded' };
    return this.open(url, { method: 'POST', headers, body: new URLSearchParams(fields).toString() });
  }

  /** Logs in at an address that a call has named; answers the last page. */
  async logIn(link: string, fields: Record<string, string> = {}, as = 'alice'): ReturnType<Browser['open']> {
    const page = await this.submit(link, fields);
    const onwards = hrefIn(page.text);
    if (onwards === undefined) return page;
    return this.open(`${onwards}&as=${as}`);
  }
}

/** Where the one link of a page leads. */
export function hrefIn(page: string): string | undefined {
  const [, href] = /<a class="go" href="([^"]+)"/.exec(page) ?? [];
  return href?.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

/** The address in the sentence of a call that needs a login. */
export function linkIn(sentence: string): string {
  return /https?:\/\/\S+\/connect\/\S+/.exec(sentence)?.[0] ?? `no link in: ${sentence}`;
}
